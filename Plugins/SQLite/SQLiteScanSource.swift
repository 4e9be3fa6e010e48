internal import HoldfastProviderKit

/// One ordered stream of rows of a scan: records, records under one entry of an index, or floors.
///
/// All streams have the columns ns, key, id, version, flags, expiry, value, so that a scan merges them by
/// place.
final class SQLiteScanSource {
    private let statement: SQLiteStatement
    private let isReversed: Bool
    /// Whether items are jumped over, key by key: then parameters 5 and 6 are the place to jump to.
    private let isDocumentsOnly: Bool
    /// Whether the stream stands on a row.
    private(set) var hasRow = false

    /// Makes a stream of a statement that is bound and has not run yet.
    init(_ statement: SQLiteStatement, isReversed: Bool, isDocumentsOnly: Bool) {
        self.statement = statement
        self.isReversed = isReversed
        self.isDocumentsOnly = isDocumentsOnly
    }

    deinit { statement.reset() }

    var namespace: BorrowedBytes { unsafe BorrowedBytes(statement.bytes(0)) }
    var key: BorrowedBytes { unsafe BorrowedBytes(statement.bytes(1)) }
    var idBytes: BorrowedBytes { unsafe BorrowedBytes(statement.bytes(2)) }
    var flags: RecordFlags { statement.recordFlags(4) }
    var expiresAt: Int64 { statement.integer(5) }
    var value: BorrowedBytes { unsafe BorrowedBytes(statement.bytes(6)) }
    func id() throws(SQLiteError) -> Version { try statement.id(2) }
    func version() throws(SQLiteError) -> Version { try statement.version(3) }

    /// Goes to the next row that is wanted.
    func advance() throws(SQLiteError) {
        hasRow = try statement.step()
        guard isDocumentsOnly else { return }
        while hasRow, !idBytes.isEmpty {
            // One seek to the key's end, or back to its document, instead of a walk through its list.
            let namespace = OwnedBytes(copying: namespace)
            let key = OwnedBytes(copying: key)
            statement.reset()
            statement.bind(4, text: namespace.borrowed)
            statement.bind(5, text: key.borrowed)
            let edge = isReversed ? Self.belowEveryItem : SQLiteStore.aboveEveryID
            statement.bind(6, blob: edge.borrowed)
            hasRow = try withExtendedLifetime((namespace, key)) { () throws(SQLiteError) in
                try statement.step()
            }
            keptAddress = (namespace, key)
        }
    }

    /// What the statement was last bound to, alive as long as it may run.
    private var keptAddress: (OwnedBytes, OwnedBytes)?
    /// Above the empty id of a document, below the 16 bytes of every item.
    private static let belowEveryItem = OwnedBytes(copying: [UInt8(0)])

    /// Whether this stream's row comes before another's.
    ///
    /// A floor has the id of its document and comes before it, in a reversed scan after it.
    func isBefore(_ other: SQLiteScanSource) -> Bool {
        if namespace != other.namespace { return (namespace < other.namespace) != isReversed }
        if key != other.key { return (key < other.key) != isReversed }
        if idBytes != other.idBytes { return (idBytes < other.idBytes) != isReversed }
        return flags.contains(.floor) != isReversed
    }
}
