import Holdfast
import HoldfastModel
import HoldfastTestSupport
import Testing

@Suite(
    "Several hosts", .serialized, .enabled(if: PostgresServer.isThere, "PostgreSQL is not installed"))
struct SeveralHostsTests {
    private static let writers = 8

    @Test(
        "M16 three processes with clocks 2 s apart write one list in one order, the same on the backup; a clear takes what came before it",
        arguments: campaignRounds == nil ? ["postgresql"] : ["postgresql", "sqlite"])
    func oneOrder(backup: String) async throws {
        let servers = try await onThread {
            [try PostgresServer(listens: true), try PostgresServer(listens: true)]
        }
        let archive = try TemporaryDirectory()
        var recipe = try ScalingRecipe.text("hosts")
        if backup == "sqlite" {
            recipe = recipe.replacing(
                "type: postgresql, name: archive, url: \"${ARCHIVE_URL}\"",
                with: "type: sqlite, name: archive, path: \(archive.file("archive.db"))")
        }
        let variables = ["PRIMARY_URL": servers[0].url, "ARCHIVE_URL": servers[1].url]
        let homes = try (0..<3).map { _ in try ChainHome(recipe, variables: variables) }
        let count = campaignRounds ?? 25
        let told = try await onThread { try Self.drive(homes, count: count) }

        var stored: [[String: [Item]]] = []
        let alone = [
            "{ type: postgresql, url: \"${PRIMARY_URL}\" }",
            backup == "sqlite"
                ? "{ type: sqlite, path: \(archive.file("archive.db")) }"
                : "{ type: postgresql, url: \"${ARCHIVE_URL}\" }",
        ]
        for provider in alone {
            let store = try await homes[0].alone(provider).open()
            var lists: [String: [Item]] = [:]
            for list in ["kept", "cleared"] {
                let page = try await store.lists("shared").page(
                    of: list, ListRange(.ascending, limit: 10_000))
                lists[list] = page.elements
            }
            await store.close()
            stored.append(lists)
        }
        #expect(stored[0] == stored[1])
        try told.check(stored[0])
        print("\(backup) backup: \(told.messages.count) messages of 3 hosts, \(told.clears.count) clears")
    }

    /// What three hosts were told.
    struct Told: Sendable {
        var messages: [HostProcess.Acknowledgement] = []
        /// What was acknowledged before anybody began the next phase.
        var earlyCount = 0
        var clears: [String] = []

        /// Every message that no clear took, in the order of its id, and nothing else.
        func check(_ lists: [String: [Item]]) throws {
            let clear = try #require(clears.max())
            for (list, items) in lists {
                let mine = messages.filter { $0.message.writer.hasPrefix("\(list):") }
                let expected = mine.filter { list == "kept" || $0.id > clear }.sorted { $0.id < $1.id }
                #expect(items.map { "\($0.id)" } == expected.map(\.id), "\(list)")
                #expect(items.map { MessageText($0.bytes) } == expected.map(\.message), "\(list)")
                var history = WriteHistory()
                for one in expected { history.acknowledge(one.message) }
                #expect(history.faults(in: expected.map(\.message)) == [])
            }
            // Whoever began after another had been answered comes after it.
            let kept = messages.enumerated().filter { $0.element.message.writer.hasPrefix("kept:") }
            let early = kept.filter { $0.offset < earlyCount }.map(\.element.id).max() ?? ""
            #expect(kept.filter { $0.offset >= earlyCount }.allSatisfy { $0.element.id > early })
            let gone = messages.prefix(earlyCount).filter { $0.message.writer.hasPrefix("cleared:") }
            #expect(!gone.isEmpty && gone.allSatisfy { $0.id < clear })
        }
    }

    private static func drive(_ homes: [ChainHome], count: Int) throws -> Told {
        let hosts = try homes.enumerated().map { index, home in
            try HostProcess(home, name: "h\(index)", clockAhead: index * 2000)
        }
        var told = Told()
        func all(_ command: (Int) -> String) throws {
            for (index, host) in hosts.enumerated() { try host.tell(command(index)) }
            for host in hosts {
                let (messages, clears) = try host.acknowledgements()
                told.messages += messages
                told.clears += clears
            }
        }
        try all { _ in "append kept \(writers) \(count) 0" }
        try all { _ in "append cleared \(writers) \(count) 0" }
        told.earlyCount = told.messages.count
        try all { _ in "append kept \(writers) \(count) \(count)" }
        // The host in the middle clears while all three write.
        try all { "append cleared \(writers) \(count) \(count)" + ($0 == 1 ? " \(writers * count / 2)" : "") }
        try all { _ in "flush" }
        try all { _ in "close" }
        return told
    }
}
