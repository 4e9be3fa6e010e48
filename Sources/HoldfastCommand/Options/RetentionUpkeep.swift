import Holdfast
import HoldfastConfiguration
import HoldfastHTTP
import HoldfastModel
import HoldfastSupport
import Logging

/// Applies the retention policies while a daemon runs, and those of a storage.yaml that was read again from then on.
final class RetentionUpkeep: Sendable {
    private let store: HistoryStore
    private let logger: Logger
    private let task = Guarded<Task<Void, Never>?>(nil)

    /// Applies nothing yet.
    ///
    /// - Parameters:
    ///   - store: what the policies are applied to.
    ///   - log: hears what went.
    init(of store: HistoryStore, _ log: OperatorLog) {
        self.store = store
        logger = log.logger("holdfast.retention")
    }

    /// Applies the policies that hold now, in place of those before; a run that is under way ends first.
    ///
    /// - Throws: `invalid` for a policy that says nothing.
    func begin() throws(HoldfastError) {
        let service = try store.retentionService { [logger] outcome in
            switch outcome {
            case .done(let report):
                logger.info("\(report.removedItemCount) items \(report.isDryRun ? "would go" : "removed")")
            case .failed(let error): logger.warning("retention failed: \(error)")
            }
        }
        task.withLock { task in
            let before = task
            before?.cancel()
            task = Task {
                await before?.value
                await service?.run()
            }
        }
    }

    /// Applies nothing any more, and waits for a run that is under way.
    func end() async {
        let last = task.withLock { $0 }
        last?.cancel()
        await last?.value
    }
}
