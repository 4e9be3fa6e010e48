public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

/// Collects blobs again and again, for as long as its task runs.
///
/// One host for all: a lock says who is at it, and when the last of them was, before a restart too.
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
    /// The longest pause between two looks whether it is time.
    private static let lookInterval = Duration.seconds(3600)

    private let store: HistoryStore
    private let interval: Duration
    private let grace: Duration?
    private let report: @Sendable (Outcome) -> Void

    /// Makes a service that does nothing yet.
    ///
    /// - Parameters:
    ///   - store: the whole store.
    ///   - interval: how long after a collection the next one is due, up to the 30 days for which a lock is remembered.
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

    /// Waits, collects when it is time, and again, until the task is cancelled.
    ///
    /// A collection that fails is reported, and the next one tries again.
    public func run() async {
        await Repetition(store.edge.clock, every: min(interval, Self.lookInterval)).run {
            await collectIfDue()
        }
    }

    /// Collects unless some host has done so within the interval.
    func collectIfDue() async {
        let lock: LeaseLock
        do throws(HoldfastError) {
            // A lock that is free was given back by the last who collected, at the time of its version.
            let seen = try await store.locks.sighting(of: Self.lock).0
            let age = store.edge.clock.unixMilliseconds - Int64(clamping: seen.version.milliseconds)
            guard seen.holder != nil || seen.version.isZero || .milliseconds(age) >= interval else { return }
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
