internal import HoldfastModel

/// A namespace that was checked once, when a handle for it was made.
struct Namespace: Hashable, Sendable {
    private let bytes: Bytes
    private let refusal: HoldfastError?

    /// The name as it was given.
    var name: String { bytes.description }

    init(_ name: String) {
        bytes = Bytes(name)
        do {
            try Self.check(name)
            refusal = nil
        } catch {
            refusal = error
        }
    }

    /// The bytes of the name.
    ///
    /// - Throws: `invalid`, on every use, since making a handle throws nothing.
    func checked() throws(HoldfastError) -> Bytes {
        if let refusal { throw refusal }
        return bytes
    }

    func address(_ key: String) throws(HoldfastError) -> Address {
        let namespace = try checked()
        try Self.check(key, as: "key", byteCountMax: Limits.keyByteCountMax)
        return Address(namespace: namespace, key: Bytes(key))
    }

    /// A prefix of keys: may be empty.
    func prefix(_ text: String) throws(HoldfastError) -> Bytes {
        guard !text.isEmpty else { return .empty }
        try Self.check(text, as: "key prefix", byteCountMax: Limits.keyByteCountMax)
        return Bytes(text)
    }

    private static func check(_ name: String) throws(HoldfastError) {
        try check(name, as: "namespace", byteCountMax: Limits.namespaceByteCountMax)
        guard !name.utf8.starts(with: "~".utf8) else {
            throw HoldfastError(
                .invalid, "namespace \"\(name)\" is reserved: names that begin with ~ belong to the host")
        }
    }

    /// The same rule as `Limits.validate`, for text that is known to be UTF-8.
    static func check(_ text: String, as noun: String, byteCountMax: Int) throws(HoldfastError) {
        let byteCount = text.utf8.count
        guard byteCount > 0 else {
            throw HoldfastError(.invalid, "\(noun) is empty, expected 1 to \(byteCountMax) bytes")
        }
        guard byteCount <= byteCountMax else {
            throw HoldfastError(.invalid, "\(noun) has \(byteCount) bytes, expected at most \(byteCountMax)")
        }
        guard !text.utf8.contains(0) else {
            throw HoldfastError(.invalid, "\(noun) contains a NUL character")
        }
    }
}
