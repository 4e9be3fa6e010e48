import HoldfastConfiguration
import HoldfastModel
import Testing

@Suite("Storage configuration")
struct StorageConfigurationTests {
    static let chain = """
        plugins:
          path: [./plugins, /opt/holdfast]
        storage:
          type: chain
          primary: { type: redis, url: "${REDIS_URL:-redis://127.0.0.1:6379}" }
          backups:
            - { name: archive, type: redis, url: "redis://archive", pool: { max: 20, idle_timeout: 30s, connect_timeout: 2s } }
            - { type: sqlite, path: ./b.db, indexes: { messages: [role, model] } }
          log: { type: file-log, path: ./data/log, sync: always, segment_size: 64MiB, max_size: 4GiB }
          flush_interval: 5s
          on_primary_failure: accept
          ack: all
          retain: 0
          breaker: { failures: 3, retry_after: 250ms }
        server: { listen: 127.0.0.1:7474 }
        """

    @Test("a chain is read with its members, their default names and its rules")
    func chain() throws {
        let configuration = try Fixture.read(Self.chain)
        guard case .chain(let chain) = configuration.storage else {
            Issue.record("not a chain")
            return
        }
        #expect(configuration.pluginDirectories == ["/work/plugins", "/opt/holdfast"])
        #expect(configuration.server?.listen == "127.0.0.1:7474")
        #expect(chain.name == "storage")
        #expect(chain.primary.name == "primary")
        #expect(chain.backups.map(\.name) == ["archive", "backup-2"])
        #expect(chain.log.name == "log")
        #expect(chain.log.role == .log)
        #expect(chain.onPrimaryFailure == .accept)
        #expect(chain.ack == .all)
        #expect(chain.retain == .zero)
        #expect(chain.breaker.failures == 3)
        #expect(chain.breaker.retryAfter == .milliseconds(250))
        #expect(chain.tombstoneRetention == .seconds(7 * 86_400))
        #expect(
            configuration.providers.map(\.path) == [
                "storage.primary", "storage.backups[0]", "storage.backups[1]", "storage.log",
            ])
        #expect(
            configuration.providers[1].pool
                == PoolConfiguration(max: 20, idleTimeout: .seconds(30), connectTimeout: .seconds(2)))
        #expect(configuration.providers[2].indexesJSON == #"{"messages":["role","model"]}"#)
        #expect(configuration.providers[2].typeOrigin.description == "storage.yaml:8:15")
    }

    @Test("one backend needs no chain")
    func single() throws {
        let configuration = try Fixture.read("storage:\n  type: sqlite\n  path: ./a.db\n")
        guard case .provider(let provider) = configuration.storage else {
            Issue.record("not a provider")
            return
        }
        #expect(provider.type == "sqlite")
        #expect(provider.name == "storage")
        #expect(provider.pool == PoolConfiguration())
        #expect(provider.indexesJSON == "{}")
        #expect(configuration.server == nil)
    }

    @Test("a chain may be the primary or a backup of a chain")
    func nested() throws {
        let configuration = try Fixture.read(
            """
            storage:
              type: chain
              primary:
                type: chain
                primary: { type: memory }
                log: { type: memory }
              backups:
                - { type: chain, primary: { type: sqlite, path: ./b.db }, wal: { type: file-log, path: ./l2 } }
              wal: { type: file-log, path: ./l1 }
            """)
        guard case .chain(let chain) = configuration.storage, case .chain(let inner) = chain.backups[0] else {
            Issue.record("not a chain in a chain")
            return
        }
        #expect(inner.name == "backup-1")
        #expect(inner.path == "storage.backups[0]")
        #expect(inner.log.path == "storage.backups[0].wal")
        #expect(configuration.providers.count == 5)
    }

    @Test("an anchor lets two backends share their options")
    func anchors() throws {
        let (_, options) = try Fixture.check(
            """
            storage:
              type: chain
              primary: { type: redis, url: "redis://a", pool: &pool { max: 9 } }
              backups: [{ type: redis, url: "redis://b", pool: *pool }]
              log: { type: file-log, path: ./log }
            """)
        #expect(options.count == 3)
    }

    @Test("paths begin at the directory of the file, whatever the working directory")
    func relativePaths() throws {
        let text = "plugins: { path: [p, ../q, ., ./] }\nstorage: { type: sqlite, path: a.db }"
        let configuration = try StorageConfiguration(
            parsing: Array(text.utf8), file: "conf/storage.yaml", surroundings: Fixture.surroundings())
        #expect(configuration.directory == "/work/conf")
        #expect(
            configuration.pluginDirectories == [
                "/work/conf/p", "/work/conf/../q", "/work/conf", "/work/conf",
            ])
        let options = try configuration.checkOptions(schema: Fixture.schema)["storage"]
        #expect(options?.json.contains(#""path":"/work/conf/a.db""#) == true)
    }

    @Test("a byte order mark, CRLF line ends and a leading document mark are read")
    func encodings() throws {
        let text = "\u{FEFF}---\r\nstorage:\r\n  type: memory\r\n...\r\n"
        #expect(try Fixture.read(text).storage.name == "storage")
    }

    @Test("a name counts in characters for the column, not in bytes")
    func columns() {
        #expect(
            Fixture.errors("storage: { type: sqlite, name: \"é\", pth: x }").hasPrefix("storage.yaml:1:32: "))
        #expect(Fixture.errors("\"žluť\": 1\nstorage: { type: memory }").hasPrefix("storage.yaml:1:1: "))
    }

    @Test("a file that is not there says so, and how to make one")
    func missingFile() {
        #expect(throws: ConfigurationErrors.self) {
            try StorageConfiguration.load(path: "none.yaml", surroundings: Fixture.surroundings())
        }
        do {
            _ = try StorageConfiguration.load(path: "none.yaml", surroundings: Fixture.surroundings())
        } catch {
            #expect(
                error.description
                    == "not_found: cannot read none.yaml: No such file or directory, `holdfast init` writes one"
            )
            #expect(error.errors.count == 1)
        }
    }

    @Test("the summary of many errors is the first with the count of the others")
    func summary() {
        do {
            _ = try Fixture.read("storage: { type: chain, ack: x, start: y }")
            Issue.record("it is broken")
        } catch {
            #expect(error.errors.count == 4)
            #expect(error.summary.message.hasSuffix("(and 3 more)"))
            #expect(error.summary.location == FileLocation(file: "storage.yaml", line: 1, column: 10))
        }
    }
}
