import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("A log that is made of the six primitives")
struct PrimitiveLogTests {
    private static let type = "six-primitives-only"

    private func provider(_ fixture: PluginFixture, name: String = "wal") throws -> PluginLogProvider {
        let options = Bytes("{\"path\":\"\(fixture.directory.file("journal"))\"}")
        return try PluginLogProvider(
            fixture.library("six-primitives", type: Self.type), type: Self.type,
            PluginSettings(name: name, options: options))
    }

    @Test("LSNs are dense from 1, and every entry comes back as it was, also empty ones")
    func appends() async throws {
        let fixture = try PluginFixture()
        let log = try await provider(fixture).open(.unbounded)
        #expect(try await log.bounds(.unbounded) == LogBounds(first: 1, last: 0, byteCount: 0))
        #expect(try await log.append(["a", "", "c"], .unbounded) == 1)
        #expect(try await log.append(["d"], .unbounded) == 4)
        let records = try await log.read(from: 1, byteCountMax: .max, .unbounded)
        #expect(
            records == [("a", 1), ("", 2), ("c", 3), ("d", 4)].map { LogRecord(lsn: $0.1, payload: $0.0) })
        #expect(try await log.read(from: 3, byteCountMax: 1, .unbounded).map(\.lsn) == [3])
        #expect(try await log.read(from: 5, byteCountMax: 1, .unbounded) == [])
        #expect(log.info.capabilities.contains(.durable))
        await log.close()
    }

    @Test("a trimmed log knows its next LSN after it was opened again, also when no entry is left")
    func trims() async throws {
        let fixture = try PluginFixture()
        let provider = try provider(fixture)
        var log = try await provider.open(.unbounded)
        for step in 1...10 { _ = try await log.append([Bytes("\(step)"), "x"], .unbounded) }
        try await log.trim(before: 8, .unbounded)
        #expect(try await log.bounds(.unbounded).first == 8)
        #expect(try await log.read(from: 1, byteCountMax: 3, .unbounded).map(\.lsn) == [8, 9, 10])
        let identity = log.info.incarnation
        await log.close()
        log = try await provider.open(.unbounded)
        #expect(log.info.incarnation == identity)
        #expect(try await log.bounds(.unbounded).first == 8)
        #expect(try await log.bounds(.unbounded).last == 20)
        try await log.trim(before: 21, .unbounded)
        await log.close()
        log = try await provider.open(.unbounded)
        #expect(try await log.bounds(.unbounded) == LogBounds(first: 21, last: 20, byteCount: 0))
        #expect(try await log.append(["next"], .unbounded) == 21)
        #expect(try await log.verify(.unbounded).map(\.kind) == [.segment])
        await log.close()
    }

    @Test("callers that append at once get LSNs of their own, in few groups")
    func groups() async throws {
        let fixture = try PluginFixture()
        let provider = try provider(fixture)
        let log = try await provider.open(.unbounded)
        let lsns = await withTaskGroup(of: UInt64?.self) { group in
            for caller in 0..<200 {
                group.addTask { try? await log.append([Bytes("\(caller)")], .unbounded) }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(lsns.compactMap(\.self).sorted() == Array(1...200))
        #expect(provider.statistics.itemCount == 200)
        #expect(provider.statistics.batchCount < 200)
        #expect(try await log.read(from: 1, byteCountMax: .max, .unbounded).map(\.lsn) == Array(1...200))
        await log.close()
    }

    @Test("two logs in one store do not touch each other")
    func twoLogs() async throws {
        let fixture = try PluginFixture()
        let first = try provider(fixture, name: "a")
        let second = try provider(fixture, name: "b")
        var log = try await first.open(.unbounded)
        _ = try await log.append(["one"], .unbounded)
        await log.close()
        log = try await second.open(.unbounded)
        #expect(try await log.append(["two"], .unbounded) == 1)
        try await log.trim(before: 2, .unbounded)
        await log.close()
        log = try await first.open(.unbounded)
        #expect(try await log.read(from: 1, byteCountMax: 1, .unbounded).map(\.payload) == ["one"])
        await log.close()
    }

    @Test("an entry that is there already stops a second process before it can fork the log")
    func fork() async throws {
        let fixture = try PluginFixture()
        // The store is opened twice as two processes would; it keeps one state for both.
        let library = try fixture.library(
            "misbehaving", type: "shared-state", defines: ["SHARED_STATE", "TYPE=\"shared-state\""])
        func open() async throws -> any LogStore {
            try await PluginLogProvider(library, type: "shared-state", PluginSettings(name: "wal")).open(
                .unbounded)
        }
        let mine = try await open()
        let theirs = try await open()
        #expect(try await mine.append(["mine"], .unbounded) == 1)
        let error = await #expect(throws: HoldfastError.self) {
            try await theirs.append(["theirs"], .unbounded)
        }
        #expect(error?.message.contains("another process appends to this log") == true)
        #expect(error?.flags.contains(.providerDead) == true)
        #expect(try await mine.append(["more"], .unbounded) == 2)
        #expect(
            try await mine.read(from: 1, byteCountMax: .max, .unbounded).map(\.payload) == ["mine", "more"])
        await mine.close()
        await theirs.close()
    }
}
