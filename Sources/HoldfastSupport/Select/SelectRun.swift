/// Answers a query from records that come one by one, in whatever order, in bounded memory.
package struct SelectRun<Payload> {
    private let select: Select
    private let evaluator: SelectEvaluator
    private let bound: SelectRank?
    private let capacity: Int
    /// A heap whose first entry is the last in the order.
    private var heap: [(rank: SelectRank, payload: Payload)] = []
    private var matchCount: UInt64 = 0
    private var groups: SelectGroups?
    private let isInOrder: Bool

    /// Begins with no records.
    ///
    /// - Parameters:
    ///   - select: the query.
    ///   - isInOrder: whether records come in the order of the query; if not said, where that is the order of a scan.
    package init(_ select: Select, isInOrder: Bool? = nil) {
        self.select = select
        self.isInOrder = isInOrder ?? (select.scanIsReversed != nil)
        evaluator = SelectEvaluator(filter: select.filter, outputs: select.outputs)
        bound = select.after.map { SelectRank($0.order, key: $0.key, id: $0.id, select) }
        capacity = select.limit == 0 ? 0 : select.offset + select.limit
        if case .groups(let grouping) = select.answer { groups = SelectGroups(grouping) }
    }

    /// Whether what comes later cannot change the answer.
    package var isOver: Bool {
        guard case .records = select.answer else { return false }
        return capacity == 0 || (isInOrder && heap.count == capacity)
    }

    /// Looks at one record of the query's namespace, keys and scope.
    ///
    /// - Parameters:
    ///   - meta: its key, id and version.
    ///   - text: its value, or nothing where it is bytes.
    ///   - payload: what is kept of it while it is among the first.
    /// - Throws: when there are too many groups.
    package mutating func take(
        _ meta: SelectMeta, _ text: Span<UInt8>?, _ payload: () -> Payload
    ) throws(SelectError) {
        guard let keys = evaluator.keys(meta, text) else { return }
        switch select.answer {
        case .count: matchCount += 1
        case .groups: try groups?.add(keys)
        case .records:
            let rank = SelectRank(keys, key: meta.key, id: meta.id, select)
            if let bound, rank <= bound { return }
            keep(rank, payload)
        }
    }

    /// How many records match.
    package var count: UInt64 { matchCount }

    /// The rows of the groups that the page has.
    package var rows: [SelectGroups.Row] {
        Array((groups?.rows ?? []).dropFirst(select.offset).prefix(select.limit))
    }

    /// What was kept of the records of the page, in order.
    package var payloads: [Payload] {
        heap.sorted { $0.rank < $1.rank }.dropFirst(select.offset).map(\.payload)
    }

    private mutating func keep(_ rank: SelectRank, _ payload: () -> Payload) {
        guard capacity > 0 else { return }
        if heap.count < capacity {
            heap.append((rank, payload()))
            rise(from: heap.count - 1)
        } else if rank < heap[0].rank {
            heap[0] = (rank, payload())
            sink()
        }
    }

    private mutating func rise(from start: Int) {
        var index = start
        while index > 0, heap[(index - 1) / 2].rank < heap[index].rank {
            heap.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    private mutating func sink() {
        var index = 0
        while true {
            var largest = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < heap.count && heap[largest].rank < heap[child].rank { largest = child }
            if largest == index { return }
            heap.swapAt(index, largest)
            index = largest
        }
    }
}

extension Select {
    /// Of what sort keys are needed, in the order in which they are used.
    package var outputs: [SelectOperand] {
        switch answer {
        case .records: order.map(\.by)
        case .count: []
        case .groups(let grouping): SelectGroups.outputs(of: grouping)
        }
    }

    /// The place of a record in the order, for a page that goes on behind it.
    package func place(of meta: SelectMeta, _ text: Span<UInt8>?) -> Place {
        let keys = SelectEvaluator(filter: nil, outputs: order.map(\.by)).keys(meta, text) ?? []
        return Place(order: keys, key: meta.key, id: meta.id)
    }
}

/// The place of a record in the order of a query; no two records share one.
package struct SelectRank: Comparable, Hashable, Sendable {
    /// What is compared.
    package let bytes: [UInt8]

    /// Joins sort keys, key and id to bytes that compare as a whole.
    package init(_ keys: [[UInt8]], key: [UInt8], id: SelectID, _ select: Select) {
        var bytes: [UInt8] = []
        for (part, order) in zip(keys, select.order) { Self.append(part, order.isDescending, to: &bytes) }
        Self.append(key, select.isTieDescending, to: &bytes)
        Self.append(id.bytes, select.isTieDescending, to: &bytes)
        self.bytes = bytes
    }

    /// A zero is followed by FF, the end is two zeros: so a shorter part comes before what it begins.
    private static func append(_ part: [UInt8], _ isDescending: Bool, to bytes: inout [UInt8]) {
        let mask: UInt8 = isDescending ? 0xFF : 0
        for byte in part {
            bytes.append(byte ^ mask)
            if byte == 0 { bytes.append(0xFF ^ mask) }
        }
        bytes += [mask, mask]
    }

    package static func < (left: SelectRank, right: SelectRank) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}
