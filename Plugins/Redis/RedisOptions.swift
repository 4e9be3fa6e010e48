internal import HoldfastProviderKit

/// The options of one backend of type `redis`, checked.
struct RedisOptions: Hashable, Sendable {
    /// Who asks.
    struct Account: Hashable, Sendable {
        /// A name of the server's ACL, or nothing for its default user.
        var user: String?
        /// Nothing where none is asked for.
        var password: String?
    }

    /// Where the server is.
    var target: RedisTarget
    /// Who asks the server.
    var account: Account
    /// Who asks the sentinels.
    var sentinelAccount: Account
    /// The number of the database.
    var database: Int64
    /// What the name of each key begins with.
    var keyPrefix: String
    /// How long opening waits for each server.
    var connectTimeout: Duration
    /// How long floors and tombstones are kept.
    var tombstoneRetention: Duration
    /// Whether a log is refused where an append that returned may be lost.
    var requiresDurable: Bool
    /// The bound of a log in bytes; 0 is none.
    var byteCountMax: Int64

    private static let names = [
        "url", "user", "password", "database", "sentinel_user", "sentinel_password", "key_prefix",
        "connect_timeout", "tombstone_retention", "require_durable", "max_size",
    ]
    private static let standardRetention = Duration.seconds(7 * 86400)

    /// Reads the options of a role, or of both, where the role is not known yet.
    ///
    /// The host passes the default of every option that the schema describes; one of the other role is
    /// refused when it says something else.
    init(_ reader: OptionReader, role: Role?) throws(ProviderError) {
        try reader.rejectUnknown(except: Self.names)
        let url = try RedisURL(reader.requiredString("url"))
        target = url.target
        account = Account(
            user: try Self.text(reader, "user") ?? url.user,
            password: try Self.text(reader, "password") ?? url.password)
        sentinelAccount = Account(
            user: try Self.text(reader, "sentinel_user"), password: try Self.text(reader, "sentinel_password")
        )
        database = try reader.integer("database", in: 0...65535, default: url.database ?? 0)
        keyPrefix = try Self.prefix(reader)
        connectTimeout = try reader.duration(
            "connect_timeout", in: .milliseconds(100) ... .seconds(600), default: .seconds(5))
        tombstoneRetention = try reader.duration(
            "tombstone_retention", in: .seconds(60) ... .seconds(3650 * 86400),
            default: Self.standardRetention)
        requiresDurable = try reader.bool("require_durable", default: true)
        byteCountMax = try reader.byteCount("max_size", in: 0...1 << 46, default: 0)
        try refuseOptions(notOf: role)
        for (option, account) in [("user", account), ("sentinel_user", sentinelAccount)] {
            guard account.user == nil || account.password != nil else {
                throw ProviderError(.invalid, "option \"\(option)\" is given without a password")
            }
        }
        if role == .log, case .sentinels = target {
            throw ProviderError(
                .invalid,
                "option \"url\" begins with sentinel://, which a log cannot use: the server that takes over "
                    + "may lack entries that were acknowledged; name one server, or use file-log")
        }
    }

    private func refuseOptions(notOf role: Role?) throws(ProviderError) {
        let foreign: String?
        switch role {
        case .store: foreign = byteCountMax != 0 ? "max_size" : !requiresDurable ? "require_durable" : nil
        case .log: foreign = tombstoneRetention != Self.standardRetention ? "tombstone_retention" : nil
        case nil: foreign = nil
        }
        guard let foreign else { return }
        let other = role == .log ? "store" : "log"
        throw ProviderError(
            .invalid, "unknown option \"\(foreign)\": it belongs to the \(other) role, leave it out")
    }

    /// What never stands in a message, the longest first, so that none hides a part of another.
    var secrets: [String] {
        [account.password, sentinelAccount.password].compactMap { $0 }.filter { !$0.isEmpty }
            .sorted { $0.utf8.count > $1.utf8.count }
    }

    private static func text(_ reader: OptionReader, _ option: String) throws(ProviderError) -> String? {
        guard let text = try reader.string(option), !text.isEmpty else { return nil }
        return text
    }

    private static func prefix(_ reader: OptionReader) throws(ProviderError) -> String {
        guard let prefix = try reader.string("key_prefix") else { return "holdfast:" }
        // A brace would move the hash tag, which keeps all keys of one record together.
        let isPlain = prefix.utf8.allSatisfy { $0 != 0 && $0 != UInt8(ascii: "{") && $0 != UInt8(ascii: "}") }
        guard (1...64).contains(prefix.utf8.count), isPlain else {
            throw ProviderError(
                .invalid,
                "option \"key_prefix\" has \(prefix.utf8.count) bytes, "
                    + "expected 1 to 64 without braces and NUL"
            )
        }
        return prefix
    }
}
