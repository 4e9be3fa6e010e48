internal import HoldfastProviderKit

/// The options of one backend of type `postgresql`, checked.
struct PostgresOptions: Hashable, Sendable {
    /// One keyword of a connection string and its value.
    struct Setting: Hashable, Sendable {
        let keyword: String
        let value: String
    }

    /// What is given to libpq, a later one winning over an earlier.
    var settings: [Setting]
    /// The schema of the tables, or nothing for the first of the server's `search_path`.
    var schema: String?
    /// What the name of each table begins with.
    var tablePrefix: String
    /// What a session sets `synchronous_commit` to, or nothing to keep the server's.
    var synchronousCommit: String?
    /// How long the server runs one statement at most; 0 is no bound.
    var statementTimeout: Duration
    /// How long opening waits for each address.
    var connectTimeout: Duration
    /// How long floors and tombstones are kept.
    var tombstoneRetention: Duration
    /// Into how many partitions a store's tables are hashed when they are made; 0 is none, or whatever there is.
    var partitionCount: Int64
    /// The bound of a log in bytes; 0 is none.
    var byteCountMax: Int64

    /// Options that go to libpq under the same name.
    private static let passedOn = [
        "user", "password", "passfile", "sslmode", "sslrootcert", "sslcert", "sslkey", "sslpassword",
        "sslcrl",
        "channel_binding", "application_name", "options", "target_session_attrs",
    ]
    private static let names =
        passedOn + [
            "url", "host", "port", "hosts", "database", "schema", "table_prefix", "statement_timeout",
            "connect_timeout", "synchronous_commit", "tombstone_retention", "max_size",
            "partitions",
        ]
    private static let standardRetention = Duration.seconds(7 * 86400)

    /// Reads the options of a role, or of both, where the role is not known yet.
    ///
    /// The host passes the default of every option that the schema describes; one of the other role is refused
    /// when it says something else.
    init(_ reader: OptionReader, role: Role?) throws(ProviderError) {
        try reader.rejectUnknown(except: Self.names)
        connectTimeout = try reader.duration(
            "connect_timeout", in: .seconds(1) ... .seconds(600), default: .seconds(10))
        settings = try Self.settings(reader, connectTimeout: connectTimeout)
        schema = try Self.name(reader, "schema", byteCountMax: 63)
        // PostgreSQL cuts names at 63 bytes; the longest of ours has 24.
        tablePrefix = try Self.name(reader, "table_prefix", byteCountMax: 32) ?? "holdfast_"
        synchronousCommit = try reader.choice(
            "synchronous_commit",
            [
                "off": "off", "local": "local", "remote_write": "remote_write", "on": "on",
                "remote_apply": "remote_apply",
            ] as KeyValuePairs<String, String?>, default: nil)
        statementTimeout = try reader.duration(
            "statement_timeout", in: .zero ... .seconds(86400), default: .seconds(60))
        tombstoneRetention = try reader.duration(
            "tombstone_retention", in: .seconds(60) ... .seconds(3650 * 86400),
            default: Self.standardRetention)
        partitionCount = try reader.integer("partitions", in: 0...1024, default: 0)
        byteCountMax = try reader.byteCount("max_size", in: 0...1 << 46, default: 0)
        try refuseOptions(notOf: role)
    }

    private func refuseOptions(notOf role: Role?) throws(ProviderError) {
        var foreign: [String] = []
        switch role {
        case .store: if byteCountMax != 0 { foreign = ["max_size"] }
        case .log:
            if partitionCount != 0 { foreign.append("partitions") }
            if synchronousCommit != nil { foreign.append("synchronous_commit") }
            if tombstoneRetention != Self.standardRetention { foreign.append("tombstone_retention") }
        case nil: break
        }
        guard let name = foreign.first else { return }
        let other = role == .log ? "store" : "log"
        throw ProviderError(
            .invalid, "unknown option \"\(name)\": it belongs to the \(other) role, leave it out")
    }

    /// What never stands in a message.
    ///
    /// - Parameter password: what libpq would have sent.
    /// - Returns: the longest first, so that none hides a part of another.
    func secrets(_ password: String?) -> [String] {
        let kept: Set = ["password", "sslpassword"]
        // A broken connection string is quoted by libpq as a whole.
        let own = settings.filter { setting in
            kept.contains(setting.keyword) || (setting.keyword == "dbname" && setting.value.contains("="))
                || setting.value.contains("://")
        }.map(\.value)
        return (own + [password ?? ""]).filter { !$0.isEmpty }.sorted { $0.utf8.count > $1.utf8.count }
    }

    private static func settings(
        _ reader: OptionReader, connectTimeout: Duration
    ) throws(ProviderError) -> [Setting] {
        // What is not said otherwise: a dead peer is noticed, and only a server that takes writes will do.
        var settings = [
            Setting(keyword: "application_name", value: "holdfast"),
            Setting(keyword: "target_session_attrs", value: "read-write"),
            Setting(keyword: "keepalives_idle", value: "10"),
            Setting(keyword: "keepalives_interval", value: "5"),
            Setting(keyword: "keepalives_count", value: "3"),
            Setting(keyword: "tcp_user_timeout", value: "25000"),
        ]
        if let url = try reader.string("url") {
            try PostgresURL.check(url)
            settings.append(Setting(keyword: "dbname", value: url))
        }
        for keyword in passedOn {
            guard let value = try reader.string(keyword), !value.isEmpty else { continue }
            settings.append(Setting(keyword: keyword, value: value))
        }
        settings += try address(reader)
        settings.append(
            Setting(keyword: "connect_timeout", value: String(connectTimeout.components.seconds)))
        // Texts come as bytes; the encoding matters to messages only.
        settings.append(Setting(keyword: "client_encoding", value: "UTF8"))
        if let wrong = settings.first(where: { $0.value.utf8.contains(0) }) {
            throw ProviderError(
                .invalid, "option \"\(wrong.keyword)\" contains a NUL character, expected text")
        }
        return settings
    }

    private static func address(_ reader: OptionReader) throws(ProviderError) -> [Setting] {
        var settings: [Setting] = []
        let hosts = try reader.strings("hosts")
        let host = try reader.string("host")
        let port = try reader.integer("port", in: 1...65535, default: 5432)
        guard hosts.isEmpty || host == nil else {
            throw ProviderError(
                .invalid, "options \"host\" and \"hosts\" are both given, expected one of them")
        }
        if !hosts.isEmpty {
            let parts = try hosts.map { text throws(ProviderError) in try hostAndPort(text, port: port) }
            settings.append(Setting(keyword: "host", value: parts.map(\.host).joined(separator: ",")))
            settings.append(
                Setting(keyword: "port", value: parts.map { String($0.port) }.joined(separator: ",")))
        } else {
            if let host, !host.isEmpty { settings.append(Setting(keyword: "host", value: host)) }
            if reader.value("port") != nil { settings.append(Setting(keyword: "port", value: String(port))) }
        }
        if let database = try reader.string("database") {
            // libpq would read such a name as a connection string.
            guard !database.contains("="), !database.contains("://") else {
                throw ProviderError(
                    .invalid,
                    "option \"database\" holds \"=\" or \"://\", expected a name; "
                        + "a connection string goes into \"url\"")
            }
            settings.append(Setting(keyword: "dbname", value: database))
            guard try reader.string("url") == nil else {
                throw ProviderError(
                    .invalid, "options \"url\" and \"database\" are both given, expected one of them")
            }
        }
        return settings
    }

    private static func hostAndPort(
        _ text: String, port: Int64
    ) throws(ProviderError) -> (host: String, port: Int64) {
        // An IPv6 address has colons of its own and stands in brackets when a port follows.
        var host = Substring(text)
        var ownPort = port
        let colon = text.lastIndex(of: ":")
        if let colon, !text[..<colon].contains(":") || text[..<colon].hasSuffix("]") {
            guard let number = Int64(text[text.index(after: colon)...]), (1...65535).contains(number) else {
                throw ProviderError(
                    .invalid, "option \"hosts\" holds \"\(text)\", expected host or host:port")
            }
            ownPort = number
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, !host.contains(",") else {
            throw ProviderError(.invalid, "option \"hosts\" holds \"\(text)\", expected host or host:port")
        }
        return (String(host), ownPort)
    }

    private static func name(
        _ reader: OptionReader, _ option: String, byteCountMax: Int
    ) throws(ProviderError) -> String? {
        guard let name = try reader.string(option) else { return nil }
        guard (1...byteCountMax).contains(name.utf8.count), !name.utf8.contains(0) else {
            throw ProviderError(
                .invalid,
                "option \"\(option)\" has \(name.utf8.count) bytes, expected 1 to \(byteCountMax) without NUL"
            )
        }
        return name
    }
}
