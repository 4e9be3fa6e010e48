public import HoldfastModel
internal import HoldfastSupport

/// Applies retention policies again and again, for as long as its task runs.
///
/// Knows nothing but the store and its clock: a daemon adds it to whatever it runs.
public struct RetentionService: Sendable {
    /// What a run came to.
    public enum Outcome: Sendable {
        case done(RetentionReport)
        case failed(HoldfastError)
    }

    private let retention: Retention
    private let interval: Duration
    private let isDryRun: Bool
    private let report: @Sendable (Outcome) -> Void

    /// Makes a service that does nothing yet.
    ///
    /// - Parameters:
    ///   - retention: what is applied.
    ///   - interval: the pause between two runs, on the monotonic clock of the store.
    ///   - isDryRun: whether nothing is removed.
    ///   - report: hears what each run came to.
    public init(
        _ retention: Retention, interval: Duration, isDryRun: Bool = false,
        report: @escaping @Sendable (Outcome) -> Void
    ) {
        self.retention = retention
        self.interval = interval
        self.isDryRun = isDryRun
        self.report = report
    }

    /// Waits, applies, and again, until the task is cancelled.
    ///
    /// A run that fails is reported, and the next one tries again.
    public func run() async {
        await Repetition(retention.store.edge.clock, every: interval).run {
            do throws(HoldfastError) {
                report(.done(try await retention.run(isDryRun: isDryRun)))
            } catch {
                if error.code != .cancelled { report(.failed(error)) }
            }
        }
    }
}
