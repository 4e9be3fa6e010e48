import Glibc
import Holdfast
import HoldfastModel
import HoldfastTestSupport
import Testing

/// A machine that loses its power, as its files look afterwards.
///
/// With `synchronous: normal` SQLite has committed what it has not brought to the disk. What a power loss leaves of its
/// write-ahead log is its beginning, perhaps with sectors of something else behind it; the log of the chain is whole,
/// since it was synced before anybody heard of success.
@Suite("Power loss") struct PowerLossTests {
    private static let sessions = ["a", "b", "c"]
    private static let cutCount = 12

    /// What a power loss has left of the write-ahead log of a database.
    private enum Remains {
        case cut(Int)
        /// Cut, and other bytes where the rest was.
        case overwritten(Int)
        /// Nothing of it was on the disk.
        case gone
    }

    @Test("what SQLite had not brought to the disk comes back from the log, wherever its own log ends")
    func comesBack() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        print("power loss: seed \(seed)")
        var random = CampaignRandom(state: seed)
        let directory = try TemporaryDirectory()
        let whole = try directory.makeDirectory("whole")
        let store = try await open(in: directory, "whole")
        try await write(to: store, &random)
        let expected = try await histories(of: store)
        #expect(expected.values.allSatisfy { !$0.isEmpty })
        // Every provider has everything; only then do both files hold what a power loss can take.
        try await backupsFollow(store)
        try copy(whole, to: directory.file("image"), directory)
        await store.close()
        let primary = try bytes(of: directory.file("image/history.db-wal"))
        let backup = try bytes(of: directory.file("image/backup.db-wal"))
        try #require(primary.count > 32 && backup.count > 32, "nothing is left to lose")
        for round in 0..<Self.cutCount {
            let name = "round-\(round)"
            try copy(directory.file("image"), to: directory.file(name), directory)
            let remains = Self.remains(of: primary, round, &random)
            try lose(remains, primary, at: "\(name)/history.db-wal", directory, &random)
            try lose(
                Self.remains(of: backup, round + 1, &random), backup, at: "\(name)/backup.db-wal", directory,
                &random)
            if case .gone = remains { #expect(try await isLess(than: expected, in: directory, name)) }
            let again = try await open(in: directory, name)
            #expect(try await histories(of: again) == expected, "seed \(seed), round \(round)")
            // Nothing of it is lost to those who write next.
            try await again.conversations().append("7", to: "a")
            #expect(try await again.conversations().history(of: "a", limit: 500).last?.json == "7")
            await again.close()
        }
    }

    private static func remains(of log: [UInt8], _ round: Int, _ random: inout CampaignRandom) -> Remains {
        let cut = Int(random.next() % UInt64(log.count))
        switch round % 4 {
        case 0: return .gone
        case 1: return .overwritten(cut)
        default: return .cut(cut)
        }
    }

    private func lose(
        _ remains: Remains, _ log: [UInt8], at name: String, _ directory: TemporaryDirectory,
        _ random: inout CampaignRandom
    ) throws {
        switch remains {
        case .gone: try directory.write([], to: name)
        case .cut(let count): try directory.write(Array(log[..<count]), to: name)
        case .overwritten(let count):
            let noise = log[count...].map { _ in UInt8(truncatingIfNeeded: random.next()) }
            try directory.write(log[..<count] + noise, to: name)
        }
    }

    private func open(in directory: TemporaryDirectory, _ name: String) async throws -> HistoryStore {
        let text = """
            plugins: { path: ["\(ProcessFacts.executableDirectory)"] }
            storage:
              type: chain
              primary: { type: sqlite, path: ./history.db, synchronous: normal }
              backups: [{ type: sqlite, path: ./backup.db, synchronous: normal }]
              log: { type: file-log, path: ./log, segment_size: 1MiB }
            """
        return try await HistoryStore.open(
            configuration: try directory.write(Array(text.utf8), to: "\(name)/storage.yaml"))
    }

    /// Whether the database by itself has lost something: else nothing would be tried.
    private func isLess(
        than expected: [String: [Bytes]], in directory: TemporaryDirectory, _ name: String
    ) async throws -> Bool {
        try copy(directory.file(name), to: directory.file("alone-\(name)"), directory)
        let text = """
            plugins: { path: ["\(ProcessFacts.executableDirectory)"] }
            storage: { type: sqlite, path: ./history.db }
            """
        let alone = try await HistoryStore.open(
            configuration: try directory.write(Array(text.utf8), to: "alone-\(name)/storage.yaml"))
        let found = try await histories(of: alone)
        await alone.close()
        return found != expected
    }

    private func write(to store: HistoryStore, _ random: inout CampaignRandom) async throws {
        let conversations = store.conversations()
        for number in 0..<120 {
            let session = Self.sessions[Int(random.next() % 3)]
            switch random.next() % 12 {
            case 0:
                if let newest = try await conversations.history(of: session, limit: 1).last {
                    try await conversations.edit(newest.id, of: session, to: Bytes("\(number + 1000)"))
                }
            case 1: _ = try await conversations.pop(session)
            case 2 where number == 40: try await conversations.clear(session)
            case 3: try await conversations.append((0..<5).map { Bytes("\(number * 10 + $0)") }, to: session)
            default: try await conversations.append(Bytes("\(number)"), to: session)
            }
        }
        for session in Self.sessions { try await conversations.append("0", to: session) }
    }

    private func histories(of store: HistoryStore) async throws -> [String: [Bytes]] {
        var histories: [String: [Bytes]] = [:]
        for session in Self.sessions {
            histories[session] = try await store.conversations().history(of: session, limit: 500).map(\.json)
        }
        return histories
    }

    private func backupsFollow(_ store: HistoryStore) async throws {
        try await store.conversations().append("1", to: "followed", WriteOptions(ack: .all))
    }

    private func copy(_ source: String, to target: String, _ scratch: TemporaryDirectory) throws {
        let run = try CommandRun(["cp", "-a", source, target], scratch: scratch)
        guard run.status == 0 else { throw TestSupportError("cp says: \(run.output)") }
        // Shared memory does not outlive the machine.
        for name in ["history.db-shm", "backup.db-shm"] { unlink("\(target)/\(name)") }
    }

    private func bytes(of path: String) throws -> [UInt8] {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw TestSupportError("cannot read \(path): errno \(errno)") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(descriptor, &part, part.count)
            guard count >= 0 else { throw TestSupportError("cannot read \(path): errno \(errno)") }
            guard count > 0 else { return bytes }
            bytes += part[..<count]
        }
    }
}
