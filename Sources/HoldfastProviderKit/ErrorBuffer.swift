internal import CHoldfastProvider

/// The host's memory for the error of one call.
@safe struct ErrorBuffer {
    private let target: UnsafeMutablePointer<hf_error>

    init(_ target: UnsafeMutablePointer<hf_error>) { unsafe self.target = target }

    /// Writes an error; the message is cut between two characters where the host has less room.
    func write(_ error: ProviderError) {
        var fields = unsafe knownFields(of: UnsafePointer(target), hf_error())
        unsafe fields.flags = error.flags.rawValue
        unsafe fields.vendor_code = error.vendorCode
        unsafe fields.retry_after_ms = error.retryAfterMilliseconds
        unsafe withUnsafeMutableBytes(of: &fields.sqlstate) { unsafe Self.copy(error.sqlState, into: $0) }
        if let message = unsafe fields.message {
            unsafe Self.copy(
                error.message,
                into: UnsafeMutableRawBufferPointer(start: message, count: Int(fields.message_capacity)))
        }
        unsafe fill(target, with: fields)
    }

    /// Copies what fits of a text and ends it with NUL; writes nothing into no room at all.
    private static func copy(_ text: String, into room: UnsafeMutableRawBufferPointer) {
        guard unsafe !room.isEmpty else { return }
        var text = text
        let written = text.withUTF8 { source in
            var end = min(source.count, room.count - 1)
            // A byte of the form 10xxxxxx continues a character: back to where that one starts.
            while end > 0, end < source.count, unsafe source[end] & 0xC0 == 0x80 { end -= 1 }
            unsafe room.copyMemory(
                from: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(source)[..<end]))
            return end
        }
        unsafe room[written] = 0
    }
}
