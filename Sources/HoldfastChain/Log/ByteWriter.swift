internal import HoldfastModel

/// Writes little-endian numbers and bytes into memory of a known size, each position once.
///
/// Writing past the end traps: the size is computed by the same code that writes.
@safe struct ByteWriter: ~Copyable {
    private let target: UnsafeMutableRawBufferPointer
    private(set) var position = 0

    init(_ target: UnsafeMutableRawBufferPointer) { unsafe self.target = unsafe target }

    mutating func write<Number: FixedWidthInteger>(_ number: Number) {
        let size = MemoryLayout<Number>.size
        precondition(unsafe position + size <= target.count, "the entry is larger than its computed size")
        unsafe target.storeBytes(of: number.littleEndian, toByteOffset: position, as: Number.self)
        position += size
    }

    mutating func write(_ version: Version) {
        write(version.high.byteSwapped)
        write(version.low.byteSwapped)
    }

    mutating func write(_ bytes: Bytes) {
        precondition(
            unsafe position + bytes.count <= target.count, "the entry is larger than its computed size")
        guard !bytes.isEmpty else { return }
        unsafe bytes.withUnsafeBytes { source in
            unsafe UnsafeMutableRawBufferPointer(rebasing: target[position..<position + source.count])
                .copyMemory(from: source)
        }
        position += bytes.count
    }
}
