/// An immutable run of bytes of the plugin's own, shared when it is passed on.
///
/// Its address is stable, so a store that keeps values in memory lends them to a sink without copying.
@safe public struct OwnedBytes: @unchecked Sendable {
    // @unchecked: the storage is written only by the initializer, before the value is shared.
    private let storage: ByteStorage
    /// How many bytes.
    public let count: Int

    /// Copies bytes.
    public init(copying bytes: BorrowedBytes) {
        storage = ByteStorage.make(capacity: bytes.count)
        count = bytes.count
        unsafe bytes.withUnsafeBytes { source in
            unsafe storage.withUnsafeMutablePointerToElements { elements in
                unsafe UnsafeMutableRawBufferPointer(start: elements, count: source.count)
                    .copyMemory(from: source)
            }
        }
    }

    /// Copies the UTF-8 of a text.
    public init(_ text: String) {
        var text = text
        self = text.withUTF8 { unsafe OwnedBytes(copying: BorrowedBytes(UnsafeRawBufferPointer($0))) }
    }

    /// No bytes.
    public static let empty = OwnedBytes(copying: .empty)

    /// The bytes, lent for as long as this value or a copy of it is alive.
    ///
    /// The last use of a name ends its value's life, also before the end of a scope: hold on to it with
    /// `withExtendedLifetime` until the view has been used.
    public var borrowed: BorrowedBytes {
        unsafe storage.withUnsafeMutablePointerToElements {
            unsafe BorrowedBytes(start: UnsafeRawPointer($0), count: count)
        }
    }
}

extension OwnedBytes: Hashable, Comparable {
    /// Whether the bytes are the same.
    public static func == (left: OwnedBytes, right: OwnedBytes) -> Bool {
        left.storage === right.storage || left.borrowed == right.borrowed
    }

    /// Hashes the bytes.
    public func hash(into hasher: inout Hasher) {
        unsafe borrowed.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    }

    /// The order of `memcmp`, a prefix before what it begins.
    public static func < (left: OwnedBytes, right: OwnedBytes) -> Bool { left.borrowed < right.borrowed }
}

/// The allocation behind ``OwnedBytes``: written once, before anybody else sees it.
private final class ByteStorage: ManagedBuffer<Void, UInt8> {
    static func make(capacity: Int) -> ByteStorage {
        let buffer = ByteStorage.create(minimumCapacity: capacity) { _ in () }
        return unsafe unsafeDowncast(buffer, to: ByteStorage.self)
    }
}
