internal import HoldfastModel
internal import HoldfastSupport

/// What a query looks at in a record: a value inside its JSON, or something that is known of every record.
///
/// A value is looked for by its place. Of members with one name the last counts. What is not JSON has no values inside.
/// A wrong pointer is refused with `invalid` when the query is asked.
public struct Operand: Hashable, Sendable {
    let text: [UInt8]

    private init(_ text: [UInt8]) { self.text = text }
    private init(_ text: String) { self.init(Array(text.utf8)) }

    /// The member of the outermost object.
    public static func member(_ name: String) -> Operand { path([name]) }

    /// The value behind a way through members of objects and positions in arrays.
    public static func path(_ steps: [String]) -> Operand {
        Operand(SelectText.text(of: .value(steps.map { Array($0.utf8) })))
    }

    /// The value at a JSON pointer, such as `/usage/input_tokens`; the empty one is the whole value.
    ///
    /// Source: RFC 6901.
    public static func pointer(_ text: String) -> Operand { Operand(text) }

    /// The key, a string.
    public static let key = Operand("@key")
    /// The id, a string of 32 hexadecimal digits: rises from the oldest item to the newest, also across lists.
    public static let id = Operand("@id")
    /// The version, a string of 32 hexadecimal digits.
    public static let version = Operand("@version")
    /// When an item was appended or a document written, in Unix milliseconds.
    public static let time = Operand("@time")
    /// When a record was written last, in Unix milliseconds.
    public static let changed = Operand("@changed")
}

extension Operand {
    /// Whether the value is a scalar that equals another; nothing equals what is missing.
    public func equals(_ scalar: Filter.Scalar) -> Predicate { compare("eq", scalar) }
    /// Whether the value is one of some scalars.
    public func isIn(_ scalars: [Filter.Scalar]) -> Predicate {
        Predicate(
            "in", [quoted, Predicate.array(scalars.map(\.json.array))],
            problem: scalars.lazy.compactMap(\.problem).first)
    }
    /// Whether the value is of the same kind as a scalar, and below it.
    public func isLess(than scalar: Filter.Scalar) -> Predicate { compare("lt", scalar) }
    /// Whether the value is of the same kind as a scalar, and not above it.
    public func isAtMost(_ scalar: Filter.Scalar) -> Predicate { compare("le", scalar) }
    /// Whether the value is of the same kind as a scalar, and above it.
    public func isGreater(than scalar: Filter.Scalar) -> Predicate { compare("gt", scalar) }
    /// Whether the value is of the same kind as a scalar, and not below it.
    public func isAtLeast(_ scalar: Filter.Scalar) -> Predicate { compare("ge", scalar) }
    /// Whether there is a value, `null` included.
    public var exists: Predicate { Predicate("exists", quoted) }
    /// Whether the value is of a kind.
    public func isKind(_ kind: Predicate.Kind) -> Predicate {
        Predicate("type", [quoted, JSONText.quoted(kind.rawValue.utf8)])
    }
    /// Whether the value is a string that begins so.
    ///
    /// - Parameters:
    ///   - text: up to 4096 bytes.
    ///   - ignoringCase: takes `A` to `Z` for `a` to `z`; other letters always differ.
    /// - Returns: a predicate.
    public func hasPrefix(_ text: String, ignoringCase: Bool = false) -> Predicate {
        Predicate(ignoringCase ? "iprefix" : "prefix", [quoted, JSONText.quoted(text.utf8)])
    }
    /// Whether the value is a string that has this inside.
    ///
    /// - Parameters:
    ///   - text: up to 4096 bytes.
    ///   - ignoringCase: takes `A` to `Z` for `a` to `z`; other letters always differ.
    /// - Returns: a predicate.
    public func contains(_ text: String, ignoringCase: Bool = false) -> Predicate {
        Predicate(ignoringCase ? "icontains" : "contains", [quoted, JSONText.quoted(text.utf8)])
    }
    /// Whether terms occur in the strings inside the value, at any depth, all of them.
    ///
    /// - Parameter terms: each a word, or several that follow each other in one string; a `*` at the end makes the last the
    ///   beginning of a word. Letters and digits make words, upper and lower case are one; see
    ///   `docs/reference/search.md`.
    /// - Returns: a predicate; one for this operand alone, which must be a pointer.
    public func hasWords(_ terms: [String]) -> Predicate {
        Predicate("words", [quoted, Predicate.array(terms.map { JSONText.quoted($0.utf8) })])
    }
    /// Whether the value is an array one of whose elements satisfies a predicate; pointers begin at the element.
    public func anyElement(where predicate: Predicate) -> Predicate {
        Predicate("any", [quoted, predicate.json], problem: predicate.problem)
    }

    private func compare(_ name: String, _ scalar: Filter.Scalar) -> Predicate {
        Predicate(name, [quoted, scalar.json.array], problem: scalar.problem)
    }

    var quoted: [UInt8] { JSONText.quoted(text) }
}

extension Filter.Scalar {
    /// Why this is no scalar, or nothing; else it could pass for another part of a query.
    fileprivate var problem: String? {
        SelectScalar(json: json.array) == nil ? "\(description.prefix(60)) is not a JSON scalar" : nil
    }

    private var description: String { json.description }
}
