internal import CHoldfastProvider

/// In which role a driver is opened.
public enum Role: UInt32, Hashable, Sendable {
    /// Documents and lists.
    case store = 1
    /// The write-ahead log.
    case log = 2
}

/// What storage.yaml says about one backend.
public struct OpenRequest: Hashable, Sendable {
    /// In which role.
    public var role: Role
    /// The name in storage.yaml, for messages and metrics.
    public var instance: String
    /// The plugin's own options.
    public var options: OptionReader
    /// The fields that queries will filter on, by namespace.
    public var indexes: [String: [String]]

    /// Makes a request.
    public init(role: Role, instance: String, options: OptionReader, indexes: [String: [String]] = [:]) {
        self.role = role
        self.instance = instance
        self.options = options
        self.indexes = indexes
    }

    init(_ request: hf_open, role: Role) throws(ProviderError) {
        self.role = role
        unsafe instance = BorrowedBytes(request.instance).readable
        unsafe options = try OptionReader(BorrowedBytes(request.options_json))
        unsafe indexes = try Self.indexes(BorrowedBytes(request.indexes_json))
    }

    private static func indexes(_ json: BorrowedBytes) throws(ProviderError) -> [String: [String]] {
        guard !json.isEmpty else { return [:] }
        guard case .object(let members) = try JSONValue(parsing: json) else {
            throw ProviderError(.invalid, "indexes are not a JSON object")
        }
        let reader = try OptionReader(json)
        var indexes: [String: [String]] = [:]
        for member in members { indexes[member.name] = try reader.strings(member.name) }
        return indexes
    }
}
