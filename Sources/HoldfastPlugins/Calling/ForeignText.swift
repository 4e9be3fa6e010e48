internal import CHoldfastProvider
internal import HoldfastModel

/// Text that a plugin wrote, which may be anything.
enum ForeignText {
    /// One printable line: what is not UTF-8 is replaced, control characters become spaces.
    static func line(_ bytes: hf_bytes, byteCountMax: Int) -> String {
        guard let start = unsafe bytes.data else { return "" }
        let count = unsafe min(bytes.size, byteCountMax)
        return unsafe line(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// One printable line of a buffer that may lack its NUL.
    static func line(_ buffer: UnsafeRawBufferPointer) -> String {
        let text = unsafe String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? " " : $0 }))
    }

    /// A C string of a plugin's table, or nothing when it is NULL, too long or not UTF-8.
    static func string(_ pointer: UnsafePointer<CChar>?, byteCountMax: Int) -> String? {
        guard let pointer = unsafe pointer else { return nil }
        var count = 0
        while unsafe pointer[count] != 0 {
            count += 1
            guard count <= byteCountMax else { return nil }
        }
        return unsafe String(validating: UnsafeRawBufferPointer(start: pointer, count: count), as: UTF8.self)
    }
}

extension hf_bytes {
    /// Lends bytes to a plugin; the caller keeps them alive.
    init(_ bytes: Bytes) { unsafe self.init(data: bytes.unsafeStart, size: bytes.count) }

    /// A copy, or nothing for a NULL that claims a size.
    var array: [UInt8]? {
        guard let data = unsafe data else { return unsafe size == 0 ? [] : nil }
        guard unsafe size <= Int.max / 2 else { return nil }
        return unsafe [UInt8](UnsafeRawBufferPointer(start: data, count: size))
    }
}

extension hf_version {
    /// The bytes of a version.
    init(_ version: Version) {
        // Both are 16 bytes without padding.
        self = unsafe unsafeBitCast((version.high.bigEndian, version.low.bigEndian), to: hf_version.self)
    }
}

extension Version {
    /// The version of 16 bytes.
    init(_ version: hf_version) {
        // Both are 16 bytes without padding.
        let halves = unsafe unsafeBitCast(version, to: (UInt64, UInt64).self)
        self.init(high: UInt64(bigEndian: halves.0), low: UInt64(bigEndian: halves.1))
    }
}
