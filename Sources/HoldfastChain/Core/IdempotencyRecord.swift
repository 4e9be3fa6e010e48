package import HoldfastModel

/// The document that remembers what a write with an idempotency key answered.
package enum IdempotencyRecord: Sendable {
    /// Where the records live.
    package static let namespace: Bytes = "~idempotency"
    private static let versionByteCount = 16

    /// The address of a key's record: the parts one after the other, each after its length, so that no two keys meet.
    ///
    /// - Throws: `invalid` when the parts together are too long for a key.
    package static func address(_ key: WriteRequest.IdempotencyKey) throws(HoldfastError) -> Address {
        let scope = key.scope
        let text = "\(scope.namespace.count):\(scope.namespace)\(scope.key.count):\(scope.key)\(key.text)"
        let bytes = Bytes(text)
        guard bytes.count <= Limits.keyByteCountMax else {
            throw HoldfastError(
                .invalid,
                "namespace, key and idempotency key have \(bytes.count) bytes together, "
                    + "expected at most \(Limits.keyByteCountMax)")
        }
        return Address(namespace: namespace, key: bytes)
    }

    /// The change that claims a key: the first one with it wins.
    package static func claim(_ address: Address, expiresAt: Int64) -> Change {
        Change(
            .put, Record(namespace: address.namespace, key: address.key, expiresAt: expiresAt, flags: .bytes),
            if: .version(.zero))
    }

    /// Writes the versions of a request into the value of its claim, which is its first change.
    package static func fill(_ changes: inout [Change]) {
        let versions = changes.dropFirst().map(\.record.version)
        changes[0].record.value = Bytes(
            versions.flatMap { version in
                (0..<versionByteCount).map { position in
                    let half = position < 8 ? version.high : version.low
                    return UInt8(truncatingIfNeeded: half >> UInt64(56 - position % 8 * 8))
                }
            })
    }

    /// Reads the versions back.
    ///
    /// - Throws: `corrupt` when the value is not one that ``fill(_:)`` wrote.
    package static func versions(in value: Bytes) throws(HoldfastError) -> [Version] {
        guard value.count.isMultiple(of: versionByteCount) else {
            throw HoldfastError(.corrupt, "the record of an idempotency key has \(value.count) bytes")
        }
        return stride(from: 0, to: value.count, by: versionByteCount).map { start in
            let halves = [start, start + 8].map { begin in
                (begin..<begin + 8).reduce(UInt64(0)) { $0 << 8 | UInt64(value[$1]) }
            }
            return Version(high: halves[0], low: halves[1])
        }
    }
}
