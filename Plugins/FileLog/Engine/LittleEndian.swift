extension RawSpan {
    /// The little-endian integer at an offset, which must leave room for it.
    @inline(__always)
    func littleEndian<Value: FixedWidthInteger & BitwiseCopyable>(at offset: Int, as type: Value.Type)
        -> Value
    {
        precondition(
            offset >= 0 && offset + MemoryLayout<Value>.size <= byteCount, "integer outside the bytes")
        // The bounds were checked on the line above, and every bit pattern is an integer.
        return unsafe Value(
            littleEndian: unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: Value.self))
    }
}

extension [UInt8] {
    /// Writes an integer, little end first, over bytes that are there.
    mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
        for index in 0..<MemoryLayout<Value>.size {
            self[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * Value(index)))
        }
    }
}
