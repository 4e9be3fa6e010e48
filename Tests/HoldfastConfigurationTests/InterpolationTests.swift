import HoldfastModel
import Testing

@testable import HoldfastConfiguration

@Suite("Variables and secret files")
struct InterpolationTests {
    /// The text that the option `url` gets.
    private func url(_ yaml: String, _ variables: [String: String] = [:]) throws -> String? {
        let text = "storage:\n  type: memory\n  url: \(yaml)\n"
        let options = try Fixture.check(text, variables).1["storage"]
        return try JSONReader.parse(options?.json ?? "")["url"]?.string
    }

    @Test(
        "each form stands for the value it names",
        arguments: [
            ("${SECRET_WORD}", "hunter2"), ("\"${SECRET_WORD}\"", "hunter2"), ("'${SECRET_WORD}'", "hunter2"),
            ("\"{SECRET_WORD}\"", "hunter2"), ("\"a${SECRET_WORD}b${MAX}c\"", "ahunter2b7c"),
            ("${NONE:-d}", "d"), ("${EMPTY:-d}", "d"),
            ("${MAX:-d}", "7.0"), ("${NONE:-}", ""), ("$${MAX}", "${MAX}"), ("$MAX", "$MAX"), ("\"$\"", "$"),
            ("\"{max}\"", "{max}"),
            ("!literal \"${MAX}\"", "${MAX}"),
            ("!literal file:/run/secrets/password", "file:/run/secrets/password"),
            ("file:/run/secrets/password", "hunter2"), ("file:/run/secrets/windows", "hunter2"),
            ("file:./secret", "hunter2\n"),
            ("file:other", "file:other"), ("${NONE:-redis://127.0.0.1:6379}", "redis://127.0.0.1:6379"),
            ("\"${EMPTY}\"", ""),
            ("\"$${${SECRET_WORD}}\"", "${hunter2}"),
        ])
    func forms(yaml: String, expected: String) throws {
        #expect(
            try url(yaml, ["MAX": yaml.hasPrefix("${MAX:") ? "\"7.0\"" : "7"])?.filter { $0 != "\"" }
                == expected)
    }

    @Test("a value cannot change the structure of the file")
    func injection() throws {
        let hostile = "x\", path: /etc/passwd, \"\n  type: evil\n# ${SECRET_WORD} file:/run/secrets/password"
        #expect(try url("\"${HOSTILE}\"", ["HOSTILE": hostile]) == hostile)
    }

    @Test("a secret is printed nowhere: not by print, dump, interpolation, reports or errors")
    func noLeak() throws {
        let text = """
            storage:
              type: chain
              primary: { type: redis, url: "${REDIS_URL}", password: file:/run/secrets/password }
              backups:
                - { type: redis, url: "redis://:hunter2@b", password: hunter2, name: b }
                - { type: memory, dsn: "host=h password=hunter2 user=u", api_token: hunter2, nested: { client_secret: hunter2 } }
              log: { type: file-log, path: "./${SECRET_WORD}/log" }
            """
        let (configuration, options) = try Fixture.check(text)
        var dumped = ""
        dump(configuration, to: &dumped)
        dump(options, to: &dumped)
        for printed in [
            dumped, "\(configuration)", String(reflecting: configuration), "\(options)",
            String(reflecting: options),
            configuration.effective().text, configuration.effective().json.text,
            configuration.effective(options: options).text,
            configuration.effective(options: options).json.text,
        ] + options.values.map(\.redactedJSON) {
            let isLeaked = printed.contains("hunter2")
            #expect(!isLeaked)
        }
        #expect(options["storage.primary"]?.json.contains(#""password":"hunter2""#) == true)
        #expect(options["storage.log"]?.json.contains("/work/hunter2/log") == true)
        #expect(options["storage.log"]?.redactedJSON.contains("./***/log") == true)
    }

    @Test("a secret file that everybody can read is a warning, one that a container mounted is none")
    func warnings() throws {
        let open = try Fixture.read("storage: { type: redis, password: file:./secret }")
        #expect(
            open.warnings.map(\.description) == [
                "storage.yaml:1:35: invalid: the secret file /work/secret can be read by everybody, expected chmod 600"
            ])
        #expect(
            try Fixture.read("storage: { type: redis, password: file:/run/secrets/password }").warnings
                .isEmpty)
    }

    @Test(
        "the password of a literal URL or connection string is masked, and nothing else",
        arguments: [
            ("redis://127.0.0.1:6379/0", "redis://127.0.0.1:6379/0"),
            ("postgres://app:pw@db:5432/x", "postgres://app:***@db:5432/x"),
            ("redis://:p@ss:w/rd@h", "redis://:***@h"), ("postgres://app@db/x", "postgres://app@db/x"),
            ("app:pw@db", "app:***@db"), ("host=h password=pw user=u", "host=h password=*** user=u"),
            ("password = 'a b' x=1", "password =*** x=1"),
            ("https://h/?a=1&access_token=pw&b=2", "https://h/?a=1&access_token=***&b=2"),
            ("password='it''s'", "password=***'s'"), ("password='a\\'b' c", "password=*** c"),
            ("PASSWORD=x", "PASSWORD=***"),
            ("password=", "password=***"), ("a  b\tc", "a  b\tc"), ("", ""), ("=", "="),
            ("password='open", "password=***"),
        ])
    func masks(text: String, shown: String) {
        #expect(ProtectedText(text).description == shown)
        #expect(ProtectedText(text).revealed == text)
    }
}
