import Holdfast
import HoldfastModel
import HoldfastSupport

/// Writers and readers of one store that go on whatever happens to its servers, and what they were told.
final class Workload: Sendable {
    /// What is known so far.
    struct State: Sendable {
        var lists: [String: WriteHistory] = [:]
        /// What an answer got wrong, or an error that should not be; empty when all is well.
        var faults: [String] = []
        var isStopping = false
        var acknowledgedCount = 0
        var acknowledgedByLogCount = 0
        var rejectedCount = 0
        var unknownCount = 0
        var readCount = 0
        var fallbackCount = 0
        /// Monotonic nanoseconds of the last acknowledgement by the primary.
        var lastAcknowledgement: Int64 = 0
    }

    static let namespace = "shared"
    private static let listCount = 4
    private static let listLength = 300

    let state = Guarded(State())
    private let stores: [HistoryStore]
    private let clock = SystemClock()
    private let name: String
    private let pace: Duration
    private let keepsWhatWasRead: Bool

    /// Prepares work on one chain, or on several hosts of the same chain.
    ///
    /// - Parameters:
    ///   - stores: one for each host.
    ///   - name: tells writers of several workloads apart.
    ///   - pace: how long a writer waits between two messages.
    ///   - keepsWhatWasRead: whether nothing is ever put before what was read. Where a primary that several hosts share
    ///     loses data, that holds for what was acknowledged alone.
    init(
        _ stores: [HistoryStore], name: String = "w", pace: Duration = .milliseconds(4),
        keepsWhatWasRead: Bool = true
    ) {
        self.keepsWhatWasRead = keepsWhatWasRead
        self.stores = stores
        self.name = name
        self.pace = pace
    }

    /// Runs writers and a reader while `body` does its worst, then lets every writer come to an end.
    func run(writers: Int, _ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<writers { group.addTask { await self.write(as: writer) } }
            group.addTask { await self.read() }
            defer { state.withLock { $0.isStopping = true } }
            do {
                try await body()
            } catch {
                state.withLock { $0.isStopping = true }
                throw error
            }
            state.withLock { $0.isStopping = true }
            try await group.waitForAll()
        }
    }

    /// Waits until the state says so.
    func wait(until condition: @Sendable (State) -> Bool) async {
        while !state.withLock({ condition($0) || !$0.faults.isEmpty || $0.isStopping }) {
            await clock.wait(for: .milliseconds(2))
        }
    }

    /// Waits until so many more messages are acknowledged.
    func progress(_ count: Int) async {
        let goal = state.withLock { $0.acknowledgedCount } + count
        await wait { $0.acknowledgedCount >= goal }
    }

    private var isStopping: Bool { state.withLock { $0.isStopping } }

    // MARK: writing

    private func write(as index: Int) async {
        var number = 0
        while !isStopping {
            let list = "c\(index % Self.listCount)-\(number / Self.listLength)"
            await append(MessageText("\(name)\(index)", number), to: list, stores[index % stores.count])
            number += 1
            await clock.wait(for: pace)
        }
    }

    /// Appends until it is known what became of it.
    private func append(_ message: MessageText, to list: String, _ store: HistoryStore) async {
        let options = WriteOptions(idempotencyKey: message.description)
        var isCertain = true
        while true {
            do throws(HoldfastError) {
                let receipt = try await store.lists(Self.namespace).append(
                    .json(message.json), to: list, options)
                return note(receipt, message, list)
            } catch {
                guard error.flags.contains(.retryable) else { return fault("\(message) met \(error)") }
                if error.flags.contains(.maybeApplied) { isCertain = false }
                // A client that was told that nothing is stored may leave it at that.
                if isCertain, message.number % 2 == 0 {
                    return state.withLock {
                        $0.lists[list, default: WriteHistory()].reject(message)
                        $0.rejectedCount += 1
                    }
                }
                tell("\(message) met \(error), \(error.flags)")
                state.withLock { if isCertain { $0.rejectedCount += 1 } else { $0.unknownCount += 1 } }
                await clock.wait(for: .milliseconds(10))
            }
        }
    }

    private func note(_ receipt: Receipt, _ message: MessageText, _ list: String) {
        let now = clock.monotonicNanoseconds
        state.withLock {
            $0.lists[list, default: WriteHistory()].acknowledge(message)
            $0.acknowledgedCount += 1
            if receipt.level == .log { $0.acknowledgedByLogCount += 1 } else { $0.lastAcknowledgement = now }
        }
    }

    private func fault(_ sentence: String) {
        state.withLock { if $0.faults.count < 20 { $0.faults.append(sentence) } }
    }

    // MARK: reading

    private func read() async {
        while !isStopping {
            let lists = state.withLock { Array($0.lists.keys) }
            if let list = lists.randomElement() { _ = await look(at: list) }
            await clock.wait(for: .milliseconds(5))
        }
    }

    /// Reads a list and holds it against everything that is known.
    ///
    /// - Returns: who answered, or nothing when nobody could.
    @discardableResult
    func look(at list: String) async -> Page<Item, ListRange>? {
        let known = state.withLock { $0.lists[list] ?? WriteHistory() }
        do throws(HoldfastError) {
            let page = try await stores[0].lists(Self.namespace).page(
                of: list, ListRange(.ascending, limit: 10_000))
            let messages = page.compactMap { MessageText($0.bytes) }
            // What other hosts wrote since the outage began may be missing, and the answer says so.
            let isWhole = !page.degradations.contains(.hostLocal)
            var faults = isWhole ? known.faults(in: messages) : []
            if messages.count != page.count { faults.append("there is what nobody wrote") }
            for sentence in faults { fault("\(list) from \(page.source) \(page.degradations): \(sentence)") }
            state.withLock {
                if isWhole, keepsWhatWasRead { $0.lists[list]?.see(messages) }
                $0.readCount += 1
                if !page.degradations.isEmpty { $0.fallbackCount += 1 }
            }
            return page
        } catch {
            tell("reading \(list) met \(error)")
            if !error.flags.contains(.retryable) { fault("reading \(list) met \(error)") }
            return nil
        }
    }

    /// Every list once more, from one store: what is in it, and what is wrong with it.
    func final(_ store: HistoryStore) async throws -> (messages: [String: [MessageText]], faults: [String]) {
        var messages: [String: [MessageText]] = [:]
        var faults: [String] = []
        for (list, history) in state.withLock({ $0.lists }) {
            let page = try await store.lists(Self.namespace).page(
                of: list, ListRange(.ascending, limit: 10_000), CallOptions(timeout: .seconds(60)))
            let stored = page.compactMap { MessageText($0.bytes) }
            messages[list] = stored
            faults += history.faults(in: stored).map { "\(list) of \(page.source): \($0)" }
        }
        return (messages, faults)
    }

    /// One line for the reader of a campaign.
    var summary: String {
        let state = state.withLock { $0 }
        return
            "\(state.acknowledgedCount) messages acknowledged, \(state.acknowledgedByLogCount) of them by the log alone, "
            + "\(state.rejectedCount) rejected, \(state.unknownCount) unknown at first; "
            + "\(state.readCount) reads, \(state.fallbackCount) of them degraded"
    }
}
