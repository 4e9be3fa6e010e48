private import Glibc
internal import HoldfastProviderKit

/// What bounds the call that runs on a connection: its deadline, its cancellation, and the wait for locks.
///
/// SQLite asks it from its busy handler and its progress handler, on the thread of the call.
final class SQLiteCallLimits {
    private let host: HostServices
    private let busyTimeout: Duration
    private var call: CallContext?
    /// What the call does, if it is to be finished whatever its deadline.
    private var purpose: String?
    /// Whether the host gives it time.
    private var isGivenTime = true
    private var busySince: Int64 = 0

    /// Bounds the wait for locks; calls come later.
    ///
    /// - Parameters:
    ///   - host: for its clock.
    ///   - busyTimeout: how long a call waits for a lock of another connection.
    init(host: HostServices, busyTimeout: Duration) {
        self.host = host
        self.busyTimeout = busyTimeout
    }

    /// Starts a call.
    ///
    /// - Throws: `cancelled` or `timeout` when it is over before it began.
    func begin(_ call: CallContext) throws(ProviderError) {
        try call.check(host)
        self.call = call
    }

    /// Finishes what the call does from here on, whatever its deadline, and asks the host to wait for it: a migration or an
    /// index that has begun would be begun anew by every later opening.
    ///
    /// - Parameter purpose: what it does, for the operator.
    func insist(_ purpose: String) {
        self.purpose = purpose
        isGivenTime = true
        askForTime(whatIsLeft: .max)
    }

    /// Ends the call: nothing of it is read any more.
    func end() {
        call = nil
        purpose = nil
    }

    /// How much time is asked for at once, in seconds: a commit, in which nothing is asked, takes less than half of it.
    private static let patience: Int64 = 600

    /// - Parameter whatIsLeft: nanoseconds below which more is asked for.
    private func askForTime(whatIsLeft: Int64 = SQLiteCallLimits.patience * 500_000_000) {
        guard isGivenTime, let call, let purpose, call.deadline != 0,
            call.deadline - host.monotonicNanoseconds < whatIsLeft
        else { return }
        isGivenTime = host.extend(call, by: .seconds(Self.patience), purpose)
    }

    /// Why SQLite shall stop the running call, or nothing.
    func verdict() -> ProviderError.Code? {
        guard let call else { return nil }
        guard purpose == nil else {
            askForTime()
            return nil
        }
        if call.isCancelled { return .cancelled }
        let deadline = call.deadline
        return deadline != 0 && host.monotonicNanoseconds >= deadline ? .timeout : nil
    }

    /// Waits a little for a lock.
    ///
    /// - Parameter attempt: how often this lock was waited for, from 0.
    /// - Returns: whether to try again.
    func waitForLock(attempt: Int32) -> Bool {
        let now = host.monotonicNanoseconds
        if attempt == 0 { busySince = now }
        guard verdict() == nil, .nanoseconds(now - busySince) < busyTimeout else { return false }
        // 1, 2, 4, 8, then 10 ms: short enough to notice a cancellation, long enough to let the other one
        // work.
        let pause = min(1000 << min(attempt, 4), 10_000)
        usleep(UInt32(pause))
        return true
    }
}
