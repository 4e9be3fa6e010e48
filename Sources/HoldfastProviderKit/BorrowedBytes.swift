internal import CHoldfastProvider
private import Glibc

/// Bytes that belong to the other side, lent for the duration of one call.
///
/// A plugin that binds or compares them copies nothing; what it keeps it must copy, with ``array`` or
/// ``OwnedBytes``. Keeping the view itself beyond the call is the one mistake that the compiler does not
/// catch here: the conformance suite poisons lent memory after each call to find it.
@safe public struct BorrowedBytes {
    /// The first byte, or nothing when there is none.
    @unsafe public let start: UnsafeRawPointer?
    /// How many bytes.
    public let count: Int

    /// Lends memory.
    ///
    /// - Parameters:
    ///   - start: the first byte; it must outlive every use of this view.
    ///   - count: how many bytes.
    public init(start: UnsafeRawPointer?, count: Int) {
        unsafe self.start = start
        self.count = unsafe start == nil ? 0 : max(0, count)
    }

    /// Lends a buffer, which must outlive every use of this view.
    public init(_ buffer: UnsafeRawBufferPointer) {
        unsafe self.init(start: buffer.baseAddress, count: buffer.count)
    }

    /// No bytes.
    public static var empty: BorrowedBytes { unsafe BorrowedBytes(start: nil, count: 0) }

    /// Whether there is no byte.
    public var isEmpty: Bool { count == 0 }

    /// Lends the bytes to a closure.
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe body(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// A copy of the bytes.
    public var array: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }

    /// The bytes as text, or nothing where they are not UTF-8.
    public var string: String? {
        unsafe withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
    }

    /// The bytes as text for a message, what is not UTF-8 replaced.
    public var readable: String { unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }

    /// Whether these bytes begin with the given ones.
    public func hasPrefix(_ prefix: BorrowedBytes) -> Bool {
        guard let own = unsafe start, let other = unsafe prefix.start, prefix.count > 0 else {
            return prefix.isEmpty
        }
        return unsafe prefix.count <= count && memcmp(own, other, prefix.count) == 0
    }
}

@available(*, unavailable) extension BorrowedBytes: Sendable {}

extension BorrowedBytes: Comparable {
    /// Whether the bytes are the same.
    public static func == (left: BorrowedBytes, right: BorrowedBytes) -> Bool {
        left.count == right.count && left.hasPrefix(right)
    }

    /// The order of `memcmp`, a prefix before what it begins.
    public static func < (left: BorrowedBytes, right: BorrowedBytes) -> Bool {
        let common = min(left.count, right.count)
        guard common > 0, let first = unsafe left.start, let second = unsafe right.start else {
            return left.count < right.count
        }
        let order = unsafe memcmp(first, second, common)
        return order == 0 ? left.count < right.count : order < 0
    }

    /// Whether the bytes are the UTF-8 of a text.
    public static func == (left: BorrowedBytes, right: StaticString) -> Bool {
        unsafe left == BorrowedBytes(start: right.utf8Start, count: right.utf8CodeUnitCount)
    }
}

extension BorrowedBytes {
    init(_ bytes: hf_bytes) { unsafe self.init(start: bytes.data, count: Int(clamping: bytes.size)) }

    /// The bytes as they cross the boundary.
    var crossing: hf_bytes { unsafe hf_bytes(data: start, size: count) }
}
