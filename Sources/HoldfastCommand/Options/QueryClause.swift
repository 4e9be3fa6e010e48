import Holdfast
import HoldfastModel
import HoldfastSupport

/// A condition of `holdfast query`, such as `state=FAILED`, `durationMs>=1000` or `/usage/model^=claude`.
struct QueryClause: Hashable, Sendable {
    /// What it means.
    let predicate: Predicate

    private static let operators = ["!=", "<=", ">=", "^=", "*=", "=", "<", ">"]

    /// Reads a condition.
    ///
    /// - Parameter text: a field, an operator, a value; a value that is not a JSON scalar is a string.
    /// - Throws: `invalid` for a text without an operator.
    init(_ text: String) throws(HoldfastError) {
        guard let (field, sign, value) = Self.parts(of: text) else {
            throw HoldfastError(
                .invalid,
                "--where is \"\(text)\", expected FIELD=VALUE, or one of != < <= > >= ^= (begins with) *= (has) between"
            )
        }
        let operand = Self.operand(field)
        let scalar = Self.scalar(value)
        predicate =
            switch sign {
            case "!=": !operand.equals(scalar)
            case "<": operand.isLess(than: scalar)
            case "<=": operand.isAtMost(scalar)
            case ">": operand.isGreater(than: scalar)
            case ">=": operand.isAtLeast(scalar)
            case "^=": operand.hasPrefix(value)
            case "*=": operand.contains(value)
            default: operand.equals(scalar)
            }
    }

    /// A pointer, a word that begins with `@`, or the name of a member.
    static func operand(_ text: String) -> Operand {
        text.hasPrefix("/") || text.hasPrefix("@") ? .pointer(text) : .member(text)
    }

    private static func scalar(_ text: String) -> Filter.Scalar {
        let json = Array(text.utf8)
        let isJSON = (try? JSONSyntax.checkScalar(json.span)) != nil
        return isJSON ? Filter.Scalar(json: Bytes(json)) : Filter.Scalar(text)
    }

    /// The first operator splits the text, of several at one place the longest.
    private static func parts(of text: String) -> (field: String, sign: String, value: String)? {
        var rest = Substring(text)
        while !rest.isEmpty {
            if let sign = operators.first(where: { rest.hasPrefix($0) }) {
                let field = text[..<rest.startIndex]
                return field.isEmpty ? nil : (String(field), sign, String(rest.dropFirst(sign.count)))
            }
            rest = rest.dropFirst()
        }
        return nil
    }
}
