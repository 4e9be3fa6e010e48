internal import HoldfastConfiguration
internal import HoldfastModel

/// One parameter of a route: what it is called, where it stands, what it may be.
struct RouteParameter: Sendable {
    /// Where a parameter stands.
    enum Place: String, Sendable {
        case path, query, header
    }

    /// What a parameter may be.
    enum Kind: Sendable {
        /// Any text.
        case text
        /// A whole number.
        case integer
        /// `true` or `false`.
        case flag
        /// 32 hexadecimal digits.
        case version
        /// A number of seconds, such as `30` or `0.5`.
        case seconds
        /// One of some words.
        case choice([String])
    }

    let name: String
    let place: Place
    let kind: Kind
    /// One sentence for the reference.
    let summary: String
    /// What holds when it is not given, for the reference.
    var fallback: String?
    /// Whether it may be given more than once.
    var repeats = false
    /// What a whole number may be.
    var bounds: ClosedRange<Int>?
    /// What a text looks like, for the reference: a regular expression of ECMA-262.
    var pattern: String?
    /// Whether the route words the refusal of a wrong form, as the API that it speaks does.
    private(set) var isCheckedByRoute = false
    /// Whether a request without it is refused, for the reference; always so of a part of the path.
    var isRequired = false

    /// A parameter of the query.
    static func query(
        _ name: String, _ kind: Kind, _ summary: String, fallback: String? = nil, repeats: Bool = false,
        bounds: ClosedRange<Int>? = nil, isRequired: Bool = false
    ) -> RouteParameter {
        RouteParameter(
            name: name, place: .query, kind: kind, summary: summary, fallback: fallback, repeats: repeats,
            bounds: bounds, isRequired: isRequired)
    }

    /// The same parameter, whose form the route checks.
    var checkedByRoute: RouteParameter {
        var parameter = self
        parameter.isCheckedByRoute = true
        return parameter
    }

    /// A header.
    static func header(_ name: String, _ summary: String, pattern: String? = nil) -> RouteParameter {
        RouteParameter(name: name, place: .header, kind: .text, summary: summary, pattern: pattern)
    }

    /// A part of the path, which is text always.
    static func path(_ name: String, _ summary: String, pattern: String? = nil) -> RouteParameter {
        RouteParameter(
            name: name, place: .path, kind: .text, summary: summary, pattern: pattern, isRequired: true)
    }

    /// Checks the form of a value.
    ///
    /// - Throws: `invalid`, with the name and what would be right.
    func check(_ value: String) throws(HoldfastError) {
        guard !isCheckedByRoute, let expected = expectation(of: value) else { return }
        throw HoldfastError(.invalid, "\(name) is \"\(value.prefix(80))\", expected \(expected)")
    }

    /// Whether a value has the right form.
    func isValid(_ value: String) -> Bool { expectation(of: value) == nil }

    /// What would be right in place of a value, or nothing where it is.
    private func expectation(of value: String) -> String? {
        switch kind {
        case .text: nil
        case .integer: integerExpectation(of: value)
        case .flag: ["", "true", "false"].contains(value) ? nil : "true or false"
        case .version: Version(value) == nil ? "32 hexadecimal digits" : nil
        case .seconds:
            Self.seconds(value) == nil ? "a number of seconds above zero, such as 30 or 0.5" : nil
        case .choice(let words):
            words.contains(value)
                ? nil
                : Spelling.nearest(to: value, among: words).map {
                    "one of the known words; did you mean \($0)?"
                }
                    ?? "one of \(words.joined(separator: ", "))"
        }
    }

    private func integerExpectation(of value: String) -> String? {
        guard let number = Int(value) else { return "a whole number" }
        guard let bounds, !bounds.contains(number) else { return nil }
        return "\(bounds.lowerBound) to \(bounds.upperBound)"
    }

    /// A number of seconds above zero, to the millisecond.
    static func seconds(_ text: String) -> Duration? {
        // No hexadecimal numbers and infinities, which the conversion would take.
        guard text.utf8.count <= 20, text.utf8.allSatisfy("0123456789.eE-+".utf8.contains),
            let number = Double(text), number > 0, number < 1e10
        else { return nil }
        return .milliseconds(max(1, Int64((number * 1000).rounded())))
    }
}
