private import CHoldfastSupport

/// The Castagnoli checksum, computed by the processor where it can.
///
/// Source: RFC 3720, appendix B.4.
public enum CRC32C: Sendable {
    /// The checksum of a buffer.
    ///
    /// - Parameters:
    ///   - buffer: any bytes.
    ///   - seed: the checksum of what came before, or a salt; 0 to start.
    public static func checksum(_ buffer: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        unsafe hf_crc32c(seed, buffer.baseAddress, buffer.count)
    }
}
