import HoldfastConfiguration
import Testing

@Suite("retention of storage.yaml") struct RetentionConfigurationTests {
    private static func file(_ retention: String) -> String {
        "storage: { type: sqlite, path: ./h.db }\nretention: \(retention)\n"
    }

    @Test("policies are read as they stand")
    func policies() throws {
        let text = Self.file(
            """
            { dry_run: true, policies: [
              { namespace: conversations, max_age: 90d, keep_latest: 5 },
              { namespace: conversations, prefix: "a/", max_messages: 0 },
              { namespace: conversations, prefix: "legal/", hold: true } ] }
            """)
        let retention = try #require(try Fixture.read(text).retention)
        #expect(retention.interval == .seconds(3600) && retention.isDryRun)
        #expect(retention.policies.map(\.prefix) == ["", "a/", "legal/"])
        #expect(
            retention.policies[0].maxAge == .seconds(90 * 86_400) && retention.policies[0].keepLatest == 5)
        #expect(retention.policies[1].maxMessages == 0 && retention.policies[1].maxAge == nil)
        #expect(retention.policies.map(\.isHold) == [false, false, true])
        #expect(try Fixture.read("storage: { type: sqlite, path: ./h.db }").retention == nil)
    }

    @Test(
        "what cannot be meant is refused, with its place",
        arguments: [
            ("{}", "missing key \"policies\""), ("{ policies: 3 }", "expected a list"),
            ("{ policies: [{ max_age: 1d }] }", "missing key \"namespace\""),
            ("{ policies: [{ namespace: n }] }", "says nothing"),
            ("{ policies: [{ namespace: n, hold: true, max_age: 1d }] }", "is a hold and has max_age"),
            ("{ policies: [{ namespace: n, max_age: 1 }] }", "has no unit"),
            ("{ policies: [{ namespace: n, max_messages: -1 }] }", "out of range"),
            ("{ policies: [{ namespace: n, max_agee: 1d }] }", "did you mean \"max_age\"?"),
            ("{ policies: [{ namespace: ~x, max_age: 1d }] }", "not one of lists"),
            (
                "{ policies: [{ namespace: n, max_age: 1d }, { namespace: n, max_messages: 1 }] }",
                "have a policy already"
            ),
        ])
    func refused(retention: String, reason: String) {
        let errors = Fixture.errors(Self.file(retention))
        #expect(errors.contains(reason) && errors.hasPrefix("storage.yaml:2:"), "\(errors)")
    }
}
