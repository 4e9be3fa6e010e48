import HoldfastSupport

/// The clock of the system, which a test can move on, and whose deadlines are patient.
///
/// What a store of one backend waits for has a deadline of 10 s that no storage.yaml changes, and a machine on which all
/// tests run at once can miss it: on this clock a second of waiting takes eight.
final class MovingClock: HostClock {
    private static let patience: Int64 = 8

    private let system = SystemClock()
    private let ahead = Guarded<Int64>(0)

    var unixMilliseconds: Int64 { system.unixMilliseconds + ahead.withLock { $0 } }
    var monotonicNanoseconds: Int64 { system.monotonicNanoseconds / Self.patience }
    func wait(until deadline: Int64) async { await system.wait(until: deadline * Self.patience) }

    func advance(by duration: Duration) {
        ahead.withLock { $0 += duration.components.seconds * 1000 }
    }
}
