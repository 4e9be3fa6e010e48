import HoldfastModel
import Testing

@testable import HoldfastConfiguration

@Suite("Effective values")
struct EffectiveConfigurationTests {
    static let text = """
        storage:
          type: chain
          primary: { type: redis, url: "${REDIS_URL}", database: 3 }
          log: { type: file-log, path: ./log }
        """

    @Test("each value is printed with who gave it")
    func report() throws {
        let (configuration, options) = try Fixture.check(Self.text, ["HOLDFAST_STORAGE_RETAIN": "2h"])
        let lines = configuration.effective(options: options).text.split(separator: "\n").map { line in
            line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        #expect(lines.contains("storage.type chain storage.yaml:2:9"))
        #expect(lines.contains("storage.name storage default"))
        #expect(lines.contains("storage.retain 2h environment HOLDFAST_STORAGE_RETAIN"))
        #expect(lines.contains("storage.flush_interval 5s default"))
        #expect(lines.contains("storage.primary.url *** storage.yaml:3:32"))
        #expect(lines.contains("storage.primary.database 3 storage.yaml:3:58"))
        #expect(lines.contains("storage.primary.pool.max 4 default"))
        #expect(lines.contains("storage.log.path /work/log storage.yaml:4:32"))
        #expect(lines.contains("storage.log.segment_size 16MiB default"))
        #expect(Set(lines.map { $0.prefix { $0 != " " } }).count == lines.count, "no key twice")
    }

    @Test("every key of a chain is in the report, given or not")
    func complete() throws {
        let keys = Set(try Fixture.read(Self.text).effective().values.map(\.key))
        for key in ConfigurationKeys.chain where key.kind.isScalar {
            #expect(keys.contains("storage.\(key.name)"))
        }
        for key in ConfigurationKeys.breaker { #expect(keys.contains("storage.breaker.\(key.name)")) }
        for key in ConfigurationKeys.pool { #expect(keys.contains("storage.log.pool.\(key.name)")) }
    }

    @Test("the report as JSON has typed values and origins")
    func json() throws {
        let (configuration, options) = try Fixture.check(Self.text, ["HOLDFAST_STORAGE_ACK": "log"])
        let json = try JSONReader.parse(configuration.effective(options: options).json.text)
        guard case .array(let values) = json["values"] else {
            Issue.record("no values")
            return
        }
        func entry(_ key: String) -> JSONValue? { values.first { $0["key"]?.string == key } }
        #expect(json["file"]?.string == "storage.yaml")
        #expect(entry("storage.primary.database")?["value"] == .number("3"))
        #expect(
            entry("storage.primary.database")?["origin"]?.text
                == #"{"kind":"file","file":"storage.yaml","line":3,"column":58}"#)
        #expect(
            entry("storage.ack")?["origin"]?.text == #"{"kind":"environment","name":"HOLDFAST_STORAGE_ACK"}"#)
        #expect(entry("storage.resync")?["origin"]?.text == #"{"kind":"default"}"#)
    }

    @Test("without schemas the options are printed as they are written")
    func unchecked() throws {
        let values = try Fixture.read(Self.text).effective().values
        #expect(values.first { $0.key == "storage.log.path" }?.text == "./log")
        #expect(values.first { $0.key == "storage.primary.url" }?.text == "***")
    }
}
