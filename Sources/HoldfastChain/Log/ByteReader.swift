internal import HoldfastModel

/// Reads little-endian numbers and bytes, never past the end.
struct ByteReader {
    private let source: Bytes
    private let noun: String
    private(set) var position = 0

    /// Starts at the first byte.
    ///
    /// - Parameters:
    ///   - source: what is read.
    ///   - noun: what it is, for messages.
    init(_ source: Bytes, noun: String = "an entry of the log") {
        self.source = source
        self.noun = noun
    }

    var remaining: Int { source.count - position }

    mutating func read<Number: FixedWidthInteger>(_ type: Number.Type) throws(HoldfastError) -> Number {
        let size = MemoryLayout<Number>.size
        guard remaining >= size else { throw cutShort }
        defer { position += size }
        return unsafe source.withUnsafeBytes { buffer in
            Number(littleEndian: unsafe buffer.loadUnaligned(fromByteOffset: position, as: Number.self))
        }
    }

    mutating func readVersion() throws(HoldfastError) -> Version {
        let high = try read(UInt64.self).byteSwapped
        return Version(high: high, low: try read(UInt64.self).byteSwapped)
    }

    /// A slice that shares the storage of what is read.
    mutating func readBytes(_ count: Int) throws(HoldfastError) -> Bytes {
        guard count >= 0, remaining >= count else { throw cutShort }
        defer { position += count }
        return source[position..<position + count]
    }

    private var cutShort: HoldfastError { HoldfastError(.corrupt, "\(noun) ends too early") }
}
