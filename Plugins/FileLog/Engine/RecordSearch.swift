import HoldfastSupport

/// Looks for the next whole record behind a place where there is none.
///
/// Every multiple of 8 bytes is tried. Hostile payloads could look like headers everywhere and make each try a checksum of
/// megabytes, so after a budget of checksummed bytes only starts of blocks are tried, where every batch begins.
struct RecordSearch {
    /// How often the segment may be checksummed before the search gets coarser.
    static let budgetFactor = 32

    private let salt: UInt32
    private var budget: Int
    private var hit: Int?

    init(salt: UInt32, budget: Int) {
        self.salt = salt
        self.budget = budget
    }

    /// Whether the last search ended here.
    func isHit(_ position: Int) -> Bool { hit == position }

    /// The offset of the next whole record with at least the given LSN.
    mutating func next(in bytes: RawSpan, from start: Int, minimum: UInt64) -> Int? {
        var position = LogFormat.roundUp(start, to: LogFormat.recordAlignment)
        if position == hit { position += LogFormat.recordAlignment }
        while position + RecordHeader.encodedByteCount <= bytes.byteCount {
            let zeros = ZeroBytes.prefix(of: bytes.extracting(position..<bytes.byteCount))
            position += zeros & ~(LogFormat.recordAlignment - 1)
            guard position + RecordHeader.encodedByteCount <= bytes.byteCount else { break }
            if budget <= 0 { position = LogFormat.roundUp(position, to: LogFormat.blockByteCount) }
            if let header = RecordHeader(unchecked: bytes, at: position), header.lsn >= minimum,
                header.kind != .link, header.isConsistent(bytes, at: position)
            {
                budget -= header.byteCount
                if header.validates(bytes, at: position, salt: salt) {
                    hit = position
                    return position
                }
            }
            position += LogFormat.recordAlignment
        }
        return nil
    }
}
