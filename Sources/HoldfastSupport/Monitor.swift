private import Glibc

/// A value that one thread at a time may touch, and whose change other threads can wait for.
///
/// For threads only: a task that waited here would hold a thread of the cooperative pool. Wake-ups may be spurious, so
/// every wait stands in a loop that looks at the value again.
@safe public final class Monitor<Value>: @unchecked Sendable {
    // @unchecked: `value` is reached only between lock and unlock.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var value: Value

    /// What a step of ``withLock(until:)`` wants next.
    public enum Step<Result> {
        /// Release the lock, sleep until a signal, take the lock, look again.
        case wait
        /// Leave with a result.
        case done(Result)
    }

    /// Guards a value.
    public init(_ value: sending Value) {
        unsafe lock = .allocate(capacity: 1)
        unsafe lock.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(lock, nil)
        unsafe condition = .allocate(capacity: 1)
        unsafe condition.initialize(to: pthread_cond_t())
        unsafe pthread_cond_init(condition, nil)
        self.value = value
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe condition.deallocate()
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

    /// Runs a closure under the lock again and again, asleep in between, until it is done.
    ///
    /// - Parameter body: looks at the value, and says whether to wait for the next signal.
    /// - Returns: the result of the step that was done.
    public func withLock<Result>(
        until body: (inout sending Value) -> sending Step<Result>
    ) -> sending Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        while true {
            switch body(&value) {
            case .done(let result): return result
            case .wait: unsafe pthread_cond_wait(condition, lock)
            }
        }
    }

    /// Wakes one waiting thread.
    public func signal() { unsafe pthread_cond_signal(condition) }

    /// Wakes all waiting threads.
    public func broadcast() { unsafe pthread_cond_broadcast(condition) }
}

extension Monitor.Step: Sendable where Result: Sendable {}
