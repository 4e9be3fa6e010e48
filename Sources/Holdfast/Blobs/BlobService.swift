public import HoldfastChain
public import HoldfastModel

/// Collects blobs again and again, for as long as its task runs.
///
/// One host at a time: a lock says who, so that not all of them read everything at once.
public struct BlobService: Sendable {
    /// What a collection came to.
    public enum Outcome: Sendable {
        case done(BlobReport)
        /// Another host is at it.
        case busy(HoldfastError)
        case failed(HoldfastError)
    }

    private static let lock = "blobs"
    private static let renewalInterval = Duration.seconds(10)

    private let store: HistoryStore
    private let interval: Duration
    private let grace: Duration?
    private let report: @Sendable (Outcome) -> Void

    /// Makes a service that does nothing yet.
    ///
    /// - Parameters:
    ///   - store: the whole store.
    ///   - interval: the pause between two collections, on the monotonic clock of the store.
    ///   - grace: contents that were used so recently stay; nothing is what storage.yaml says.
    ///   - report: hears what each collection came to.
    public init(
        _ store: HistoryStore, interval: Duration, grace: Duration? = nil,
        report: @escaping @Sendable (Outcome) -> Void
    ) {
        self.store = store
        self.interval = interval
        self.grace = grace
        self.report = report
    }

    /// Waits, collects, and again, until the task is cancelled.
    ///
    /// A collection that fails is reported, and the next one tries again.
    public func run() async {
        await Repetition(store.edge.clock, every: interval).run { await collect() }
    }

    private func collect() async {
        let lock: LeaseLock
        do throws(HoldfastError) {
            lock = try await store.lock(Self.lock, wait: .zero)
        } catch {
            report(error.code == .conflict ? .busy(error) : .failed(error))
            return
        }
        let keeper = Task { [store] in
            await Repetition(store.edge.clock, every: .seconds(10)).run { try? await lock.renew() }
        }
        do throws(HoldfastError) {
            report(.done(try await store.collectBlobs(grace: grace)))
        } catch {
            report(.failed(error))
        }
        keeper.cancel()
        // Where that fails the lease runs out by itself.
        try? await lock.unlock()
    }
}
