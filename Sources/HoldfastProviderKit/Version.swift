internal import CHoldfastProvider

/// A point in the order of all changes, and the id of a list item: 16 bytes, compared as `memcmp` does.
///
/// A plugin only stores and compares versions; the host makes them.
public struct Version: Hashable, Comparable, Sendable {
    /// Bytes 0 to 7, big endian.
    public let high: UInt64
    /// Bytes 8 to 15, big endian.
    public let low: UInt64

    /// Makes a version of its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads the 16 bytes of a version.
    ///
    /// - Returns: nothing where there are not exactly 16 bytes: what is stored is then damaged.
    public init?(_ bytes: BorrowedBytes) {
        guard bytes.count == Self.byteCount else { return nil }
        self = unsafe bytes.withUnsafeBytes { unsafe Version(loading: $0) }
    }

    /// How many bytes a version has.
    public static let byteCount = 16
    /// No version: the id of a document, "absent" in a condition, an open end of a range.
    public static let zero = Version(high: 0, low: 0)

    /// Whether this is ``zero``.
    public var isZero: Bool { high == 0 && low == 0 }

    /// The order of `memcmp`.
    public static func < (left: Version, right: Version) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }

    /// Lends the 16 bytes to a closure.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let bigEndian = (high.bigEndian, low.bigEndian)
        return try unsafe Swift.withUnsafeBytes(of: bigEndian, body)
    }
}

extension Version {
    init(_ version: hf_version) {
        self = unsafe Swift.withUnsafeBytes(of: version) { unsafe Version(loading: $0) }
    }

    init(loading bytes: UnsafeRawBufferPointer) {
        high = unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        low = unsafe UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }

    /// The version as it crosses the boundary.
    var crossing: hf_version {
        var version = hf_version()
        unsafe Swift.withUnsafeMutableBytes(of: &version) { bytes in
            unsafe bytes.storeBytes(of: high.bigEndian, toByteOffset: 0, as: UInt64.self)
            unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
        return version
    }
}

extension Version: CustomStringConvertible {
    /// 32 hexadecimal digits, lower case.
    public var description: String {
        func digits(_ half: UInt64) -> String {
            let text = String(half, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }
        return digits(high) + digits(low)
    }
}
