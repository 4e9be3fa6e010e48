package import HoldfastModel

/// The document that holds a mark: namespace `~holdfast`, key `<chain>/<log id>`.
///
/// The value is one line of text, so that a person with a database shell can read it:
/// `<lsn> <phase> <incarnation>`.
package enum MarkCodec: Sendable {
    /// The namespace of what a chain keeps for itself.
    package static let namespace: Bytes = "~holdfast"

    /// What the keys of a chain's marks begin with.
    package static func prefix(chain: String) -> Bytes { Bytes("\(chain)/") }

    /// Where a mark lives.
    package static func address(chain: String, log: String) -> Address {
        Address(namespace: namespace, key: Bytes("\(chain)/\(log)"))
    }

    /// The change that moves a mark; plain merge, because one host alone writes it.
    package static func change(_ mark: Mark, chain: String, version: Version) -> Change {
        let address = address(chain: chain, log: mark.log)
        let text = "\(mark.lsn) \(mark.phase.rawValue) \(mark.incarnation)"
        return Change(
            .put,
            Record(
                namespace: address.namespace, key: address.key, version: version, value: Bytes(text),
                flags: .bytes))
    }

    /// Reads a mark.
    ///
    /// - Throws: `corrupt` when the value is not one that ``change(_:chain:version:)`` wrote.
    package static func mark(in record: Record, chain: String) throws(HoldfastError) -> Mark {
        let parts = record.value.description.split(
            separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let lsn = UInt64(parts[0]),
            let phase = UInt8(parts[1]).flatMap(Mark.Phase.init(rawValue:))
        else { throw HoldfastError(.corrupt, "the mark \(record.key) cannot be read: \"\(record.value)\"") }
        let log = String(record.key.description.dropFirst(chain.utf8.count + 1))
        return Mark(log: log, lsn: lsn, incarnation: String(parts[2]), phase: phase)
    }
}
