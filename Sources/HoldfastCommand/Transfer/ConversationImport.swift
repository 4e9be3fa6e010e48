import Holdfast
import HoldfastSupport

/// Brings the lines of an export into a store, so that doing it again changes nothing.
///
/// What is stored already is compared, byte for byte, and skipped; the rest is appended. So an import that was cut off
/// goes on where it was, and one that is done finds nothing to do. Each append carries an idempotency key, for the case
/// that its first answer was lost, and the id that the conversation must end with, so that nobody else's message and
/// no second import comes in between.
struct ConversationImport: Sendable {
    /// What an import has done.
    struct Tally: Hashable, Sendable {
        /// Messages that were appended.
        var appended = 0
        /// Messages that were there already.
        var skipped = 0
        /// Conversations that were looked at.
        var sessions = 0
    }

    /// Messages of one conversation that are stored from now on, whatever happens.
    struct Acknowledgement: Hashable, Sendable {
        /// The conversation.
        let session: String
        /// How many messages of the file it has.
        let messageCount: Int
        /// How many of them this step has appended.
        let appended: Int
    }

    private let conversations: Conversations
    /// Tells the idempotency keys of this import from those of another.
    private let name = String(UInt64.random(in: .min ... .max), radix: 36)
    private var states: [String: SessionState] = [:]
    /// What has been done so far.
    private(set) var tally = Tally()

    /// Imports into conversations.
    init(into conversations: Conversations) { self.conversations = conversations }

    /// Brings runs in, those of different conversations at once.
    ///
    /// - Parameter runs: at most one for each conversation.
    /// - Returns: for each run, what is stored from now on.
    /// - Throws: `conflict` where a conversation holds another message in a run's place.
    mutating func bring(_ runs: [ImportRun]) async throws(HoldfastError) -> [Acknowledgement] {
        let steps = ImportStep(conversations: conversations, name: name)
        let work = runs.map { run in (run, states[run.session] ?? SessionState()) }
        let results = await withTaskGroup(of: Result<SessionState, HoldfastError>.self) { group in
            for (run, state) in work {
                group.addTask {
                    await Result.catching { () throws(HoldfastError) in try await steps.bring(run, state) }
                }
            }
            var results: [Result<SessionState, HoldfastError>] = []
            for await result in group { results.append(result) }
            return results
        }
        return try note(results, of: runs)
    }

    private mutating func note(
        _ results: [Result<SessionState, HoldfastError>], of runs: [ImportRun]
    ) throws(HoldfastError) -> [Acknowledgement] {
        var acknowledgements: [Acknowledgement] = []
        var failure: HoldfastError?
        for result in results {
            switch result {
            case .success(let state):
                if states.updateValue(state, forKey: state.session) == nil { tally.sessions += 1 }
                tally.appended += state.appended
                tally.skipped += state.skipped
                acknowledgements.append(
                    Acknowledgement(
                        session: state.session, messageCount: state.count, appended: state.appended))
            case .failure(let error): failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return acknowledgements
    }
}

/// Brings one run of messages into one conversation.
private struct ImportStep: Sendable {
    private static let comparedPageCount = 500
    private static let attemptCountMax = 8

    let conversations: Conversations
    /// Tells the idempotency keys of this import from those of another.
    let name: String
    private let clock = SystemClock()
    private let backoff = Backoff(maximum: .seconds(5))

    init(conversations: Conversations, name: String) {
        self.conversations = conversations
        self.name = name
    }

    /// Compares a run with what is stored, and appends what is not.
    func bring(_ run: ImportRun, _ known: SessionState) async throws(HoldfastError) -> SessionState {
        var state = known
        state.session = run.session
        state.appended = 0
        state.skipped = 0
        var rest = run.messages[...]
        while !state.isAtEnd, !rest.isEmpty {
            let page = try await conversations.lists.page(
                of: run.session,
                ListRange(
                    .ascending, after: state.last.isZero ? nil : state.last,
                    limit: min(rest.count, Self.comparedPageCount)))
            for item in page {
                guard let message = rest.popFirst() else { break }
                guard item.bytes == message.bytes, (item.format == .json) == message.isJSON else {
                    throw conflict(run.session, at: state.count, item)
                }
                state.pass(item.id)
                state.skipped += 1
            }
            if page.isEmpty { state.isAtEnd = true }
        }
        if !rest.isEmpty {
            let receipt = try await append(Array(rest), to: state)
            for id in receipt.versions.suffix(rest.count) { state.pass(id) }
            state.appended = rest.count
        }
        return state
    }

    private func append(_ messages: [MessageText], to state: SessionState) async throws(HoldfastError)
        -> Receipt
    {
        let values = messages.map { Value($0.bytes, as: $0.isJSON ? .json : .bytes) }
        let options = WriteOptions(idempotencyKey: "import-\(name)-\(state.count)")
        var last = state.last
        var attempt = 1
        while true {
            do {
                return try await conversations.lists.append(values, to: state.session, ifLast: last, options)
            } catch {
                if error.code == .conflict, let current = error.current, current > last,
                    try await isEnd(state)
                {
                    // What stands there is the trace of a message that was removed.
                    last = current
                    continue
                }
                guard error.flags.contains(.retryable) || error.flags.contains(.maybeApplied),
                    attempt < Self.attemptCountMax
                else { throw error }
                let wait =
                    error.retryAfter ?? backoff.delay(attempt: attempt, random: UInt64.random(in: 0 ... .max))
                await clock.wait(until: clock.monotonicNanoseconds + Int64(wait / .nanoseconds(1)))
                attempt += 1
            }
        }
    }

    private func isEnd(_ state: SessionState) async throws(HoldfastError) -> Bool {
        let range = ListRange(.ascending, after: state.last.isZero ? nil : state.last, limit: 1)
        return try await conversations.lists.page(of: state.session, range).isEmpty
    }

    private func conflict(_ session: String, at index: Int, _ item: Item) -> HoldfastError {
        HoldfastError(
            .conflict,
            "session \"\(session)\" holds another message at index \(index) (id \(item.id)) than the file; nothing of it was changed, import into an empty conversation or another --namespace",
            flags: [])
    }
}

/// How far one conversation is compared or written.
private struct SessionState: Sendable {
    var session = ""
    /// The id of the last message that equals the file's.
    var last = Version.zero
    /// How many messages equal the file's.
    var count = 0
    /// Whether there is no stored message after them.
    var isAtEnd = false
    var appended = 0
    var skipped = 0

    mutating func pass(_ id: Version) {
        last = id
        count += 1
    }
}

extension Result where Failure == HoldfastError {
    /// What a function returns or throws.
    fileprivate static func catching(
        _ body: () async throws(HoldfastError) -> Success
    ) async -> Result<Success, HoldfastError> {
        do {
            return .success(try await body())
        } catch {
            return .failure(error)
        }
    }
}
