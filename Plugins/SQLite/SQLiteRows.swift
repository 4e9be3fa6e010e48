internal import HoldfastProviderKit

/// Rows on their way to a sink, so that the host is called once for many of them.
///
/// What SQLite says of a row dies with the next step, so the value is copied; the host then copies the values of all rows
/// at once, into one allocation. A row that is larger than the space goes alone, and is not copied here.
struct SQLiteRows {
    private let space: SQLiteRowSpace
    private var usedByteCount = 0
    private var records: [OutgoingRecord] = []

    /// Begins an answer.
    ///
    /// - Parameters:
    ///   - space: for values; one answer at a time uses it.
    ///   - count: how many rows there may be.
    init(in space: SQLiteRowSpace, expecting count: UInt64) {
        self.space = space
        records.reserveCapacity(Int(min(count, UInt64(SQLiteRowSpace.rowCountMax))))
    }

    /// Takes a row.
    ///
    /// - Parameters:
    ///   - value: dies with the next step.
    ///   - sink: where full spaces go.
    ///   - record: makes the record of a value; what it is made of beside the value lives as long as the answer.
    /// - Returns: whether the host wants more.
    mutating func push(
        _ value: BorrowedBytes, into sink: inout RecordSink, _ record: (BorrowedBytes) -> OutgoingRecord
    ) -> Bool {
        if value.count > SQLiteRowSpace.byteCount - usedByteCount
            || records.count == SQLiteRowSpace.rowCountMax
        {
            guard finish(into: &sink) else { return false }
            guard value.count <= SQLiteRowSpace.byteCount else { return sink.push(record(value)) }
        }
        records.append(record(space.copy(value, at: usedByteCount)))
        usedByteCount += value.count
        return true
    }

    /// Hands over what is left.
    ///
    /// - Returns: whether the host wants more.
    mutating func finish(into sink: inout RecordSink) -> Bool {
        guard !records.isEmpty else { return !sink.isStopped }
        usedByteCount = 0
        defer { records.removeAll(keepingCapacity: true) }
        return sink.push(contentsOf: records)
    }
}

/// Memory for the values of rows; a store keeps one.
@safe final class SQLiteRowSpace {
    /// What a history of fifty messages takes, several times over.
    static let byteCount = 128 << 10
    /// Rows that are handed over at once.
    static let rowCountMax = 64

    private let start = UnsafeMutableRawPointer.allocate(byteCount: SQLiteRowSpace.byteCount, alignment: 16)

    deinit { unsafe start.deallocate() }

    /// Copies bytes to a place; there must be room.
    func copy(_ bytes: BorrowedBytes, at offset: Int) -> BorrowedBytes {
        precondition(offset >= 0 && bytes.count <= Self.byteCount - offset, "a row beyond its space")
        guard let source = unsafe bytes.start else { return .empty }
        unsafe (start + offset).copyMemory(from: source, byteCount: bytes.count)
        return unsafe BorrowedBytes(start: UnsafeRawPointer(start + offset), count: bytes.count)
    }
}
