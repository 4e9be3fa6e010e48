internal import HoldfastConfiguration
internal import HoldfastModel
internal import HoldfastSupport

/// What the document of a lock says.
///
/// A lock is two documents. This one changes when the lock is taken, released or broken, and at no other time: a write is
/// fenced by its version. The other, the lease, is written anew by each renewal, so that renewing disturbs no write that
/// is on its way.
struct LockRecord: Hashable, Sendable {
    /// Who holds a lock, and how long after a sign of life.
    struct Holder: Hashable, Sendable {
        let owner: String
        let leaseMilliseconds: Int64
        /// Drawn at random by each caller: how it recognises a write of its own whose answer was lost.
        let acquisition: String
    }

    /// See ``Fence/number``.
    let fence: UInt64
    /// Nothing when the lock is free.
    let holder: Holder?

    static let namespace: Bytes = "~locks"
    static let leaseNamespace: Bytes = "~leases"

    init(fence: UInt64, holder: Holder?) {
        self.fence = fence
        self.holder = holder
    }

    /// Reads what is stored.
    ///
    /// - Throws: `corrupt` for what no lock has written.
    init(decoding bytes: Bytes, name: String) throws(HoldfastError) {
        let text = bytes.array
        func member(_ pointer: String) -> String? {
            (try? JSONPointer.value(at: Array(pointer.utf8), in: text)).map {
                String(decoding: $0, as: UTF8.self)
            }
        }
        guard let fence = member("/fence").flatMap({ UInt64($0) }) else {
            throw HoldfastError(.corrupt, "the document of lock \"\(name)\" has no fence")
        }
        self.fence = fence
        guard let owner = member("/owner") else {
            holder = nil
            return
        }
        guard let lease = member("/lease_ms").flatMap({ Int64($0) }), lease > 0,
            let acquisition = member("/acquisition")
        else {
            throw HoldfastError(.corrupt, "the document of lock \"\(name)\" has an owner and no lease")
        }
        holder = Holder(owner: owner, leaseMilliseconds: lease, acquisition: acquisition)
    }

    /// The bytes to store.
    var encoded: Bytes {
        var members = [JSONMember("fence", .integer(fence))]
        if let holder {
            members += [
                JSONMember("owner", .string(holder.owner)),
                JSONMember("lease_ms", .integer(holder.leaseMilliseconds)),
                JSONMember("acquisition", .string(holder.acquisition)),
            ]
        }
        return Bytes(JSONValue.object(members).text)
    }
}
