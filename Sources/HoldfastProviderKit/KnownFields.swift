/// The fields of a versioned struct that its writer had, and zero for those that it did not know.
///
/// Every struct that crosses by pointer starts with the size that its writer gave it. A newer writer's tail is
/// cut, an older writer's missing tail is zero, so nothing behind the writer's memory is ever read.
///
/// - Parameters:
///   - pointer: the struct; its first four bytes are its size.
///   - zero: the struct with every field zero.
/// - Returns: the struct, safe to read in full.
func knownFields<Fields: BitwiseCopyable>(of pointer: UnsafePointer<Fields>, _ zero: Fields) -> Fields {
    let size = unsafe Int(UnsafeRawPointer(pointer).load(as: UInt32.self))
    if size >= MemoryLayout<Fields>.size { return unsafe pointer.pointee }
    var fields = zero
    unsafe withUnsafeMutableBytes(of: &fields) { target in
        unsafe target.copyMemory(from: UnsafeRawBufferPointer(start: pointer, count: size))
    }
    return fields
}

/// Writes as many bytes of a struct as its reader has room for, keeping the size that the reader wrote.
///
/// - Parameters:
///   - pointer: the reader's struct; its first four bytes are its size.
///   - fields: what to write.
func fill<Fields: BitwiseCopyable>(_ pointer: UnsafeMutablePointer<Fields>, with fields: Fields) {
    let size = unsafe Int(UnsafeRawPointer(pointer).load(as: UInt32.self))
    let head = MemoryLayout<UInt32>.size
    let end = min(size, MemoryLayout<Fields>.size)
    guard end > head else { return }
    unsafe withUnsafeBytes(of: fields) { source in
        unsafe (UnsafeMutableRawPointer(pointer) + head).copyMemory(
            from: source.baseAddress.unsafelyUnwrapped + head, byteCount: end - head)
    }
}
