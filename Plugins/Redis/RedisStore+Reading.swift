internal import HoldfastProviderKit

extension RedisStore {
    func get(_ address: BorrowedAddress, into sink: inout RecordSink, call: CallContext) throws(ProviderError)
    {
        var pipeline = RedisPipeline("MULTI")
        addDocument(address, to: &pipeline)
        // The sink cannot be lent to two closures at once, so the answer is handed over in one.
        try answer(pipeline, 1, call) { replies throws(ProviderError) in
            if let record = try document(replies.element(0)) { _ = sink.push(record.outgoing(address)) }
        }
    }

    func list(
        _ address: BorrowedAddress, range: ListRange, into sink: inout RecordSink, call: CallContext
    ) throws(ProviderError) {
        var page = RedisListPage(range, names.list(address))
        while !page.isOver {
            var pipeline = RedisPipeline("MULTI")
            page.add(to: &pipeline)
            try answer(pipeline, 1, call) { replies throws(ProviderError) in
                try page.push(replies.element(0), address, host.unixMilliseconds, into: &sink)
            }
        }
    }

    /// Answers many questions from one moment, in one round trip; what a long list has beyond its first page
    /// is asked for behind it.
    func read(_ requests: ReadBuffer, call: CallContext) throws(ProviderError) {
        guard !requests.isEmpty else { return }
        var pages: [RedisListPage?] = []
        var pipeline = RedisPipeline("MULTI")
        for asked in requests {
            let page = asked.range.map { RedisListPage($0, names.list(asked.address)) }
            if let page { page.add(to: &pipeline) } else { addDocument(asked.address, to: &pipeline) }
            pages.append(page)
        }
        try answer(pipeline, requests.count, call) { replies throws(ProviderError) in
            for (number, asked) in requests.enumerated() {
                var sink = requests.sink(at: number)
                let own = try replies.element(number)
                if pages[number] == nil {
                    if let record = try document(own) { _ = sink.push(record.outgoing(asked.address)) }
                } else {
                    try pages[number]?.push(own, asked.address, host.unixMilliseconds, into: &sink)
                }
            }
        }
        for (number, asked) in requests.enumerated() {
            var sink = requests.sink(at: number)
            while let page = pages[number], !page.isOver {
                var pipeline = RedisPipeline("MULTI")
                page.add(to: &pipeline)
                try answer(pipeline, 1, call) { replies throws(ProviderError) in
                    try pages[number]?.push(
                        replies.element(0), asked.address, host.unixMilliseconds, into: &sink)
                }
            }
        }
    }

    /// Ends a transaction of reads with the question whether the content is still what it was, and runs it.
    private func answer(
        _ questions: RedisPipeline, _ count: Int, _ call: CallContext,
        _ body: (RedisReply) throws(ProviderError) -> Void
    ) throws(ProviderError) {
        var pipeline = questions
        pipeline.add("HGET", names.meta, "identity")
        pipeline.add("EXEC")
        let last = pipeline.count - 1
        try connection.run(pipeline, call: call) { index, reply throws(ProviderError) in
            guard index == last else { return }
            for number in 0...count {
                let own = try reply.element(number)
                if own.isError { throw RedisFailure(own, hiding: connection.secrets).error }
            }
            try expectIdentity(reply.element(count))
            try body(reply)
        }
    }

    private func addDocument(_ address: BorrowedAddress, to pipeline: inout RedisPipeline) {
        pipeline.begin(4)
        pipeline.append("HMGET")
        pipeline.append(names.head(address))
        pipeline.append("v")
        pipeline.append("d")
    }

    /// The document in an answer, or nothing where a reader sees none.
    private func document(_ reply: RedisReply) throws(ProviderError) -> RedisRecord? {
        let meta = try reply.element(0)
        if meta.isNil { return nil }
        let record = try RedisRecord(document: meta.bytes, value: reply.element(1).bytes)
        return record.isVisible(at: host.unixMilliseconds) ? record : nil
    }
}

/// Where the reading of a list stands.
struct RedisListPage {
    /// How many items the first page has.
    private static let firstCount: UInt64 = 100
    /// About how many bytes a later page may have.
    private static let byteCount = 8 << 20

    private let list: [UInt8]
    private let isReversed: Bool
    private var low: [UInt8]
    private var high: [UInt8]
    private var remaining: UInt64
    private var wanted: UInt64
    /// Whether the host has what it wants.
    private(set) var isOver: Bool

    init(_ range: ListRange, _ list: [UInt8]) {
        self.list = list
        isReversed = range.isReversed
        low = range.after.isZero ? [UInt8(ascii: "-")] : Self.above(range.after)
        high = range.before.isZero ? [UInt8(ascii: "+")] : Self.below(range.before)
        remaining = range.limit
        wanted = min(range.limit, Self.firstCount)
        isOver = range.limit == 0
    }

    /// Adds the question for the next page: no item before it is looked at.
    func add(to pipeline: inout RedisPipeline) {
        pipeline.begin(7)
        pipeline.append(isReversed ? "ZREVRANGEBYLEX" : "ZRANGEBYLEX")
        pipeline.append(list)
        pipeline.append(isReversed ? high : low)
        pipeline.append(isReversed ? low : high)
        pipeline.append("LIMIT")
        pipeline.append("0")
        pipeline.append(wanted)
    }

    /// Hands a page over.
    mutating func push(
        _ reply: RedisReply, _ address: BorrowedAddress, _ now: Int64, into sink: inout RecordSink
    ) throws(ProviderError) {
        var byteCount = 0
        var last = Version.zero
        for index in 0..<reply.count {
            let item = try reply.bytes(index)
            let record = try RedisRecord(item: item)
            byteCount += item.count
            last = record.id
            guard record.isVisible(at: now) else { continue }
            remaining -= 1
            if !sink.push(record.outgoing(address)) || remaining == 0 {
                isOver = true
                return
            }
        }
        guard reply.count > 0, UInt64(reply.count) >= wanted else {
            isOver = true
            return
        }
        if isReversed { high = Self.below(last) } else { low = Self.above(last) }
        let affordable = max(2, min(4096, Self.byteCount / max(1, byteCount / reply.count)))
        wanted = min(remaining, UInt64(affordable))
    }

    /// Behind every item with an id: what follows an id is never 255.
    static func above(_ id: Version) -> [UInt8] {
        var bound = [UInt8(ascii: "(")]
        bound.append(id)
        bound.append(0xFF)
        return bound
    }

    /// Before every item with an id.
    static func below(_ id: Version) -> [UInt8] {
        var bound = [UInt8(ascii: "(")]
        bound.append(id)
        return bound
    }
}
