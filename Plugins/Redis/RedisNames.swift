internal import HoldfastProviderKit

/// The names of the keys of one backend.
///
/// | name | type | holds |
/// |---|---|---|
/// | `…meta` | hash | `layout`, `identity` |
/// | `…{4:chatKEY}:h` | hash | of one key: `v`, `d` the document; `f` the floor, `n` when; `l` the last id |
/// | `…{4:chatKEY}:l` | sorted set | of one key: the items |
/// | `…names` | sorted set | the namespaces |
/// | `…keys:chat` | sorted set | the keys of a namespace |
/// | `…expiring` | sorted set | what expires, by its time |
/// | `…traces` | sorted set | tombstones and floors, by the time of the change |
/// | `…{log}:h`, `…{log}:s` | hash, stream | a log |
///
/// The text in braces decides where a Redis Cluster puts a key: all that belongs to one namespace and key
/// lies together. It begins with the length of the namespace, so that no two places share a name, and so that
/// a brace in a key never leaves it empty.
struct RedisNames: Hashable, Sendable {
    /// What the name of each key begins with.
    let prefix: String

    /// The hash of one key.
    func head(_ address: BorrowedAddress) -> [UInt8] { name(address, suffix: ":h") }

    /// The list of one key.
    func list(_ address: BorrowedAddress) -> [UInt8] { name(address, suffix: ":l") }

    /// What identifies the content.
    var meta: String { "\(prefix)meta" }

    /// What is known of a log.
    var logHead: String { "\(prefix){log}:h" }

    /// The entries of a log.
    var logStream: String { "\(prefix){log}:s" }

    private func name(_ address: BorrowedAddress, suffix: String) -> [UInt8] {
        var name = Array("\(prefix){\(address.namespace.count):".utf8)
        name.append(lent: address.namespace)
        name.append(lent: address.key)
        name += "}\(suffix)".utf8
        return name
    }
}
