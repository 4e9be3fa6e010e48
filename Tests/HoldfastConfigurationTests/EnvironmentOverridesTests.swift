import HoldfastConfiguration
import HoldfastModel
import Testing

@Suite("Environment overrides")
struct EnvironmentOverridesTests {
    static let text = """
        storage:
          type: chain
          primary: { type: sqlite, path: ./a.db }
          backups:
            - { name: cold-store, type: sqlite, path: ./b.db }
            - { type: redis, url: "redis://h", tls: { certificate: a.pem } }
          wal: { type: file-log, path: ./log }
          ack: primary
        """

    @Test(
        "a variable sets the key that its name leads to",
        arguments: [
            ("HOLDFAST_STORAGE_ACK", "log", "storage.ack", "log"),
            ("HOLDFAST_STORAGE_FLUSH_INTERVAL", "1s", "storage.flush_interval", "1s"),
            ("HOLDFAST_STORAGE_BREAKER_RETRY_AFTER", "3s", "storage.breaker.retry_after", "3s"),
            ("HOLDFAST_STORAGE_PRIMARY_PATH", "/x.db", "storage.primary.path", "/x.db"),
            ("HOLDFAST_STORAGE_PRIMARY_BUSY_TIMEOUT", "7s", "storage.primary.busy_timeout", "7s"),
            ("HOLDFAST_STORAGE_PRIMARY_POOL_MAX", "9", "storage.primary.pool.max", "9"),
            ("HOLDFAST_STORAGE_BACKUPS_0_PATH", "/y.db", "storage.backups[0].path", "/y.db"),
            ("HOLDFAST_STORAGE_BACKUPS_COLD_STORE_PATH", "/y.db", "storage.backups[0].path", "/y.db"),
            ("HOLDFAST_STORAGE_BACKUPS_BACKUP_2_URL", "redis://z", "storage.backups[1].url", "redis://z"),
            (
                "HOLDFAST_STORAGE_BACKUPS_1_TLS_CERTIFICATE", "/b.pem", "storage.backups[1].tls.certificate",
                "/b.pem"
            ),
            ("HOLDFAST_STORAGE_WAL_PATH", "/l", "storage.wal.path", "/l"),
            ("HOLDFAST_STORAGE_LOG_PATH", "/l", "storage.wal.path", "/l"),
            ("HOLDFAST_STORAGE_LOG_SEGMENT_SIZE", "32MiB", "storage.wal.segment_size", "32MiB"),
            ("HOLDFAST_SERVER_LISTEN", ":80", "server.listen", ":80"),
        ])
    func sets(name: String, value: String, key: String, shown: String) throws {
        let (configuration, options) = try Fixture.check(Self.text, [name: value])
        let found = configuration.effective(options: options).values.first { $0.key == key }
        #expect(found?.text == shown)
        #expect(found?.origin == .environment(name))
    }

    @Test("a type comes before the keys that depend on it")
    func types() throws {
        let variables = [
            "HOLDFAST_STORAGE_TYPE": "chain", "HOLDFAST_STORAGE_PRIMARY_TYPE": "sqlite",
            "HOLDFAST_STORAGE_PRIMARY_PATH": "./p.db", "HOLDFAST_STORAGE_LOG_TYPE": "file-log",
            "HOLDFAST_STORAGE_LOG_PATH": "./l", "HOLDFAST_STORAGE_ACK": "log",
        ]
        let (configuration, options) = try Fixture.check("server: { listen: \":80\" }", variables)
        #expect(configuration.providers.map(\.type) == ["sqlite", "file-log"])
        #expect(options["storage.primary"]?.json.contains("/work/p.db") == true)
    }

    @Test("an empty variable counts as not set, others of the product are left alone")
    func ignored() throws {
        let variables = ["HOLDFAST_STORAGE_ACK": "", "HOLDFAST_CONFIG": "x", "HOLDFAST_PLUGIN_PATH": "/p"]
        #expect(try Fixture.read(Self.text, variables) == Fixture.read(Self.text))
    }

    @Test("a value from the environment is taken as it stands, but for a secret file")
    func literal() throws {
        let text = "storage: { type: memory }"
        let (_, plain) = try Fixture.check(text, ["HOLDFAST_STORAGE_SPACE": "${SECRET_WORD}"])
        #expect(plain["storage"]?.json == #"{"space":"${SECRET_WORD}"}"#)
        let (_, secret) = try Fixture.check(text, ["HOLDFAST_STORAGE_SPACE": "file:/run/secrets/password"])
        #expect(secret["storage"]?.json == #"{"space":"hunter2"}"#)
        #expect(secret["storage"]?.redactedJSON == #"{"space":"***"}"#)
    }

    @Test(
        "a name that leads nowhere names the nearest",
        arguments: [
            (
                "HOLDFAST_STORAGE_PRIMRY_PATH",
                "sets no known key, did you mean HOLDFAST_STORAGE_PRIMARY_PATH?"
            ),
            (
                "HOLDFAST_STORAGE_FLUSHINTERVAL",
                "sets no known key, did you mean HOLDFAST_STORAGE_FLUSH_INTERVAL?"
            ),
            (
                "HOLDFAST_STORAGE_BACKUPS_2_PATH",
                "sets no known key, did you mean HOLDFAST_STORAGE_BACKUPS_0_PATH?"
            ),
            (
                "HOLDFAST_STORAGE_PRIMARY_PTH",
                "unknown option \"pth\" of sqlite in storage.primary, did you mean \"path\"?"
            ),
            (
                "HOLDFAST_STORAGE_BACKUPS",
                "sets storage.backups, which takes no single value; set it in the file"
            ),
            (
                "HOLDFAST_STORAGE_PRIMARY",
                "sets storage.primary, which takes no single value; set it in the file"
            ),
            (
                "HOLDFAST_STORAGE_BACKUPS_1_TLS",
                "sets storage.backups.tls, which takes no single value; set it in the file"
            ),
            ("HOLDFAST_SERVER_LISTENS", "sets no known key, did you mean HOLDFAST_SERVER_LISTEN?"),
            ("HOLDFAST_STORAGE_ACK", "ack \"x\" is not known, expected primary, log or all"),
            (
                "HOLDFAST_STORAGE_SOMETHING_ELSE_ENTIRELY",
                "sets no known key, expected for example HOLDFAST_STORAGE_ACK"
            ),
        ])
    func unknown(name: String, message: String) {
        #expect(Fixture.errors(Self.text, [name: "x"]) == "invalid: environment variable \(name): \(message)")
    }
}
