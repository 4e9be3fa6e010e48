import HoldfastModel

/// Reads a file line by line, however long a line is up to a bound.
struct LineReader: Sendable {
    private static let chunkByteCount = 256 << 10
    /// What a line may have at most: the largest value, escaped, and what stands around it.
    static let lineByteCountMax = 4 * Limits.valueByteCountMax

    /// What editors of other systems write in front of UTF-8.
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private let input: FileDescriptor
    private var buffer: [UInt8] = []
    private var start = 0
    /// The number of the line that was read last, from 1.
    private(set) var lineNumber = 0
    /// How many bytes the lines read so far had.
    private(set) var byteCount = 0

    /// Reads from where the descriptor stands.
    init(_ input: FileDescriptor) { self.input = input }

    /// Reads the next line.
    ///
    /// - Returns: its bytes without the line feed, a carriage return before it, and a byte order mark in front of the first line;
    ///   nothing at the end.
    /// - Throws: `invalid` when a line is longer than ``lineByteCountMax``.
    mutating func next() throws(HoldfastError) -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return take(upTo: end, terminatorByteCount: 1)
            }
            searched = buffer.count
            guard searched - start <= Self.lineByteCountMax else {
                throw HoldfastError(
                    .invalid,
                    "line \(lineNumber + 1) has more than \(Self.lineByteCountMax) bytes, expected fewer")
            }
            let chunk = try input.read(upTo: Self.chunkByteCount)
            guard !chunk.isEmpty else {
                return start == buffer.count ? nil : take(upTo: buffer.count, terminatorByteCount: 0)
            }
            if start > 0 {
                buffer.removeFirst(start)
                searched -= start
                start = 0
            }
            buffer += chunk
        }
    }

    private mutating func take(upTo end: Int, terminatorByteCount: Int) -> [UInt8] {
        var line = Array(buffer[start..<end])
        lineNumber += 1
        byteCount += end - start + terminatorByteCount
        start = end + terminatorByteCount
        if line.last == UInt8(ascii: "\r") { line.removeLast() }
        if lineNumber == 1, line.starts(with: Self.byteOrderMark) { line.removeFirst(3) }
        return line
    }
}
