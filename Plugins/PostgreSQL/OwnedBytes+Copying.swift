internal import HoldfastProviderKit

extension OwnedBytes {
    /// Copies an array.
    init(copying array: [UInt8]) {
        self = unsafe array.withUnsafeBytes { unsafe OwnedBytes(copying: BorrowedBytes($0)) }
    }
}
