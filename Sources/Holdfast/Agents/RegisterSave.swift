internal import HoldfastModel
internal import HoldfastSupport

/// The batch that makes the named documents of an agent be these.
struct RegisterSave: Sendable {
    let register: AgentRegister
    let contents: AgentRegister.Contents
    /// By name, what is there; nothing for a name whose document is missing.
    let stored: [Bytes: Document?]
    /// In the order that is wanted.
    let names: [String]
    let values: [Bytes]

    /// The batch; without steps where nothing differs.
    var batch: Batch {
        var batch = Batch()
        batch.checkLast(contents.last, of: register.key, in: register.namespace)
        let known = contents.entries.map(\.name)
        let wanted = Set(names.map { Bytes($0) })
        for name in known where !wanted.contains(Bytes(name)) { delete(name, in: &batch) }
        for (name, value) in zip(names, values) { put(value, at: name, in: &batch) }
        var added = names[...]
        if names.starts(with: known, by: { $0.isSameBytes(as: $1) }) {
            added = names.dropFirst(known.count)
        } else {
            // Names are small; and a list without removed items has the last id that its readers see.
            batch.erase(register.key, in: register.namespace)
        }
        let values = added.map { Value.json(Bytes(JSONText.quoted($0.utf8))) }
        if !values.isEmpty { batch.append(values, to: register.key, in: register.namespace) }
        return batch.count > 1 ? batch : Batch()
    }

    private func put(_ value: Bytes, at name: String, in batch: inout Batch) {
        let document = stored[Bytes(name)] ?? nil
        guard document?.bytes != value else { return }
        batch.put(
            .json(value), at: register.key(of: name), in: register.namespace,
            if: document.map { .version($0.version) } ?? .absent)
    }

    private func delete(_ name: String, in batch: inout Batch) {
        guard let document = stored[Bytes(name)] ?? nil else { return }
        batch.delete(
            register.key(of: name), in: register.namespace, if: .version(document.version))
    }
}
