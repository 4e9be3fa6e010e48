internal import HoldfastSupport

/// Does something again and again, with a pause before each time, until its task is cancelled.
struct Repetition: Sendable {
    private let clock: any HostClock
    private let interval: Duration

    init(_ clock: any HostClock, every interval: Duration) {
        self.clock = clock
        self.interval = interval
    }

    /// Waits, does it, and again.
    func run(_ body: () async -> Void) async {
        while !Task.isCancelled {
            await clock.wait(for: interval)
            guard !Task.isCancelled else { return }
            await body()
        }
    }
}
