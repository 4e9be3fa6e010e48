internal import HoldfastProviderKit

extension OwnedBytes {
    /// Copies an array.
    init(copying array: [UInt8]) {
        self = unsafe array.withUnsafeBytes { unsafe OwnedBytes(copying: BorrowedBytes($0)) }
    }

    /// Whether the bytes are those that are lent.
    ///
    /// Comparing through `borrowed` would let the bytes go as soon as they are lent, where nothing else holds them.
    func isEqual(to bytes: BorrowedBytes) -> Bool {
        withExtendedLifetime(self) { borrowed == bytes }
    }
}
