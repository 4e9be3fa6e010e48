private import CHoldfastSupport

/// Finds the end of a run of zeros, at the speed of memory in every build.
public enum ZeroBytes: Sendable {
    /// How many bytes at the front are zero.
    public static func prefix(of bytes: RawSpan) -> Int {
        unsafe bytes.withUnsafeBytes { unsafe hf_zero_prefix($0.baseAddress, $0.count) }
    }
}
