private import Glibc

/// An immutable run of bytes that is shared, not copied, when it is passed on.
///
/// Keys, values and log payloads travel as `Bytes` from the caller to the plugin: the storage has one stable address
/// for as long as any `Bytes` refers to it, so a batch of thousands of values can be lent to a C function at once.
/// Slices share their parent's storage.
@safe public struct Bytes: @unchecked Sendable {
    // @unchecked: the storage is written only by `init(count:filledBy:)`, before the value is shared.
    @usableFromInline let storage: ByteStorage
    @usableFromInline let offset: Int
    /// The number of bytes.
    public let count: Int

    @usableFromInline init(storage: ByteStorage, offset: Int, count: Int) {
        self.storage = storage
        self.offset = offset
        self.count = count
    }

    /// The empty run of bytes.
    public static let empty = Bytes(storage: ByteStorage.make(capacity: 0), offset: 0, count: 0)

    /// Allocates bytes and lets a closure fill them, exactly once.
    ///
    /// - Parameters:
    ///   - count: how many bytes to allocate; the closure must write each of them.
    ///   - fill: writes the bytes; its pointer is dead after it returns.
    public init(count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) -> Void) {
        let storage = ByteStorage.make(capacity: count)
        unsafe storage.withUnsafeMutablePointerToElements { elements in
            unsafe fill(UnsafeMutableRawBufferPointer(start: elements, count: count))
        }
        self.init(storage: storage, offset: 0, count: count)
    }

    /// Copies the bytes of a buffer.
    public init(copying buffer: UnsafeRawBufferPointer) {
        guard unsafe !buffer.isEmpty else {
            self = .empty
            return
        }
        unsafe self.init(count: buffer.count) { target in unsafe target.copyMemory(from: buffer) }
    }

    /// Copies an array.
    public init(_ array: [UInt8]) {
        self = unsafe array.withUnsafeBytes { unsafe Bytes(copying: $0) }
    }

    /// Copies the UTF-8 of a string.
    public init(_ string: String) {
        var string = string
        self = string.withUTF8 { unsafe Bytes(copying: UnsafeRawBufferPointer($0)) }
    }

    /// Whether there is no byte.
    public var isEmpty: Bool { count == 0 }

    /// Lends the bytes to a closure.
    @inlinable public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(storage) {} }
        return try unsafe body(UnsafeRawBufferPointer(start: unsafeStart, count: count))
    }

    /// Lends the bytes to a closure that is checked for memory safety.
    public func withSpan<Result, Failure: Error>(
        _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try unsafe withUnsafeBytes { buffer throws(Failure) in
            try body(unsafe buffer.assumingMemoryBound(to: UInt8.self).span)
        }
    }

    /// The address of the first byte, valid only while this value or a copy of it is kept alive by the caller.
    @unsafe @inlinable public var unsafeStart: UnsafeRawPointer {
        unsafe storage.withUnsafeMutablePointerToElements { unsafe UnsafeRawPointer($0 + offset) }
    }

    /// The bytes as an array of their own.
    public var array: [UInt8] { unsafe withUnsafeBytes { unsafe [UInt8]($0) } }

    /// The byte at a position, which must be below ``count``.
    public subscript(position: Int) -> UInt8 {
        precondition(position >= 0 && position < count, "position \(position) of \(count) bytes")
        return unsafe withUnsafeBytes { unsafe $0[position] }
    }

    /// A part of the bytes, sharing their storage; the range must lie inside.
    @inlinable public subscript(range: Range<Int>) -> Bytes {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "range \(range) of \(count) bytes")
        return Bytes(storage: storage, offset: offset + range.lowerBound, count: range.count)
    }
}

extension Bytes: Hashable, Comparable {
    /// Whether both are the same bytes, wherever they are kept.
    public static func == (left: Bytes, right: Bytes) -> Bool {
        guard left.count == right.count else { return false }
        if left.storage === right.storage, left.offset == right.offset { return true }
        return unsafe memcmp(left.unsafeStart, right.unsafeStart, left.count) == 0
    }

    /// Feeds the bytes to a hasher.
    public func hash(into hasher: inout Hasher) {
        unsafe withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }

    /// The order of `memcmp`, a prefix before what it begins.
    public static func < (left: Bytes, right: Bytes) -> Bool {
        unsafe left.withUnsafeBytes { leftBytes in
            unsafe right.withUnsafeBytes { rightBytes in
                unsafe leftBytes.lexicographicallyPrecedes(rightBytes)
            }
        }
    }

    /// Whether the given bytes stand somewhere in these; none stand everywhere.
    public func contains(_ part: Bytes) -> Bool {
        unsafe withUnsafeBytes { bytes in
            unsafe part.withUnsafeBytes { part in
                guard let first = unsafe part.first, let wanted = part.baseAddress else { return true }
                var rest = unsafe bytes[...]
                while unsafe rest.count >= part.count,
                    let start = unsafe UnsafeRawBufferPointer(rebasing: rest).baseAddress,
                    let found = unsafe memchr(start, Int32(first), rest.count - part.count + 1)
                {
                    if unsafe memcmp(found, wanted, part.count) == 0 { return true }
                    unsafe rest = rest.dropFirst(UnsafeRawPointer(found) - start + 1)
                }
                return false
            }
        }
    }

    /// Whether these bytes begin with the given ones.
    public func hasPrefix(_ prefix: Bytes) -> Bool {
        count >= prefix.count && self[0..<prefix.count] == prefix
    }
}

extension Bytes: ExpressibleByStringLiteral, CustomStringConvertible {
    /// The UTF-8 of a literal.
    public init(stringLiteral value: String) { self.init(value) }

    /// The bytes read as UTF-8, what is not UTF-8 replaced.
    public var description: String { unsafe withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) } }

    /// The bytes as a string, or nothing where they are not UTF-8.
    public var validatedString: String? {
        unsafe withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
    }
}

/// The allocation behind ``Bytes``: written once, before anybody else sees it.
@usableFromInline final class ByteStorage: ManagedBuffer<Void, UInt8> {
    static func make(capacity: Int) -> ByteStorage {
        let buffer = ByteStorage.create(minimumCapacity: capacity) { _ in () }
        return unsafe unsafeDowncast(buffer, to: ByteStorage.self)
    }
}
