internal import HoldfastConfiguration
internal import HoldfastModel

/// The query of a request, decoded and held against what the route takes.
struct QueryValues: Sendable {
    private let values: [(name: String, value: String)]

    /// Decodes a query.
    ///
    /// - Parameters:
    ///   - text: raw, without the `?`.
    ///   - parameters: what the route takes.
    /// - Throws: `invalid` for a name that the route does not take, with the nearest that it does; for one that is given
    ///   twice and does not repeat; for a value of another kind.
    init(_ text: Substring.UTF8View?, of parameters: [RouteParameter]) throws(HoldfastError) {
        guard let text, !text.isEmpty else {
            values = []
            return
        }
        var values: [(name: String, value: String)] = []
        for part in text.split(separator: UInt8(ascii: "&")) {
            let equals = part.firstIndex(of: UInt8(ascii: "="))
            let name = try PercentText.decode(query: part[..<(equals ?? part.endIndex)])
            guard let parameter = parameters.first(where: { $0.name == name && $0.place == .query }) else {
                throw Self.unknown(name, parameters)
            }
            guard parameter.repeats || !values.contains(where: { $0.name == name }) else {
                throw HoldfastError(
                    .invalid, "the query parameter \"\(name)\" is given twice, expected once")
            }
            let value = try equals.map { place throws(HoldfastError) in
                try PercentText.decode(query: part[part.index(after: place)...])
            }
            try parameter.check(value ?? "")
            values.append((name, value ?? ""))
        }
        self.values = values
    }

    private static func unknown(_ name: String, _ parameters: [RouteParameter]) -> HoldfastError {
        let names = parameters.filter { $0.place == .query }.map(\.name)
        let advice =
            Spelling.nearest(to: name, among: names).map { "did you mean \"\($0)\"?" }
            ?? (names.isEmpty ? "this route takes none" : "expected one of \(names.joined(separator: ", "))")
        return HoldfastError(.invalid, "unknown query parameter \"\(name.prefix(80))\", \(advice)")
    }

    /// The value of a parameter, or nothing where it is not given.
    subscript(name: String) -> String? { values.first { $0.name == name }?.value }

    /// The values of a parameter that repeats, in order.
    func all(_ name: String) -> [String] { values.filter { $0.name == name }.map(\.value) }

    /// A whole number; its form was checked.
    func integer(_ name: String) -> Int? { self[name].flatMap { Int($0) } }

    /// Whether a flag is set; its form was checked, and a name without a value is `true`.
    func flag(_ name: String) -> Bool { self[name].map { $0.isEmpty || $0 == "true" } ?? false }

    /// A version or an id; its form was checked.
    func version(_ name: String) -> Version? { self[name].flatMap { Version($0) } }

    /// A number of seconds; its form was checked.
    func seconds(_ name: String) -> Duration? { self[name].flatMap { RouteParameter.seconds($0) } }
}
