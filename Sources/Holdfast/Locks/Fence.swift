internal import HoldfastModel

/// Proof of one acquisition of a lock: what writes carry so that the store refuses them once the lock has moved on.
///
/// The store holds the fence against the lock in the same atomic step as the write, on the primary, where all hosts
/// meet. So a holder that was away for too long cannot write, whatever it believes.
public struct Fence: Hashable, Sendable {
    /// The name of the lock.
    public let name: String
    /// Rises with every acquisition of the lock, and is never used again.
    ///
    /// For systems outside the store: one that remembers the highest number that it has seen, and refuses every lower
    /// one, is protected as well.
    public let number: UInt64

    let address: Address
    /// What the acquisition wrote; everything that ends it writes another.
    let version: Version

    /// Writes nothing, and lets its batch take place only while the acquisition stands.
    var check: Change {
        Change(.check, Record(namespace: address.namespace, key: address.key), if: .version(version))
    }
}
