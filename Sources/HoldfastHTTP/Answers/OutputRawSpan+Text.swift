internal import HoldfastModel

/// Text that is written once, into memory that was asked for at its full size: each part is checked against the end of
/// that memory, and none of them makes it grow.
extension OutputRawSpan {
    /// Appends bytes, copied once.
    @inline(__always) mutating func append(_ bytes: Bytes) {
        unsafe bytes.withUnsafeBytes { unsafe copy($0) }
    }

    /// Appends the UTF-8 of a literal.
    @inline(__always) mutating func append(text: StaticString) {
        unsafe copy(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends the lowest bytes of a word, the lowest first.
    @inline(__always) mutating func append(word: UInt64, byteCount: Int = 8) {
        unsafe withUnsafeBytes(of: word.littleEndian) { unsafe copy(.init(rebasing: $0[..<byteCount])) }
    }

    @inline(__always) private mutating func copy(_ source: UnsafeRawBufferPointer) {
        unsafe withUnsafeMutableBytes { target, count in
            precondition(source.count <= target.count - count, "text beyond its memory")
            if let start = source.baseAddress {
                unsafe target.baseAddress?.advanced(by: count).copyMemory(
                    from: start, byteCount: source.count)
            }
            count += source.count
        }
    }
}
