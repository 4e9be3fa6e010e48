public import HoldfastModel
import HoldfastSupport

extension Chain {
    /// See `Backend`.
    ///
    /// Asks whoever answers reads, and only while nothing of the log lies over it where the operation looks.
    public func invoke(
        _ call: DomainCall, _ options: CallOptions
    ) async throws(HoldfastError) -> ReadAnswer? {
        let context = try context(options)
        if let primary, isServing {
            guard primary.store.info.operations.contains(call.operation) else { return nil }
            let answer = try await askPrimary(over: primary, context) { store throws(HoldfastError) in
                try await store.invoke(call, context)
            }
            if let answer {
                guard let results = answer else { return nil }
                for records in results { observe(records) }
                return ReadAnswer(results: results, source: settings.primary.name, degradations: damageNotice)
            }
        }
        let fallback = try await fallback()
        guard try await isWhole(fallback, for: call) else { return nil }
        let answer = try await ask(fallback) { store throws(HoldfastError) in
            try await Self.invoke(call, on: store, context)
        }
        guard let results = answer else { return nil }
        for records in results { observe(records) }
        return ReadAnswer(results: results, source: fallback.source, degradations: fallback.degradations)
    }

    /// The operations that a provider of the chain answers whole, as far as it is connected.
    var operations: Set<String> {
        let stores = [primary?.store] + backups.map { $0?.store }
        return stores.reduce(into: []) { $0.formUnion($1?.info.operations ?? []) }
    }

    /// Whether the log holds nothing that a provider lacks in the places that an operation looks at.
    private func isWhole(_ fallback: Fallback, for call: DomainCall) async throws(HoldfastError) -> Bool {
        try await indexTail(after: fallback.after)
        var addresses: [Address] = []
        for part in call.parts {
            let place = try SelectScan(part.query).place
            addresses += tail.addresses(in: place.namespace, prefix: place.prefix, after: fallback.after).keys
        }
        return try await overlay(fallback, addresses).isEmpty
    }

    private static func invoke(
        _ call: DomainCall, on store: any Store, _ context: CallContext
    ) async throws(HoldfastError) -> [[Record]]? {
        guard store.info.operations.contains(call.operation) else { return nil }
        return try await store.invoke(call, context)
    }
}
