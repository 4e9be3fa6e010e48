internal import CHoldfastProvider
internal import HoldfastModel

/// The bytes of the records of one sink call, copied into one allocation.
struct CopyPool {
    private let storage: Bytes
    private var offset = 0

    /// Copies every namespace, key and value.
    ///
    /// - Parameters:
    ///   - byteCount: how many bytes all of them have.
    ///   - each: calls its argument with every record, in order.
    init(byteCount: Int, _ each: ((UnsafePointer<hf_record>) -> Void) -> Void) {
        storage = unsafe Bytes(count: byteCount) { target in
            var offset = 0
            unsafe each { record in
                unsafe Self.copy(record.pointee.ns, to: target, at: &offset)
                unsafe Self.copy(record.pointee.key, to: target, at: &offset)
                unsafe Self.copy(record.pointee.value, to: target, at: &offset)
            }
            unsafe Self.clear(target, from: offset)
        }
    }

    /// Writes zeros where a plugin has made a record shorter meanwhile.
    static func clear(_ target: UnsafeMutableRawBufferPointer, from offset: Int) {
        guard offset < target.count else { return }
        unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...]).initializeMemory(
            as: UInt8.self, repeating: 0)
    }

    /// Copies bytes of a plugin to where the copy has got to.
    static func copy(
        _ bytes: hf_bytes, to target: UnsafeMutableRawBufferPointer, at offset: inout Int
    ) {
        guard let data = unsafe bytes.data, unsafe bytes.size > 0 else { return }
        // A plugin that changes a record meanwhile must not make the copy longer than its place.
        let count = unsafe min(bytes.size, target.count - offset)
        unsafe target.baseAddress?.advanced(by: offset).copyMemory(from: data, byteCount: count)
        offset += count
    }

    /// The next record, its bytes taken from the copy.
    ///
    /// - Parameters:
    ///   - record: as the plugin gave it.
    ///   - known: an address that is shared where the record has the same, so that thousands of items of one list refer
    ///     to one key.
    /// - Returns: a record that shares the copy.
    mutating func next(_ record: UnsafePointer<hf_record>, known: Address) -> Record {
        let namespace = take(unsafe record.pointee.ns.size)
        let key = take(unsafe record.pointee.key.size)
        let value = take(unsafe record.pointee.value.size)
        return unsafe Record(
            namespace: namespace == known.namespace ? known.namespace : namespace,
            key: key == known.key ? known.key : key, id: Version(record.pointee.id),
            version: Version(record.pointee.version), value: value, expiresAt: record.pointee.expires_ms,
            flags: Record.Flags(rawValue: record.pointee.flags & 0b111))
    }

    private mutating func take(_ count: Int) -> Bytes {
        let end = min(offset + count, storage.count)
        defer { offset = end }
        return storage[offset..<end]
    }
}
