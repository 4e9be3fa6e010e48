internal import HoldfastProviderKit

/// The options of one backend of type `sqlite`, checked.
struct SQLiteOptions: Hashable, Sendable {
    /// When SQLite waits for the disk.
    enum Synchronous: String, Hashable, Sendable {
        /// Never: a power loss may damage the file.
        case off
        /// When the WAL is copied into the file: a power loss may take the latest commits, never the file.
        case normal
        /// At each commit.
        case full
        /// At each commit, and for the directory too.
        case extra

        /// Whether a commit that returned survives a power loss.
        var isDurable: Bool { self == .full || self == .extra }
    }

    /// The file, as an absolute path.
    var path: String
    /// Whether a missing file and its directories are made.
    var isCreated: Bool
    /// See ``Synchronous-swift.enum``.
    var synchronous: Synchronous
    /// How long a call waits for another process that writes.
    var busyTimeout: Duration
    /// Memory for pages, per connection.
    var cacheByteCount: Int64
    /// How much of the file is mapped into memory; 0 is none.
    var mapByteCount: Int64
    /// The page size of a new file.
    var pageByteCount: Int64
    /// How far the WAL grows before it is copied into the file.
    var checkpointByteCount: Int64
    /// How long floors and tombstones are kept.
    var tombstoneRetention: Duration
    /// The bound of a log; 0 is none.
    var byteCountMax: Int64

    private static let names = [
        "path", "create", "synchronous", "busy_timeout", "cache_size", "mmap_size", "page_size",
        "checkpoint_size", "tombstone_retention", "max_size",
    ]

    /// Reads the options of a role, or of both, where the role is not known yet.
    ///
    /// The host passes the default of every option that the schema describes; one of the other role is refused
    /// as soon as it says anything else.
    init(_ reader: OptionReader, role: Role?) throws(ProviderError) {
        try reader.rejectUnknown(except: Self.names)
        path = try Self.absolute(reader.requiredString("path"))
        isCreated = try reader.bool("create", default: true)
        synchronous = try reader.choice(
            "synchronous", ["off": Synchronous.off, "normal": .normal, "full": .full, "extra": .extra],
            default: .full)
        busyTimeout = try reader.duration("busy_timeout", in: .zero ... .seconds(600), default: .seconds(5))
        cacheByteCount = try reader.byteCount("cache_size", in: 64 << 10...64 << 30, default: 16 << 20)
        mapByteCount = try reader.byteCount("mmap_size", in: 0...2 << 30, default: 0)
        pageByteCount = try reader.byteCount("page_size", in: 512...65536, default: 4096)
        guard pageByteCount.nonzeroBitCount == 1 else {
            throw ProviderError(
                .invalid,
                "option \"page_size\" is \(pageByteCount) bytes, expected a power of two from 512 to 65536")
        }
        checkpointByteCount = try reader.byteCount(
            "checkpoint_size", in: 64 << 10...4 << 30, default: 8 << 20)
        tombstoneRetention = try reader.duration(
            "tombstone_retention", in: .seconds(60) ... .seconds(3650 * 86400), default: .seconds(7 * 86400))
        byteCountMax = try reader.byteCount("max_size", in: 0...1 << 46, default: 0)
        try refuseOptions(notOf: role)
    }

    private func refuseOptions(notOf role: Role?) throws(ProviderError) {
        var foreign: [String] = []
        switch role {
        case .store: if byteCountMax != 0 { foreign = ["max_size"] }
        case .log:
            if synchronous != .full { foreign.append("synchronous") }
            if mapByteCount != 0 { foreign.append("mmap_size") }
            if tombstoneRetention != .seconds(7 * 86400) { foreign.append("tombstone_retention") }
        case nil: break
        }
        guard let name = foreign.first else { return }
        let other = role == .log ? "store" : "log"
        throw ProviderError(
            .invalid, "unknown option \"\(name)\": it belongs to the \(other) role, leave it out")
    }

    /// Makes a path absolute: SQLite would take `file:…` for a URI and `:memory:` for no file at all.
    private static func absolute(_ path: String) throws(ProviderError) -> String {
        guard path != ":memory:" else {
            throw ProviderError(
                .invalid,
                "option \"path\" is \":memory:\", expected a file; "
                    + "the type \"memory\" keeps records in memory"
            )
        }
        guard !path.utf8.contains(0) else {
            throw ProviderError(
                .invalid, "option \"path\" contains a NUL character, expected the path of a file")
        }
        guard !path.hasSuffix("/") else {
            throw ProviderError(
                .invalid, "option \"path\" is \"\(path)\", a directory, expected the path of a file")
        }
        if path.hasPrefix("/") { return path }
        guard let directory = Directory.current else {
            throw ProviderError(
                .unavailable,
                "option \"path\" is \"\(path)\", and the working directory that it is relative to is gone")
        }
        return "\(directory)/\(path)"
    }
}
