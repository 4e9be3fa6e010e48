internal import HoldfastProviderKit

extension RedisStore {
    /// How many records one page of a scan looks at: the server does nothing else meanwhile.
    private static let pageCountMax = 1000
    /// About how many bytes one page of a scan reads.
    private static let pageByteCountMax = 4 << 20

    /// Pushes the records that a query asks for, in the order of (namespace, key, id).
    func query(_ query: ScanQuery, into sink: inout RecordSink, call: CallContext) throws(ProviderError) {
        guard query.limit > 0, !query.namespace.isEmpty || query.scope.contains(.raw) else { return }
        guard !query.scope.isDisjoint(with: [.documents, .items, .raw]) else { return }
        var scan = RedisScan(query, host)
        if let after = query.after {
            scan.place = RedisScanPlace(
                namespace: OwnedBytes(copying: after.address.namespace),
                key: OwnedBytes(copying: after.address.key), id: after.id)
        }
        while !scan.isOver {
            // What filters nothing need not look at more than the host wants; what it skips comes on top.
            let wanted = query.matches.isEmpty ? min(scan.remaining, UInt64(Self.pageCountMax)) : .max
            let count = max(16, Int(clamping: min(wanted, UInt64(Self.pageCountMax))))
            try page(scan.plan(count), call) { reply throws(ProviderError) in
                try scan.take(reply, into: &sink)
            }
        }
    }

    private func page(
        _ plan: RedisScanPlan, _ call: CallContext, _ body: (RedisReply) throws(ProviderError) -> Void
    ) throws(ProviderError) {
        let arguments = RedisArguments(count: 16) { [self] pipeline in
            pipeline.append(names.prefix)
            pipeline.append(identity)
            pipeline.append(host.unixMilliseconds)
            pipeline.append(plan.letters)
            pipeline.append(plan.namespace)
            pipeline.append(plan.count)
            pipeline.append(Self.pageByteCountMax)
            pipeline.append(plan.low)
            pipeline.append(plan.high)
            pipeline.append(plan.place == nil ? "0" : "1")
            pipeline.append((plan.place?.namespace ?? .empty).borrowed)
            pipeline.append((plan.place?.key ?? .empty).borrowed)
            var id: [UInt8] = []
            id.append(plan.place?.id ?? .zero)
            pipeline.append(id)
            pipeline.append(plan.lowBehind)
            pipeline.append(plan.highBehind)
            pipeline.append(plan.wantsOwnKey ? "1" : "0")
        }
        try connection.run(RedisScripts.scan, call: call, writes: false, arguments, body)
    }

    /// Reads every record as it lies in the server.
    func checkContent(_ call: CallContext) throws(ProviderError) {
        var place: RedisScanPlace?
        var isMore = true
        while isMore {
            let plan = RedisScanPlan(everythingAfter: place, count: Self.pageCountMax)
            try page(plan, call) { reply throws(ProviderError) in
                let next = try RedisScanPage(reply).visit { _, _ throws(ProviderError) in true }
                isMore = next != nil
                place = next
            }
        }
    }
}
