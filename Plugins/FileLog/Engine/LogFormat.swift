/// The fixed numbers of the format; `docs/reference/log-format.md` has the tables.
package enum LogFormat: Sendable {
    /// The version of everything below; a reader refuses a higher one.
    package static let version: UInt16 = 1
    /// Batches start on a multiple of this, so that a torn write cannot touch acknowledged bytes.
    package static let blockByteCount = 4096
    /// Records start on a multiple of this.
    package static let recordAlignment = 8
    /// The most bytes of one entry: a whole record must be countable in 32 bits, with room to spare.
    package static let entryByteCountMax = 1 << 30
    /// The highest LSN: adding to one never overflows.
    package static let lsnMax: UInt64 = 1 << 62
    /// The size of a segment unless options say otherwise.
    package static let segmentByteCountStandard = 16 << 20
    /// The smallest segment: its header and a few blocks.
    package static let segmentByteCountMin = 16 << 10
    /// The largest segment that options may ask for.
    package static let segmentByteCountMax = 1 << 30
    /// How long nothing must be appended before a mark is written, in nanoseconds.
    package static let idleNanoseconds: Int64 = 50_000_000

    /// How long to wait before an append is tried again after a failure of the disk, in milliseconds.
    package static let retryMilliseconds: Int64 = 1000

    /// The file that is locked, and holds the process id of its holder.
    package static let lockName = "LOCK"
    /// The side watermark.
    package static let checkpointName = "CHECKPOINT"
    private static let segmentSuffix = ".segment"
    private static let temporarySuffix = ".tmp"
    /// What is behind the name of a file that shall take another's place.
    static let replacementSuffix = ".new"

    /// The smallest multiple of a power of two that is not below a number.
    static func roundUp(_ count: Int, to unit: Int) -> Int { (count + unit - 1) & ~(unit - 1) }

    /// The name of a segment's file: 16 hexadecimal digits, so that names sort like numbers.
    package static func segmentName(_ number: UInt64) -> String { hexadecimal(number) + segmentSuffix }

    /// The name of a file that is being made into a segment.
    package static func temporaryName(_ number: UInt64) -> String { hexadecimal(number) + temporarySuffix }

    /// The number in the name of a segment's file, or nothing for another file.
    package static func segmentNumber(_ name: String) -> UInt64? { number(name, suffix: segmentSuffix) }

    /// Whether a file was being made into a segment.
    static func isTemporary(_ name: String) -> Bool {
        number(name, suffix: temporarySuffix) != nil || name.hasSuffix(replacementSuffix)
    }

    private static func number(_ name: String, suffix: String) -> UInt64? {
        guard name.utf8.count == 16 + suffix.utf8.count, name.hasSuffix(suffix) else { return nil }
        let digits = name.prefix(16)
        guard digits.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            return nil
        }
        return UInt64(digits, radix: 16)
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
