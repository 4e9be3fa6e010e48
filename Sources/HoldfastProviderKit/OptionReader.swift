/// The options of one backend in storage.yaml, as the host passes them, read with their bounds.
///
/// The host has resolved secrets and units: a duration arrives as a whole number of milliseconds under the key as
/// it is written in YAML (its schema says `"format": "duration"`), a size as a whole number of bytes
/// (`"format": "size"`). Every failure is `invalid` and names the option, never the value of a secret.
public struct OptionReader: Hashable, Sendable {
    private let members: JSONValue
    private let path: String

    /// Reads a JSON object; an empty text is an object without members.
    public init(_ json: BorrowedBytes) throws(ProviderError) {
        try self.init(json.isEmpty ? .object([]) : JSONValue(parsing: json))
    }

    /// Reads a JSON object; an empty text is an object without members.
    public init(_ json: String) throws(ProviderError) {
        try self.init(json.isEmpty ? .object([]) : JSONValue(parsing: json))
    }

    private init(_ value: JSONValue, path: String = "") throws(ProviderError) {
        guard case .object(let members) = value else {
            throw ProviderError(
                .invalid, "\(path.isEmpty ? "options are" : "\(path) is") \(value.kind), expected an object")
        }
        var names: Set<String> = []
        for member in members where !names.insert(member.name).inserted {
            throw ProviderError(.invalid, "option \"\(path)\(member.name)\" is given twice")
        }
        self.members = value
        self.path = path
    }

    /// Refuses every option that is not in a list.
    public func rejectUnknown(except known: [String]) throws(ProviderError) {
        guard case .object(let members) = members else { return }
        for member in members where !known.contains(member.name) {
            throw ProviderError(
                .invalid,
                "unknown option \"\(path)\(member.name)\", expected one of \(known.joined(separator: ", "))")
        }
    }

    /// An option as it is; `null` is as good as absent.
    public func value(_ name: String) -> JSONValue? {
        guard let value = members[name], value != .null else { return nil }
        return value
    }

    /// A text, or nothing.
    public func string(_ name: String) throws(ProviderError) -> String? {
        guard let value = value(name) else { return nil }
        guard case .string(let string) = value else { throw mismatch(name, value, "a string") }
        return string
    }

    /// A text that must be there and must not be empty.
    public func requiredString(_ name: String) throws(ProviderError) -> String {
        guard let string = try string(name), !string.isEmpty else {
            throw ProviderError(.invalid, "option \"\(path)\(name)\" is missing, expected a text")
        }
        return string
    }

    /// One of a few words.
    public func choice<Value>(
        _ name: String, _ words: KeyValuePairs<String, Value>, default standard: Value
    ) throws(ProviderError) -> Value {
        guard let string = try string(name) else { return standard }
        guard let choice = words.first(where: { $0.key == string }) else {
            let known = words.map(\.key).joined(separator: ", ")
            throw ProviderError(
                .invalid, "option \"\(path)\(name)\" is \"\(string)\", expected one of \(known)")
        }
        return choice.value
    }

    /// `true` or `false`.
    public func bool(_ name: String, default standard: Bool) throws(ProviderError) -> Bool {
        guard let value = value(name) else { return standard }
        guard case .bool(let bool) = value else { throw mismatch(name, value, "true or false") }
        return bool
    }

    /// A whole number inside bounds.
    public func integer(
        _ name: String, in bounds: ClosedRange<Int64>, default standard: Int64
    ) throws(ProviderError) -> Int64 {
        try whole(name, in: bounds, unit: "") ?? standard
    }

    /// A time inside bounds.
    public func duration(
        _ name: String, in bounds: ClosedRange<Duration>, default standard: Duration
    ) throws(ProviderError) -> Duration {
        let lower = Self.milliseconds(bounds.lowerBound)
        let upper = Self.milliseconds(bounds.upperBound)
        return try whole(name, in: lower...upper, unit: " ms").map { .milliseconds($0) } ?? standard
    }

    /// A number of bytes inside bounds.
    public func byteCount(
        _ name: String, in bounds: ClosedRange<Int64>, default standard: Int64
    ) throws(ProviderError) -> Int64 {
        try whole(name, in: bounds, unit: " bytes") ?? standard
    }

    /// Options inside an option.
    public func object(_ name: String) throws(ProviderError) -> OptionReader? {
        guard let value = value(name) else { return nil }
        return try OptionReader(value, path: "\(path)\(name).")
    }

    /// A list of texts, empty where the option is absent.
    public func strings(_ name: String) throws(ProviderError) -> [String] {
        guard let value = value(name) else { return [] }
        guard case .array(let elements) = value else { throw mismatch(name, value, "a list of texts") }
        return try elements.map { element throws(ProviderError) in
            guard case .string(let string) = element else { throw mismatch(name, element, "a list of texts") }
            return string
        }
    }

    private func whole(
        _ name: String, in bounds: ClosedRange<Int64>, unit: String
    ) throws(ProviderError) -> Int64? {
        guard let value = value(name) else { return nil }
        guard case .integer(let whole) = value else { throw mismatch(name, value, "a whole number") }
        guard bounds.contains(whole) else {
            throw ProviderError(
                .invalid,
                "option \"\(path)\(name)\" is \(whole)\(unit), "
                    + "expected \(bounds.lowerBound) to \(bounds.upperBound)\(unit)")
        }
        return whole
    }

    private func mismatch(_ name: String, _ value: JSONValue, _ expected: String) -> ProviderError {
        ProviderError(.invalid, "option \"\(path)\(name)\" is \(value.kind), expected \(expected)")
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        return overflow
            ? .max : scaled.addingReportingOverflow(attoseconds / 1_000_000_000_000_000).partialValue
    }
}
