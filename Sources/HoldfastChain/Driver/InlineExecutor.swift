/// Runs a job at once, on the thread that brings it.
///
/// What a chain does next most often depends on what a lane has just done. On the lane's own thread that is decided while the
/// processor is warm, and the lane finds its next batch before it has gone to sleep; by way of the shared pool it is two
/// threads woken, behind all callers that are being answered. Each such job is short: it ends at its next `await`.
final class InlineExecutor: TaskExecutor {
    /// The one there is.
    static let shared = InlineExecutor()

    private init() {}

    func enqueue(_ job: consuming ExecutorJob) {
        unsafe UnownedJob(job).runSynchronously(on: asUnownedTaskExecutor())
    }
}
