internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

/// Where a trimming cuts a history that gets new messages at its end.
struct HistoryCut: Hashable, Sendable {
    /// Every stored message up to this id goes; nothing where all stay.
    var last: Version?
    /// How many of the new messages are beyond the bound at once, from the oldest on.
    var skippedCount = 0
}

/// A history as a trimming sees it: messages of a list, and such as are about to follow them.
struct GrowingHistory: Sendable {
    let lists: Lists
    let key: String
    /// The newest stored message, unless there is none; it is not part of the history where it is replaced.
    let newest: Item?
    let isNewestReplaced: Bool
    /// Oldest first.
    let additions: [Bytes]
    let options: CallOptions

    /// Finds where to cut.
    func cut(to bound: Trimming.Bound) async throws(HoldfastError) -> HistoryCut {
        switch bound {
        case .exact, .evenPairs: try await cut(toCount: bound.countMax ?? 0)
        case .bytes(let count): try await cut(toByteCount: count)
        case .age(let age):
            HistoryCut(
                last: try await lists.last(beyondAge: age, at: try lists.namespace.address(key), options))
        case .toolPairSafe(let count): try await cut(toPairsIn: count)
        }
    }

    private func cut(toCount count: Int) async throws(HoldfastError) -> HistoryCut {
        guard count > additions.count else {
            return HistoryCut(last: newest?.id, skippedCount: additions.count - count)
        }
        let staying = count - additions.count + (isNewestReplaced ? 1 : 0)
        let address = try lists.namespace.address(key)
        return HistoryCut(last: try await lists.last(beyondCount: staying, at: address, options))
    }

    private func cut(toByteCount count: Int) async throws(HoldfastError) -> HistoryCut {
        var room = count
        for (position, addition) in additions.enumerated().reversed() {
            room -= addition.count
            if room < 0 { return HistoryCut(last: newest?.id, skippedCount: position + 1) }
        }
        if isNewestReplaced { room += newest?.bytes.count ?? 0 }
        return HistoryCut(last: try await lists.last(beyondByteCount: room, of: key, options))
    }

    /// Reads the newest messages, and as many before them as it takes to find every call that they answer.
    private func cut(toPairsIn count: Int) async throws(HoldfastError) -> HistoryCut {
        guard count > 0 else { return try await cut(toCount: 0) }
        var stored: [(id: Version, shape: MessageShape)] = []
        let firstLimit = min(count, PageLimit.maximum - 8) + 8
        var range: ListRange? = ListRange(.descending, limit: firstLimit)
        let later = additions.map(MessageShape.init)
        var unmet = UnmetAnswers()
        for shape in later.reversed() { unmet.add(shape) }
        while let asked = range, stored.count + later.count <= count || !unmet.isEmpty {
            let page = try await lists.page(of: key, asked, options)
            for item in page where !(isNewestReplaced && item.id == newest?.id) {
                let shape = MessageShape(item.bytes)
                unmet.add(shape)
                stored.append((item.id, shape))
            }
            range = page.next
            range?.limit = Scan.streamPageCount
        }
        let shapes = stored.reversed().map(\.shape) + later
        let start = ToolPairs(shapes).safeStart(from: max(0, shapes.count - count))
        guard start > 0 else { return HistoryCut() }
        // Where no stored message stays, those that were not read go as well.
        guard start < stored.count else {
            return HistoryCut(last: newest?.id, skippedCount: start - stored.count)
        }
        return HistoryCut(last: stored[stored.count - start].id)
    }
}

/// The answers among messages, read from the newest to the oldest, whose calls have not been read yet.
private struct UnmetAnswers {
    private var ids: Set<String> = []

    var isEmpty: Bool { ids.isEmpty }

    mutating func add(_ shape: MessageShape) {
        ids.formUnion(shape.answers)
        ids.subtract(shape.calls)
        // An answer without an id belongs to any call.
        if !shape.calls.isEmpty { ids.remove("") }
    }
}
