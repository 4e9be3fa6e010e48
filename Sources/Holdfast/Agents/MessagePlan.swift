internal import HoldfastModel

/// The batch of a whole-list save.
struct MessagePlan: Sendable {
    let stored: StoredHistory
    let difference: MessageDifference
    let messages: [Bytes]
    let agent: String
    let key: String

    /// The batch, whose last step is the appending of new messages where there are any.
    func batch(ifLast last: Version) -> Batch {
        let namespace = Agents.Place.messages.rawValue
        var batch = Batch()
        batch.checkLast(last, of: key, in: namespace)
        if difference.changesPast {
            changePast(in: &batch)
        } else {
            batch.check(key, in: Agents.Place.archives.rawValue, is: stored.condition)
        }
        if !difference.appended.isEmpty {
            batch.append(messages[difference.appended].map { .json($0) }, to: key, in: namespace)
        }
        return batch
    }

    private func changePast(in batch: inout Batch) {
        keepForSnapshots(in: &batch)
        let namespace = Agents.Place.messages.rawValue
        if difference.removed.count == stored.items.count {
            batch.erase(key, in: namespace)
        } else if difference.removed.lowerBound == 0, !difference.removed.isEmpty {
            batch.trim(key, in: namespace, upTo: stored.items[difference.removed.upperBound - 1].id)
        } else {
            for position in difference.removed {
                batch.remove(stored.items[position].id, from: key, in: namespace)
            }
        }
        for edit in difference.edited {
            batch.edit(stored.items[edit.old].id, of: key, in: namespace, to: .json(messages[edit.new]))
        }
    }

    /// Copies what snapshots need into an archive, and notes that the past has changed.
    private func keepForSnapshots(in batch: inout Batch) {
        let namespace = Agents.Place.archives.rawValue
        var head = stored.head
        let start = difference.keptCount
        let (archive, unused) = head.rewrite(from: start, ids: stored.items.map(\.id))
        batch.put(.json(head.json), at: key, in: namespace, if: stored.condition)
        if let archive {
            let values = stored.items[start..<start + archive.count].map { Value.json($0.bytes) }
            batch.append(values, to: Agents.archive(archive.number, of: agent), in: namespace)
        }
        for number in unused { batch.erase(Agents.archive(number, of: agent), in: namespace) }
    }
}
