internal import HoldfastModel
internal import NIOCore

extension ByteBuffer {
    /// Appends bytes, copied once.
    mutating func write(_ bytes: Bytes) {
        bytes.withSpan { span in append(span) }
    }

    /// Appends bytes.
    mutating func append(_ span: Span<UInt8>) { unsafe writeBytes(span.bytes) }

    /// What is readable, copied once into memory that a store may keep.
    var bytes: Bytes { unsafe withUnsafeReadableBytes { unsafe Bytes(copying: $0) } }
}
