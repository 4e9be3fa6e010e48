internal import HoldfastModel

/// Makes random changes out of few keys and versions, so that they meet each other often.
struct ChangeGenerator {
    var random: SeededRandom
    let namespace: Bytes
    let keys: [Bytes]
    /// Ascending; ids and versions are drawn from them.
    let versions: [Version]
    let now: Int64

    init(_ trial: StoreTrial, keys: [Bytes], versionCount: Int, seed: UInt64) {
        random = SeededRandom(seed: seed)
        namespace = trial.namespace
        self.keys = keys
        versions = trial.versions(versionCount)
        now = trial.now
    }

    /// A change of plain merge.
    mutating func change() -> Change {
        let key = pick(keys)
        if random.next() % 6 == 0 {
            return Change(.drop, Record(namespace: namespace, key: key, version: pick(versions)))
        }
        return Change(.put, record(key, isItem: random.next() % 3 != 0))
    }

    /// A change under a random condition, which half of the time has a chance to hold.
    mutating func conditionalChange(_ states: [Bytes: KeyState], mayCheck: Bool) -> Change {
        let key = pick(keys)
        let state = states[key] ?? KeyState()
        let isItem = random.next() % 2 == 0
        let expected =
            random.next() % 2 == 0 ? state.current(isItem: isItem, at: now) : pick(versions + [.zero])
        switch random.next() % (mayCheck ? 8 : 7) {
        case 0: return Change(.put, record(key, isItem: isItem))
        case 1, 2: return Change(.put, record(key, isItem: isItem), if: .version(expected))
        case 3, 4: return Change(.put, record(key, isItem: isItem), if: .newest)
        case 5: return Change(.put, record(key, isItem: true), if: .exists)
        case 6:
            let drop = Record(namespace: namespace, key: key, version: pick(versions))
            return Change(.drop, drop, if: random.next() % 2 == 0 ? .newest : .none)
        default:
            let place = Record(namespace: namespace, key: key)
            return Change(.check, place, if: .version(state.current(isItem: false, at: now)))
        }
    }

    /// A record whose content follows from its place and version, as that of one change does everywhere.
    private mutating func record(_ key: Bytes, isItem: Bool) -> Record {
        let id = isItem ? pick(versions) : .zero
        let version = pick(versions)
        var mixer = SeededRandom(seed: version.high &* 31 &+ version.low &+ id.high &* 7 &+ id.low)
        let kind = mixer.next() % 10
        var record = Record(namespace: namespace, key: key, id: id, version: version)
        if kind < 2 {
            record.flags = .removed
            return record
        }
        record.value = Bytes("{\"id\":\"\(id)\",\"version\":\"\(version)\"}")
        if kind == 2 { record.expiresAt = now - 3_600_000 }
        if kind == 3 { record.expiresAt = now + 3_600_000 }
        return record
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(random.next() % UInt64(elements.count))]
    }
}

extension KeyState {
    /// What a condition on the version compares with.
    func current(isItem: Bool, at milliseconds: Int64) -> Version {
        if isItem { return items.last?.id ?? .zero }
        guard let document, document.isVisible(at: milliseconds) else { return .zero }
        return document.version
    }
}
