public import HoldfastModel

/// Which contents are kept apart from the records that hold them.
public struct BlobSettings: Sendable {
    /// Contents of at least so many bytes: strings of a JSON value, and whole values that are not JSON.
    public let threshold: Int
    /// Computes SHA-256.
    public let digest: @Sendable (Bytes) -> [UInt8]

    /// What is usual: 256 KiB.
    public static let standardThreshold = 256 << 10

    /// The least: 256 bytes.
    static let thresholdMinimum = 256

    /// Makes settings.
    ///
    /// - Parameters:
    ///   - threshold: at least 256: a reference itself takes some hundred bytes.
    ///   - digest: computes SHA-256.
    public init(threshold: Int = standardThreshold, digest: @escaping @Sendable (Bytes) -> [UInt8]) {
        precondition(
            threshold >= Self.thresholdMinimum, "threshold is at least \(Self.thresholdMinimum)")
        self.threshold = threshold
        self.digest = digest
    }
}
