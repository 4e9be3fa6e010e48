import Glibc
import HoldfastHTTP
import HoldfastSupport
import HoldfastTestSupport

/// A daemon of the real executable that is killed while many connections write to it, again and again, on one store.
///
/// Each connection writes one thing after the other: messages to a session that it shares with others, some with an
/// idempotency key, and a document of its own. After each kill the daemon is started again, and what it answered before
/// is looked for; what has a key and got no answer is sent once more, and must then be there once.
final class DaemonKillCampaign: Sendable {
    /// What one connection has sent in a round, and what became of it.
    private struct Writer: Sendable {
        var sent: [Int] = []
        var answered: Set<Int> = []
        var lastDocument = -1
        var sentDocument = -1
    }

    struct Outcome: Sendable {
        var failures: [String] = []
        var answeredCount = 0
        /// Writes whose answer was lost with the daemon.
        var openCount = 0
        /// How many of these were stored all the same.
        var storedCount = 0
    }

    private static let sessionCount = 8
    let connectionCount: Int
    let seed = UInt64.random(in: 0 ... .max)
    private let answerCountMax: Int
    private let directory: TemporaryDirectory
    private let configuration: String
    private let outcome = Guarded(Outcome())
    private let writers: Guarded<[Writer]>

    init(connectionCount: Int, answerCountMax: Int, _ directory: TemporaryDirectory) throws {
        self.connectionCount = connectionCount
        self.answerCountMax = answerCountMax
        self.directory = directory
        writers = Guarded(Array(repeating: Writer(), count: connectionCount))
        let text = """
            plugins: { path: ["\(ProcessFacts.executableDirectory)"] }
            storage:
              type: chain
              primary: { type: sqlite, path: ./data/history.db, synchronous: normal }
              backups: [{ type: sqlite, path: ./data/backup.db, synchronous: normal }]
              log: { type: file-log, path: ./data/log }
            server: { listen: "127.0.0.1:0" }
            """
        configuration = try directory.write(Array(text.utf8), to: "storage.yaml")
    }

    func run(_ rounds: Int) async throws -> Outcome {
        for round in 0..<rounds {
            let (process, address) = try await start(round * 2)
            // A number for each round that can be had again: Knuth's multiplicative hash.
            let mixed = (seed &+ UInt64(round)) &* 0x9E37_79B9_7F4A_7C15
            await load(address, round, killing: process, after: Int(mixed % UInt64(answerCountMax)))
            let (again, place) = try await start(round * 2 + 1)
            try await check(place, round)
            kill(again, SIGTERM)
            let status = await NotifySocket.end(of: again)
            if status != 0 { fail("round \(round): the daemon ended with \(status)") }
        }
        return outcome.withLock { $0 }
    }

    /// Starts the daemon, and waits until it says that it answers.
    private func start(_ number: Int) async throws -> (Int32, ListenAddress) {
        let name = directory.file("notify-\(number)")
        let log = directory.file("log-\(number)")
        let manager = try NotifySocket(name)
        let process = try ChildProcess.start(
            [
                "env", "NOTIFY_SOCKET=\(name)", "\(ProcessFacts.executableDirectory)/holdfast", "serve",
                "--config", configuration,
            ], log: log)
        let notice = await manager.next()
        let prefix = "listening on http://"
        guard notice == "READY=1",
            let line = try TextFile.read(log).split(separator: "\n").first(where: { $0.hasPrefix(prefix) })
        else {
            kill(process, SIGKILL)
            throw TestSupportError("start \(number): \((try? TextFile.read(log)) ?? "")")
        }
        return (process, try ListenAddress(String(line.dropFirst(prefix.count))))
    }

    private func fail(_ text: String) {
        outcome.withLock { if $0.failures.count < 20 { $0.failures.append(text) } }
    }
}

// MARK: under load

extension DaemonKillCampaign {
    /// Writes over every connection until the daemon is killed, which happens after so many answers.
    private func load(
        _ address: ListenAddress, _ round: Int, killing process: Int32, after count: Int
    ) async {
        writers.withLock { $0 = Array(repeating: Writer(), count: connectionCount) }
        let answered = Guarded(0)
        await withDiscardingTaskGroup { group in
            for number in 0..<connectionCount {
                group.addTask {
                    do {
                        try await HTTPConnection.with(address) { connection in
                            for step in 0... {
                                try await self.write(step, number, round, connection)
                                let isEnough = answered.withLock { answered in
                                    answered += 1
                                    return answered == count + 1
                                }
                                if isEnough { kill(process, SIGKILL) }
                            }
                        }
                    } catch {
                        // The daemon is gone. One that ended by itself is found out by its status.
                    }
                }
            }
        }
        let status = await NotifySocket.end(of: process)
        if status != 128 + SIGKILL { fail("round \(round): the daemon ended with \(status) by itself") }
        let total = answered.withLock { $0 }
        outcome.withLock { $0.answeredCount += total }
    }

    private func write(
        _ step: Int, _ number: Int, _ round: Int, _ connection: HTTPConnection
    ) async throws {
        let isDocument = step % 4 == 3
        writers.withLock { writers in
            if isDocument { writers[number].sentDocument = step } else { writers[number].sent.append(step) }
        }
        let request =
            isDocument
            ? TestDaemon.request(
                "PUT", "/v1/documents/kills/r\(round)-\(number)", body: Array("\(step)".utf8))
            : message(step, number, round)
        try await connection.send(request)
        guard let answer = try await connection.receive() else { throw TestSupportError("closed") }
        guard (200..<300).contains(answer.status) else {
            fail("round \(round): \(answer.status) \(answer.text)")
            throw TestSupportError("refused")
        }
        writers.withLock { writers in
            if isDocument {
                writers[number].lastDocument = step
            } else {
                writers[number].answered.insert(step)
            }
        }
    }

    private func message(_ step: Int, _ number: Int, _ round: Int) -> [UInt8] {
        let headers = Self.hasKey(step) ? [("Idempotency-Key", "\(round)-\(number)-\(step)")] : []
        return TestDaemon.request(
            "POST", "/v1/sessions/r\(round)-\(number % Self.sessionCount)/messages", headers,
            body: Array("{\"role\":\"user\",\"writer\":\(number),\"step\":\(step)}".utf8))
    }

    private static func hasKey(_ step: Int) -> Bool { step % 2 == 0 }
}

// MARK: afterwards

extension DaemonKillCampaign {
    /// Compares what is stored with what was sent and answered, then sends what has a key and no answer once more.
    private func check(_ address: ListenAddress, _ round: Int) async throws {
        let writers = writers.withLock { $0 }
        try await HTTPConnection.with(address) { connection in
            let stored = try await stored(round, connection)
            for (number, writer) in writers.enumerated() {
                let steps = stored[number, default: []]
                let context = "round \(round), writer \(number)"
                if steps != steps.sorted() { fail("\(context): out of order: \(steps)") }
                if Set(steps).count != steps.count { fail("\(context): doubled: \(steps)") }
                let lost = writer.answered.subtracting(steps)
                if !lost.isEmpty { fail("\(context): lost after it was answered: \(lost.sorted())") }
                let strange = Set(steps).subtracting(writer.sent)
                if !strange.isEmpty { fail("\(context): nobody sent \(strange.sorted())") }
                let open = writer.sent.filter { !writer.answered.contains($0) }
                outcome.withLock { outcome in
                    outcome.openCount += open.count
                    outcome.storedCount += open.filter(Set(steps).contains).count
                }
                for step in open where Self.hasKey(step) {
                    try await connection.send(message(step, number, round))
                    guard let answer = try await connection.receive(), answer.status == 200 else {
                        fail("\(context): step \(step) was refused once more")
                        continue
                    }
                }
                try await checkDocument(number, writer, round, connection)
            }
            let after = try await self.stored(round, connection)
            for (number, writer) in writers.enumerated() {
                let keyed = writer.sent.filter { Self.hasKey($0) || writer.answered.contains($0) }
                let steps = after[number, default: []]
                if Set(steps).count != steps.count || !Set(keyed).isSubset(of: steps) {
                    fail("round \(round), writer \(number): \(steps) after \(writer.sent) was sent again")
                }
            }
        }
    }

    private func checkDocument(
        _ number: Int, _ writer: Writer, _ round: Int, _ connection: HTTPConnection
    ) async throws {
        try await connection.send(
            TestDaemon.request("GET", "/v1/documents/kills/r\(round)-\(number)"))
        guard let answer = try await connection.receive() else { throw TestSupportError("closed") }
        let step = answer.status == 200 ? Int(answer.text) ?? -2 : -1
        if step < writer.lastDocument || step > writer.sentDocument {
            fail(
                "round \(round): the document of writer \(number) is \(step), "
                    + "\(writer.lastDocument) was answered and \(writer.sentDocument) sent")
        }
    }

    /// What each writer has in its session, in the order of the session.
    private func stored(_ round: Int, _ connection: HTTPConnection) async throws -> [Int: [Int]] {
        var stored: [Int: [Int]] = [:]
        for session in 0..<Self.sessionCount {
            var cursor: String?
            repeat {
                let target =
                    "/v1/sessions/r\(round)-\(session)/messages?order=ascending&limit=500"
                    + (cursor.map { "&cursor=\($0)" } ?? "")
                try await connection.send(TestDaemon.request("GET", target))
                guard let answer = try await connection.receive(), answer.status == 200 else {
                    throw TestSupportError("\(target) was refused")
                }
                let page = try JSONNode(answer.body)
                for element in page["data"]?.elements ?? [] {
                    guard let writer = element["value"]?["writer"]?.integer,
                        let step = element["value"]?["step"]?.integer
                    else { throw TestSupportError("\(answer.text.prefix(200))") }
                    stored[Int(writer), default: []].append(Int(step))
                }
                cursor = page["next"]?.string
            } while cursor != nil
        }
        return stored
    }
}
