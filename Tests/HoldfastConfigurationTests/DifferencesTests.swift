import Testing

@testable import HoldfastConfiguration

@Suite("Differences of two configurations") struct DifferencesTests {
    private static let text = """
        storage:
          type: chain
          primary: { type: redis, url: "${REDIS_URL}" }
          log: { type: file-log, path: ./log }
        server: { log_level: info }
        """

    private func differences(_ old: String, _ new: String) throws -> [String] {
        try Fixture.read(new).differences(from: try Fixture.read(old))
    }

    @Test("where nothing holds differently there are none, however it is written")
    func same() throws {
        #expect(try differences(Self.text, Self.text) == [])
        #expect(try differences(Self.text, "# a line more\n\n" + Self.text) == [])
        let spelt = Self.text.replacing("{ log_level: info }", with: "{ log_level: info, idle_timeout: 75s }")
        #expect(try differences(Self.text, spelt) == [])
        let without = Self.text.replacing("server: { log_level: info }", with: "")
        #expect(try differences(without, without + "server: { }") == [])
    }

    @Test("each key that says something else is named once, without its value")
    func changed() throws {
        let other = Self.text.replacing("log_level: info", with: "log_level: debug, socket: ./s")
            .replacing("./log", with: "./other").replacing("type: chain", with: "type: chain\n  ack: log")
        #expect(
            try differences(Self.text, other)
                == ["storage.ack", "server.socket", "server.log_level", "storage.log.path"])
    }

    @Test("a secret that has changed is named, and not shown")
    func secrets() throws {
        let old = try Fixture.read(Self.text)
        let new = try Fixture.read(Self.text, ["REDIS_URL": "redis://:other@cache:6379/0"])
        #expect(new.differences(from: old) == ["storage.primary.url"])
    }

    @Test("a backend that has come or gone is named by its keys")
    func backends() throws {
        let other = Self.text.replacing(
            "  log:", with: "  backups: [{ type: sqlite, path: ./b.db }]\n  log:")
        let keys = try differences(Self.text, other)
        #expect(keys.contains("storage.backups[0].type") && keys.contains("storage.backups[0].path"))
        #expect(try differences(other, Self.text).sorted() == keys.sorted())
    }
}
