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
    /// - Returns: the checksum, or the seed where there are no bytes.
    public static func checksum(_ buffer: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        unsafe hf_crc32c(seed, buffer.baseAddress, buffer.count)
    }

    /// The checksum of a span.
    ///
    /// - Parameters:
    ///   - bytes: any bytes.
    ///   - seed: the checksum of what came before, or a salt; 0 to start.
    /// - Returns: the checksum, or the seed where there are no bytes.
    public static func checksum(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe hf_crc32c(seed, $0.baseAddress, $0.count) }
    }

    /// The checksum as a processor without the instruction computes it.
    static func portableChecksum(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe hf_crc32c_portable(seed, $0.baseAddress, $0.count) }
    }

    /// The checksum of an array.
    ///
    /// - Parameters:
    ///   - bytes: any bytes.
    ///   - seed: the checksum of what came before, or a salt; 0 to start.
    /// - Returns: the checksum, or the seed where there are no bytes.
    public static func checksum(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        unsafe bytes.withUnsafeBytes { unsafe checksum($0, seed: seed) }
    }
}
