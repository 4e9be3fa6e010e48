import HoldfastModel
import HoldfastSupport

/// Batches that remove take as long as what is there to remove, which only the provider finds out.
extension Chain {
    /// Looks after a primary that takes a batch: as long as it answers readers, it is waited for.
    ///
    /// - Parameters:
    ///   - connection: to the primary.
    ///   - generation: of that connection, which ends when the primary has said nothing for too long.
    ///   - entries: what it takes.
    /// - Returns: what is to be cancelled when the batch is done; nothing where it removes nothing, or where readers
    ///   have to wait for it.
    func watch(
        _ connection: Connection, _ generation: Int, taking entries: [PrimaryEntry]
    ) -> Task<Void, Never>? {
        let capabilities = connection.store.info.capabilities
        guard entries.contains(where: { $0.changes.contains(where: \.isRemoval) }),
            !capabilities.isDisjoint(with: [.multiOpen, .concurrent])
        else { return nil }
        return Task {
            let clock = environment.clock
            while true {
                await clock.wait(until: clock.monotonicNanoseconds + settings.timeout.nanoseconds)
                guard !Task.isCancelled else { return }
                let silence = await outage(of: connection.store, within: settings.timeout.nanoseconds)
                guard !Task.isCancelled else { return }
                guard var outage = silence else { continue }
                // It may yet take what it was given.
                outage.flags.insert(.maybeApplied)
                report("\(outage)")
                return deliver(.primaryFailed(generation, outage))
            }
        }
    }
}

extension CallContext {
    /// How much longer a batch may take that removes, in nanoseconds: some hundred million items.
    private static let removalTime: Int64 = 600_000_000_000

    /// The deadline of a batch, which is later if something in it removes.
    func allowing(for changes: [Change]) -> CallContext {
        guard deadline != 0, changes.contains(where: \.isRemoval) else { return self }
        var context = self
        context.deadline += Self.removalTime
        return context
    }
}

extension Change {
    /// Whether it takes as long as what it removes.
    fileprivate var isRemoval: Bool { kind == .drop }
}
