import Holdfast
import HoldfastModel
import HoldfastSupport
import Testing

/// A store whose clock the test moves, on a backend whose failures the test decides.
struct FollowedStore {
    let time = LockTime()
    let backend = MemoryBackend()
    let store: HistoryStore
    var lists: Lists { store.lists("events") }

    init(_ settings: FollowSettings = FollowSettings()) {
        store = HistoryStore(backend: backend, clock: time.clock(), following: settings)
    }

    /// Appends items whose values are numbers.
    @discardableResult
    func append(_ numbers: Range<Int>, to key: String = "k") async throws -> [Version] {
        try await lists.append(numbers.map { .json(Bytes("\($0)")) }, to: key).versions
    }

    /// Follows in a task of its own until so many items have come.
    func follow(_ key: String = "k", after id: Version? = nil, count: Int) -> Task<[Int], any Error> {
        Task { [lists] in
            var values: [Int] = []
            for try await item in lists.follow(key, after: id) {
                values.append(try #require(Int(item.bytes.description)))
                if values.count == count { break }
            }
            return values
        }
    }

    /// Waits until so many have everything, and wait for an item.
    func waiting(_ count: Int) async {
        while store.followFigures.waitingCount != count { await Task.yield() }
    }

    /// Lets one poll interval pass.
    func poll() async {
        await time.waiters(atLeast: 1)
        time.advance(by: store.pollInterval)
    }
}

extension HistoryStore {
    fileprivate var pollInterval: Duration { FollowSettings().pollInterval }
}

@Suite("Following a list") struct FollowingTests {
    let followed = FollowedStore()

    @Test("what is there comes first, then what is appended, each item once and in order")
    func order() async throws {
        try await followed.append(0..<150)
        let follower = followed.follow(count: 153)
        await followed.waiting(1)
        try await followed.append(150..<152)
        try await followed.append(152..<153)
        #expect(try await follower.value == Array(0..<153))
    }

    @Test("a bookmark leaves out what is before it, also one whose item was removed")
    func bookmark() async throws {
        let ids = try await followed.append(0..<5)
        try await followed.lists.remove(ids[2], from: "k")
        let follower = followed.follow(after: ids[2], count: 3)
        await followed.waiting(1)
        try await followed.append(5..<6)
        #expect(try await follower.value == [3, 4, 5])
    }

    @Test("a list that has no items yet is waited for")
    func empty() async throws {
        let follower = followed.follow(count: 1)
        await followed.waiting(1)
        try await followed.append(7..<8)
        #expect(try await follower.value == [7])
    }

    @Test("one read serves all who follow a list, and a write that nobody follows costs none")
    func sharedRead() async throws {
        let followers = (0..<50).map { _ in followed.follow(count: 2) }
        await followed.waiting(50)
        for number in 0..<2 {
            let before = await followed.backend.questionCount
            try await followed.append(number..<number + 1)
            if number == 0 { await followed.waiting(50) }
            // The write, one read that brings the item, and at most one that finds no more.
            #expect(await followed.backend.questionCount - before <= 3)
        }
        for follower in followers { #expect(try await follower.value == [0, 1]) }
        while followed.store.followFigures.followerCount > 0 { await Task.yield() }
        let before = await followed.backend.questionCount
        try await followed.append(2..<3)
        #expect(await followed.backend.questionCount == before + 1)
    }

    @Test("what another host writes is found by the next poll")
    func otherHost() async throws {
        let follower = followed.follow(count: 1)
        await followed.waiting(1)
        await followed.backend.put(
            Record(namespace: "events", key: "k", value: "9"), isItem: true)
        await followed.poll()
        #expect(try await follower.value == [9])
    }

    @Test("a slow follower reads pages by itself: nothing is dropped, and little is kept")
    func slow() async throws {
        let followed = FollowedStore(FollowSettings(pageCount: 8, keptCountMax: 16, keptByteCountMax: 1000))
        var slow = followed.lists.follow("k").makeAsyncIterator()
        try await followed.append(0..<1)
        #expect(try await slow.next()?.bytes == "0")
        let fast = followed.follow(count: 1002)
        for start in stride(from: 1, to: 1001, by: 100) {
            try await followed.append(start..<start + 100)
            await followed.waiting(1)
        }
        var values = [0]
        while values.count < 1000 {
            values.append(try #require(Int(try await slow.next()?.bytes.description ?? "")))
        }
        try await followed.append(1001..<1002)
        #expect(values == Array(0..<1000))
        #expect(try await fast.value == Array(0..<1002))
    }

    @Test("a follower whose bookmark lies ahead waits, and keeps nothing from the others")
    func future() async throws {
        let ahead = followed.follow(after: Version(milliseconds: 1 << 46, counter: 0, node: 0), count: 1)
        await followed.waiting(1)
        try await followed.append(0..<3)
        let other = followed.follow(count: 4)
        await followed.waiting(2)
        try await followed.append(3..<4)
        #expect(try await other.value == [0, 1, 2, 3])
        ahead.cancel()
        await #expect(throws: HoldfastError.self) { try await ahead.value }
    }

    @Test("an outage is waited for, and nobody hears of it")
    func outage() async throws {
        let follower = followed.follow(count: 2)
        await followed.waiting(1)
        try await followed.append(0..<1)
        await followed.waiting(1)
        for _ in 0..<3 {
            await followed.backend.fail(HoldfastError(.unavailable, "down"))
            await followed.poll()
            while await followed.backend.hasFailure { await Task.yield() }
        }
        await followed.backend.put(Record(namespace: "events", key: "k", value: "1"), isItem: true)
        await followed.poll()
        #expect(try await follower.value == [0, 1])
    }

    @Test("nothing comes while other hosts' writes are missing from the answer, and all of it in order later")
    func hostLocal() async throws {
        try await followed.append(0..<1)
        let start = followed.lists.follow("k").makeAsyncIterator()
        let follower = Task {
            var iterator = start
            var values: [Bytes] = []
            while values.count < 3, let item = try await iterator.next() { values.append(item.bytes) }
            return values
        }
        await followed.waiting(1)
        await followed.backend.degrade([.fallback("copy"), .hostLocal])
        let before = await followed.backend.questionCount
        try await followed.append(2..<3)
        // The write, and a read whose answer is not used.
        while await followed.backend.questionCount < before + 2 { await Task.yield() }
        await followed.backend.degrade([])
        // Written elsewhere meanwhile, and not in the answer that was not used.
        await followed.backend.put(Record(namespace: "events", key: "k", value: "3"), isItem: true)
        #expect(followed.store.followFigures.waitingCount == 0)
        await followed.poll()
        #expect(try await follower.value == ["0", "2", "3"])
    }

    @Test("a read that no other attempt helps against is thrown, and the follower goes on after it")
    func damage() async throws {
        let start = followed.lists.follow("k").makeAsyncIterator()
        let refused = Task {
            var iterator = start
            do throws(HoldfastError) {
                _ = try await iterator.next()
                return (HoldfastError?.none, iterator)
            } catch {
                return (HoldfastError?.some(error), iterator)
            }
        }
        let other = followed.follow("other", count: 1)
        await followed.waiting(2)
        await followed.backend.damage(["k"])
        // The round trip that asks for both lists fails, and then that for one of them.
        await followed.poll()
        let (failure, end) = await refused.value
        var iterator = end
        #expect(failure?.code == .corrupt)
        await followed.waiting(1)
        await followed.backend.damage([])
        try await followed.append(0..<1)
        try await followed.append(0..<1, to: "other")
        #expect(try await iterator.next()?.bytes == "0")
        #expect(try await other.value == [0])
    }

    @Test("a follower that is cancelled says so and leaves nothing behind")
    func cancelled() async throws {
        let followers = (0..<3).map { followed.follow("k\($0)", count: 1) }
        await followed.waiting(3)
        #expect(followed.store.followFigures.listCount == 3)
        for follower in followers {
            follower.cancel()
            let result = await follower.result
            #expect(throws: HoldfastError(.cancelled, "the task that follows was cancelled")) {
                try result.get()
            }
        }
        while followed.store.followFigures.followerCount > 0 { await Task.yield() }
        #expect(followed.store.followFigures.listCount == 0)
    }

    @Test("closing the store ends every follower with unavailable")
    func closed() async throws {
        let follower = followed.follow(count: 1)
        await followed.waiting(1)
        await followed.store.close()
        let result = await follower.result
        #expect(throws: HoldfastError(.unavailable, "the store is closed")) { try result.get() }
        let late = await followed.follow(count: 1).result
        #expect(throws: HoldfastError.self) { try late.get() }
    }

    @Test("a wrong key is refused by the first item")
    func wrongKey() async throws {
        await #expect(throws: HoldfastError.self) { try await followed.follow("", count: 1).value }
    }
}
