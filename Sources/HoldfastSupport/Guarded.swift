private import Glibc

/// A value that only one thread at a time may touch.
///
/// Same shape as `Synchronization.Mutex`, on `pthread_mutex_t`: Thread Sanitizer knows pthread
/// locks, and reports every contended `Mutex` of Swift 6.3 on Linux as a race.
@safe public final class Guarded<Value>: @unchecked Sendable {
    // @unchecked: `value` is reached only between lock and unlock.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    /// Guards a value.
    public init(_ value: sending Value) {
        unsafe lock = .allocate(capacity: 1)
        unsafe lock.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(lock, nil)
        self.value = value
    }

    deinit {
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deallocate()
    }

    /// Runs a closure that has the value to itself; it must not wait for anything.
    public func withLock<Result, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return try body(&value)
    }
}
