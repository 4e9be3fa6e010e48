import HoldfastProviderKit
import HoldfastSupport

/// The bytes of one batch, framed as they go to the disk; its memory is used again for the next.
struct BatchBuffer: Sendable {
    private(set) var bytes: [UInt8] = []
    private var salt: UInt32 = 0
    private var previousDurable: UInt64 = 0
    private var origin = 0
    /// What the batch adds to the index.
    private(set) var piece: SegmentPiece?

    /// How many bytes an entry takes with its header and padding.
    static func framedByteCount(_ byteCount: Int) -> Int {
        LogFormat.roundUp(RecordHeader.encodedByteCount + byteCount, to: LogFormat.recordAlignment)
    }

    /// Starts a batch.
    ///
    /// - Parameters:
    ///   - salt: of the segment it goes to.
    ///   - origin: where in the file it goes.
    ///   - previousDurable: the highest LSN that is durable.
    ///   - capacity: about how many bytes it will have.
    mutating func begin(salt: UInt32, origin: Int, previousDurable: UInt64, capacity: Int) {
        bytes.removeAll(keepingCapacity: true)
        bytes.reserveCapacity(LogFormat.roundUp(capacity, to: LogFormat.blockByteCount))
        self.salt = salt
        self.origin = origin
        self.previousDurable = previousDurable
        piece = nil
    }

    /// Frames an entry: one copy of its bytes.
    ///
    /// - Returns: the checksum of its record.
    @discardableResult
    mutating func add(entry: BorrowedBytes, lsn: UInt64) -> UInt32 {
        let start = bytes.count
        addHeader(.entry, lsn: lsn, byteCount: entry.count)
        unsafe entry.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
        let checksum = finish(from: start)
        if piece == nil { piece = SegmentPiece(first: lsn, offset: origin + start) }
        piece?.extend(offset: origin + start, byteCount: bytes.count - start, checksum: checksum)
        return checksum
    }

    /// Frames a record of another kind.
    mutating func add(_ kind: RecordHeader.Kind, lsn: UInt64, payload: [UInt8] = []) {
        let start = bytes.count
        addHeader(kind, lsn: lsn, byteCount: payload.count)
        bytes.append(contentsOf: payload)
        _ = finish(from: start)
    }

    /// Fills the last block with zeros.
    mutating func pad() {
        let size = LogFormat.roundUp(bytes.count, to: LogFormat.blockByteCount)
        bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
    }

    private mutating func addHeader(_ kind: RecordHeader.Kind, lsn: UInt64, byteCount: Int) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: RecordHeader.encodedByteCount))
        bytes.store(UInt32(RecordHeader.encodedByteCount + byteCount), at: start)
        bytes.store(lsn, at: start + 8)
        bytes.store(previousDurable, at: start + 16)
        bytes[start + 24] = kind.rawValue
    }

    private mutating func finish(from start: Int) -> UInt32 {
        let checksum = unsafe RecordHeader.checksum(
            bytes.span.bytes.extracting(start..<bytes.count), salt: salt)
        bytes.store(checksum, at: start + 4)
        let size = LogFormat.roundUp(bytes.count, to: LogFormat.recordAlignment)
        if size > bytes.count { bytes.append(contentsOf: repeatElement(0, count: size - bytes.count)) }
        return checksum
    }
}
