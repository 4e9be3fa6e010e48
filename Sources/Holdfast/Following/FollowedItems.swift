internal import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport
internal import Synchronization

/// The items of a list after a place, those that are there and those that come; without end.
///
/// Each item once, in the order of the list. The only end is an error: `cancelled` once the task is. Outages are waited
/// for: a read that may succeed later is tried again and nobody hears of it. Iterating again starts again.
public struct FollowedItems: AsyncSequence, Sendable {
    /// What is followed.
    public typealias Element = Item
    /// The only error that is thrown.
    public typealias Failure = HoldfastError

    let lists: Lists
    let key: String
    let start: Version

    /// Starts after the place that was asked for.
    public func makeAsyncIterator() -> Iterator { Iterator(lists: lists, key: key, place: start) }

    /// Walks over the items, at the pace of its user.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        private let lists: Lists
        private let key: String
        /// The id of the last item that was fetched.
        private var place: Version
        private var seat: FollowSeat?
        private var items: ArraySlice<Item> = []

        init(lists: Lists, key: String, place: Version) {
            self.lists = lists
            self.key = key
            self.place = place
        }

        /// The next item; waits for it.
        ///
        /// - Throws: `cancelled` once the task is; `unavailable` once the store is closed; what a read throws that no
        ///   other attempt helps against. Asked again after an error, it goes on where it was.
        public mutating func next() async throws(HoldfastError) -> Item? {
            if items.isEmpty { items = try await fetched(until: nil) }
            return items.popFirst()
        }

        /// The next item, on the caller's actor.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(HoldfastError) -> Item? {
            try await next()
        }

        /// The next items that are there together; waits for the first, for so long on the store's clock.
        ///
        /// - Parameter duration: how long; the wait ends no more than a poll interval later.
        /// - Returns: at least one item, or none after the time and once the follower is stopped.
        /// - Throws: as ``next()``.
        package mutating func part(within duration: Duration) async throws(HoldfastError) -> ArraySlice<Item>
        {
            try await part(until: lists.store.follows.clock.monotonicNanoseconds + duration.nanoseconds)
        }

        /// The next items that are there together; waits for the first.
        ///
        /// - Parameter deadline: monotonic nanoseconds on the store's clock; the wait ends no more than a poll interval
        ///   later. Nothing is no deadline.
        /// - Returns: at least one item, or none at the deadline and once the follower is stopped.
        /// - Throws: as ``next()``.
        package mutating func part(until deadline: Int64?) async throws(HoldfastError) -> ArraySlice<Item> {
            defer { items = [] }
            return items.isEmpty ? try await fetched(until: deadline) : items
        }

        private mutating func fetched(until deadline: Int64?) async throws(HoldfastError) -> ArraySlice<Item>
        {
            let hub = lists.store.follows
            let seat = try taken(hub)
            while !seat.isStopped {
                guard !Task.isCancelled else { throw FollowHub.cancelled }
                var found: ArraySlice<Item> = []
                switch hub.look(seat.address, after: place) {
                case .items(let items): found = items.prefix(hub.settings.pageCount)
                case .behind(let start): found = try await page(before: start, hub)
                case .nothing: try await hub.wait(seat, after: place, until: deadline)
                }
                if let last = found.last {
                    place = last.id
                    return found
                }
                if let deadline, hub.clock.monotonicNanoseconds >= deadline { break }
            }
            return []
        }

        /// Takes the place among the followers before the first item is asked for.
        ///
        /// - Returns: what stops this follower from elsewhere.
        /// - Throws: `invalid` for a wrong key.
        package mutating func sit() throws(HoldfastError) -> FollowSeat { try taken(lists.store.follows) }

        private mutating func taken(_ hub: FollowHub) throws(HoldfastError) -> FollowSeat {
            if let seat { return seat }
            let taken = FollowSeat(hub, try lists.namespace.address(key), key: key)
            seat = taken
            return taken
        }

        /// Reads what is too old to be kept for all; `start` is an id that was there before, so that nothing new
        /// comes up to it any more.
        private mutating func page(
            before start: Version, _ hub: FollowHub
        ) async throws(HoldfastError) -> ArraySlice<Item> {
            do throws(HoldfastError) {
                let range = ListRange(.ascending, after: place, limit: hub.settings.pageCount)
                let page = try await lists.page(of: key, range)
                if !page.degradations.contains(.hostLocal) {
                    if page.isEmpty { place = start }
                    return page.elements[...]
                }
            } catch {
                guard error.mayPass, !hub.isClosed else { throw error }
            }
            await hub.clock.wait(for: hub.settings.pollInterval)
            return []
        }
    }
}

/// A place among the followers of a list, given back when its last user lets go of it.
package final class FollowSeat: Sendable {
    let address: Address
    private let hub: FollowHub
    private let stopped = Atomic<Bool>(false)

    init(_ hub: FollowHub, _ address: Address, key: String) {
        self.hub = hub
        self.address = address
        hub.join(address, key: key)
    }

    deinit { hub.leave(address) }

    /// Whether the follower is to end.
    package var isStopped: Bool { stopped.load(ordering: .sequentiallyConsistent) }

    /// Ends the follower, from any thread: it gets what it has asked for already, and nothing after that.
    package func stop() {
        stopped.store(true, ordering: .sequentiallyConsistent)
        hub.wake(self)
    }
}
