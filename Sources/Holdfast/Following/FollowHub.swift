internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport
internal import Synchronization

/// Where followers of lists wait, and where writes wake them.
///
/// However many follow a list, one read serves them all, and one round trip reads many lists. A follower takes items
/// from what is kept of the list, at its own pace; one that is too far behind reads pages by itself. So nothing is
/// dropped, and nothing grows with the slowness of a follower.
final class FollowHub: Sendable {
    /// One list in one round trip.
    struct Question {
        let address: Address
        let generation: Int
        let range: ReadRequest.Range
    }

    /// How many round trips may be under way at once.
    static let readerCountMax = 2

    let settings: FollowSettings
    let clock: any HostClock
    let backend: any Backend
    let state = Guarded(FollowState())
    /// Lets a write that nobody follows go by without a lock.
    private let followerCount = Atomic<Int>(0)

    init(_ backend: any Backend, _ clock: any HostClock, _ settings: FollowSettings) {
        self.backend = backend
        self.clock = clock
        self.settings = settings
    }

    /// Tells the followers of the lists that were written.
    ///
    /// - Parameter changes: what was asked for, whether it succeeded or its outcome is unknown.
    func wrote(_ changes: [Change]) {
        guard followerCount.load(ordering: .sequentiallyConsistent) > 0 else { return }
        let starts = state.withLock { state in
            for change in changes where change.isItem && change.kind == .put {
                state.topics[change.address]?.isDirty = true
                state.topics[change.address]?.isHeld = false
                state.enqueue(change.address)
            }
            return state.claimReader(max: Self.readerCountMax)
        }
        if starts { startReader() }
    }

    /// Whether the store was closed.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Who follows at this moment.
    var figures: FollowFigures {
        state.withLock { state in
            FollowFigures(
                listCount: state.topics.count,
                followerCount: state.topics.values.reduce(0) { $0 + $1.followerCount },
                waitingCount: state.topics.values.reduce(0) { $0 + ($1.isUpToDate ? $1.waiters.count : 0) })
        }
    }

    /// Ends every wait, for good.
    func close() {
        let (waiters, poller) = state.withLock { state in
            state.isClosed = true
            defer { state.poller = nil }
            return (state.removeWaiters { _ in true }, state.poller)
        }
        poller?.cancel()
        for waiter in waiters { waiter.continuation.resume(returning: .failure(Self.closed)) }
    }

    private static var closed: HoldfastError { HoldfastError(.unavailable, "the store is closed") }
}

// MARK: followers

extension FollowHub {
    /// Takes a place among the followers of a list.
    func join(_ address: Address, key: String) {
        // Counted before anything is read: a write that does not see it is seen by the read.
        followerCount.add(1, ordering: .sequentiallyConsistent)
        state.withLock { state in
            if state.topics[address] == nil {
                state.lastNumber += 1
                state.topics[address] = FollowTopic(key: key, generation: state.lastNumber)
            }
            state.topics[address]?.followerCount += 1
            guard state.poller == nil, !state.isClosed else { return }
            state.poller = Task { [self] in await poll() }
        }
    }

    /// Gives the place back.
    func leave(_ address: Address) {
        followerCount.subtract(1, ordering: .sequentiallyConsistent)
        let poller = state.withLock { state -> Task<Void, Never>? in
            state.topics[address]?.followerCount -= 1
            if state.topics[address]?.followerCount == 0 { state.topics[address] = nil }
            guard state.topics.isEmpty else { return nil }
            defer { state.poller = nil }
            return state.poller
        }
        poller?.cancel()
    }

    /// What a list has after a place, as far as it is known.
    func look(_ address: Address, after place: Version) -> FollowTopic.Look {
        state.withLock { $0.topics[address]?.look(after: place) ?? .nothing }
    }

    /// Waits until a list has something after a place, or may have.
    ///
    /// - Parameters:
    ///   - seat: the caller's place among the followers of the list.
    ///   - place: an id, or zero.
    ///   - deadline: monotonic nanoseconds; the wait ends no more than a poll interval later.
    /// - Throws: `cancelled` once the task is; what a read threw that no other attempt helps against.
    func wait(
        _ seat: FollowSeat, after place: Version, until deadline: Int64?
    ) async throws(HoldfastError) {
        let address = seat.address
        let number = state.withLock { state in
            state.lastNumber += 1
            return state.lastNumber
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let waiter = FollowTopic.Waiter(
                    number: number, seat: ObjectIdentifier(seat), continuation: continuation,
                    deadline: deadline)
                let (result, starts) = state.withLock { state in
                    var result: Result<Void, HoldfastError>?
                    if Task.isCancelled {
                        result = .failure(Self.cancelled)
                    } else if seat.isStopped {
                        result = .success(())
                    } else {
                        result = state.add(waiter, at: address, after: place)
                    }
                    return (result, state.claimReader(max: Self.readerCountMax))
                }
                if let result { continuation.resume(returning: result) }
                if starts { startReader() }
            }
        } onCancel: {
            let waiter = state.withLock { $0.removeWaiter(number, at: address) }
            waiter?.continuation.resume(returning: .failure(Self.cancelled))
        }
        try result.get()
    }

    /// Wakes a follower that waits, without an item.
    func wake(_ seat: FollowSeat) {
        let waiters = state.withLock { state -> [FollowTopic.Waiter] in
            let waiters = state.topics[seat.address]?.waiters ?? []
            state.topics[seat.address]?.waiters.removeAll { $0.seat == ObjectIdentifier(seat) }
            return waiters.filter { $0.seat == ObjectIdentifier(seat) }
        }
        for waiter in waiters { waiter.continuation.resume(returning: .success(())) }
    }

    static var cancelled: HoldfastError { HoldfastError(.cancelled, "the task that follows was cancelled") }
}
