internal import HoldfastChain
internal import HoldfastModel

/// The conditions of a batch on the last items of lists, as its readers mean them.
///
/// For a store the last id of a list stays when its item is removed or expires: nothing ever comes before what somebody
/// has read. A reader sees the item before it as the last, and would be refused for ever. So where a batch is refused
/// with an id that is later than the one it names, and readers still see the one that it names, it is asked for again
/// with the id that the store told.
struct LastItems {
    private struct Guess: Hashable {
        let position: Int
        let id: Version
    }

    /// The batch, with the ids that the store has told in place of those that readers see.
    private(set) var batch: Batch
    /// By the position of a step, the id that the caller named.
    private let named: [Int: Version]
    private var guesses: Set<Guess> = []

    init(_ batch: Batch) {
        self.batch = batch
        var named: [Int: Version] = [:]
        for (position, entry) in batch.entries.enumerated() { named[position] = entry.step.last }
        self.named = named
    }

    /// Takes up an id that a refusal has told.
    ///
    /// It does not tell whose last id it is. Of several lists that it can be, one after the other is tried.
    ///
    /// - Returns: whether the batch is worth another attempt.
    mutating func take(
        _ id: Version?, from store: HistoryStore, _ options: CallOptions
    ) async throws(HoldfastError) -> Bool {
        guard let id, !named.isEmpty else { return false }
        // A list that was taken for another one.
        let wrong = named.first { $0.value == id && batch.entries[$0.key].step.last != id }
        if let wrong {
            batch.replaceLast(at: wrong.key, by: id)
            return true
        }
        let positions = named.filter { position, last in
            last < id && !guesses.contains(Guess(position: position, id: id))
        }.keys.sorted { isAsNamed($0) != isAsNamed($1) ? isAsNamed($0) : $0 < $1 }
        guard !positions.isEmpty else { return false }
        let range = ListRange(.latest).request(limit: 1)
        let requests = try positions.map { position throws(HoldfastError) in
            let entry = batch.entries[position]
            return ReadRequest(try entry.namespace.address(entry.key), range: range)
        }
        let seen = try await store.read(requests, options).results.map { $0.first?.id ?? .zero }
        guard let (position, _) = zip(positions, seen).first(where: { named[$0] == $1 }) else { return false }
        guesses.insert(Guess(position: position, id: id))
        batch.replaceLast(at: position, by: id)
        return true
    }

    private func isAsNamed(_ position: Int) -> Bool { batch.entries[position].step.last == named[position] }
}

extension Batch.Step {
    /// The id that must be the last of the list, if the step asks for one.
    fileprivate var last: Version? {
        switch self {
        case .checkLast(let last): last
        case .append(_, let last): last
        default: nil
        }
    }
}
