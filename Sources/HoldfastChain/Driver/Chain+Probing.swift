import HoldfastModel
import HoldfastSupport

/// Whether a store that takes long is there at all.
extension Chain {
    /// Asks a store whether it is there, both ways: over the connection that writes, and over those that read.
    ///
    /// Either may be busy with what takes long: a ping waits behind a batch that removes, and a read behind questions
    /// where a store has a single connection for reading. One answer is enough.
    ///
    /// - Parameters:
    ///   - store: on either end of a chain.
    ///   - nanoseconds: how long each of them may take.
    /// - Returns: why not; nothing when it has answered, be it with another error.
    nonisolated func outage(of store: any Store, within nanoseconds: Int64) async -> HoldfastError? {
        let limit = CallContext(deadline: environment.clock.monotonicNanoseconds + nanoseconds)
        return await withTaskGroup(of: HoldfastError?.self) { group in
            defer { group.cancelAll() }
            group.addTask { await self.failureToRead(store, limit) }
            group.addTask { await self.failureToPing(store, limit) }
            var outage: HoldfastError?
            while let failure = await group.next() {
                guard let failure, failure.isOutage else { return nil }
                outage = failure
            }
            return outage
        }
    }

    private nonisolated func failureToRead(_ store: any Store, _ limit: CallContext) async -> HoldfastError? {
        let anything = ReadRequest(
            Address(namespace: MarkCodec.namespace, key: MarkCodec.prefix(chain: name)))
        do throws(HoldfastError) {
            _ = try await store.read([anything], limit)
            return nil
        } catch {
            return error
        }
    }

    private nonisolated func failureToPing(_ store: any Store, _ limit: CallContext) async -> HoldfastError? {
        do throws(HoldfastError) {
            try await store.ping(integrity: false, limit)
            return nil
        } catch {
            return error
        }
    }
}

extension HoldfastError {
    /// Whether it says of a store that it is not there, and not of what was asked that it cannot be done.
    var isOutage: Bool { flags.contains(.providerDead) || code == .unavailable || code == .timeout }
}
