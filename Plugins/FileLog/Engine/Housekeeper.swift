private import Glibc
import HoldfastSupport

/// The thread that does what is due in the background of one log.
@safe final class Housekeeper: @unchecked Sendable {
    // @unchecked: the flags are touched only between lock and unlock.
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private let condition: UnsafeMutablePointer<pthread_cond_t>
    private var isRunning = false
    private var isWoken = true
    private var isStopping = false

    init() {
        unsafe lock = .allocate(capacity: 1)
        unsafe lock.initialize(to: pthread_mutex_t())
        unsafe pthread_mutex_init(lock, nil)
        unsafe condition = .allocate(capacity: 1)
        unsafe condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe condition.deallocate()
        unsafe pthread_mutex_destroy(lock)
        unsafe lock.deallocate()
    }

    /// Starts the thread.
    ///
    /// Without a thread to be had the log works on: each append does for itself what it finds undone.
    ///
    /// - Parameter step: does what is due, and says after how many nanoseconds it wants to be called again.
    func start(_ step: @escaping @Sendable () -> Int64?) {
        withLock { isRunning = true }
        let isStarted = ThreadSpawner.system.spawn("hf-file-log") { [self] in
            run(step)
            withLock {
                isRunning = false
                unsafe pthread_cond_broadcast(condition)
            }
        }
        if !isStarted { withLock { isRunning = false } }
    }

    /// Has the thread look at once.
    func wake() {
        withLock {
            isWoken = true
            unsafe pthread_cond_broadcast(condition)
        }
    }

    /// Ends the thread, and returns when it has ended.
    func stop() {
        withLock {
            isStopping = true
            unsafe pthread_cond_broadcast(condition)
            while isRunning { unsafe pthread_cond_wait(condition, lock) }
        }
    }

    private func run(_ step: () -> Int64?) {
        var wait: Int64? = 0
        while pause(wait) { wait = step() }
    }

    /// Sleeps until it is woken or the time is over.
    ///
    /// - Returns: whether to go on.
    private func pause(_ nanoseconds: Int64?) -> Bool {
        var deadline = timespec()
        if let nanoseconds {
            unsafe clock_gettime(CLOCK_MONOTONIC, &deadline)
            let sum = Int64(deadline.tv_nsec) + max(0, nanoseconds)
            deadline.tv_sec += Int(sum / 1_000_000_000)
            deadline.tv_nsec = Int(sum % 1_000_000_000)
        }
        return withLock {
            var isOver = false
            while !isWoken, !isStopping, !isOver {
                if nanoseconds == nil {
                    unsafe pthread_cond_wait(condition, lock)
                } else {
                    isOver = unsafe pthread_cond_timedwait(condition, lock, &deadline) != 0
                }
            }
            isWoken = false
            return !isStopping
        }
    }

    private func withLock<Result>(_ body: () -> Result) -> Result {
        unsafe pthread_mutex_lock(lock)
        defer { unsafe pthread_mutex_unlock(lock) }
        return body()
    }
}
