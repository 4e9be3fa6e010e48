import HoldfastModel
import Testing

@testable import HoldfastConfiguration

@Suite("Options of plugins")
struct OptionsSchemaTests {
    private func check(_ schema: String, _ yaml: String) throws -> CheckedOptions {
        let schema = try OptionsSchema(parsing: schema, type: "test")
        let configuration = try Fixture.read(
            "storage:\n  type: test\n" + yaml.split(separator: "\n").map { "  \($0)\n" }.joined())
        return try schema.check(configuration.providers[0])
    }

    @Test("durations reach the plugin in milliseconds, sizes in bytes, paths absolute, defaults filled in")
    func typical() throws {
        let (configuration, options) = try Fixture.check(
            """
            storage:
              type: chain
              primary: { type: sqlite, path: ./a.db, busy_timeout: 1h }
              backups: [{ type: redis, url: "redis://h", weight: 0.25, sentinels: [a, 7], tls: { certificate: ./c.pem } }]
              log: { type: file-log, path: /l, segment_size: 2MB }
            """)
        #expect(
            options["storage.primary"]?.json
                == #"{"path":"/work/a.db","busy_timeout":3600000,"synchronous":"full","read_only":false}"#)
        #expect(
            options["storage.backups[0]"]?.json
                == #"{"url":"redis://h","weight":0.25,"sentinels":["a","7"],"tls":{"certificate":"/work/c.pem"},"database":0}"#
        )
        #expect(
            options["storage.log"]?.json
                == #"{"path":"/l","segment_size":2000000,"sync":"always","max_size":4294967296}"#)
        #expect(configuration.warnings.isEmpty)
    }

    @Test("a plugin without a schema takes any option, read as YAML means it")
    func unchecked() throws {
        let options = try check(
            "", "a: 1\nb: 1.5\nc: true\nd: text\ne: \"1\"\nf: [1, { g: ~ }]\nh: 0x10\ni: 1e400\nj: .inf")
        #expect(
            options.json
                == #"{"a":1,"b":1.5,"c":true,"d":"text","e":"1","f":[1,{"g":null}],"h":"0x10","i":"1e400","j":".inf"}"#
        )
    }

    @Test("additional members pass where the schema allows them")
    func open() throws {
        let schema = #"{"properties": {"a": {"type": "integer"}}, "additionalProperties": true}"#
        #expect(
            try check(schema, "a: 1\nb: 2\nmy_password: hunter2").json
                == #"{"a":1,"b":2,"my_password":"hunter2"}"#)
        #expect(try check(schema, "my_password: hunter2").redactedJSON == #"{"my_password":"***"}"#)
    }

    @Test("a value with several forms takes the first that it can have")
    func union() throws {
        let schema =
            #"{"properties": {"a": {"type": ["integer", "string", "null"]}, "b": {"type": ["boolean", "array"]}}}"#
        #expect(try check(schema, "a: 5\nb: true").json == #"{"a":5,"b":true}"#)
        #expect(try check(schema, "a: five\nb: [x]").json == #"{"a":"five","b":["x"]}"#)
        #expect(try check(schema, "a: \"5\"").json == #"{"a":"5"}"#)
        #expect(try check(schema, "a: ~").json == #"{"a":null}"#)
    }

    @Test("what an environment variable gives may be a number")
    func typedVariable() throws {
        let schema = #"{"properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}}}"#
        #expect(try check(schema, "a: \"${MAX}\"\nb: ${NONE:-true}").json == #"{"a":7,"b":true}"#)
    }

    @Test("a secret default and a secret mapping are hidden")
    func secrets() throws {
        let schema = #"""
            {"properties": {"key": {"type": "string", "secret": true, "default": "hunter2"},
             "login": {"type": "object", "secret": true, "properties": {"user": {"type": "string"}, "pin": {"type": "integer", "default": 1}}}}}
            """#
        let options = try check(schema, "login: { user: hunter2 }")
        #expect(options.json == #"{"login":{"user":"hunter2","pin":1},"key":"hunter2"}"#)
        #expect(options.redactedJSON == #"{"login":{"user":"***","pin":"***"},"key":"***"}"#)
        #expect(
            Fixture.errors("storage: { type: redis, url: redis://h, password: \"\" }")
                == "storage.yaml:1:51: invalid: password (a secret value) is empty, expected a text")
    }

    @Test("the retention of a chain holds for the plugins in it that have such an option")
    func inherited() throws {
        let schema = try OptionsSchema(
            parsing:
                #"{"properties": {"tombstone_retention": {"type": "integer", "format": "duration", "default": 1}}}"#,
            type: "memory")
        let text = """
            storage:
              type: chain
              tombstone_retention: 3d
              primary: { type: memory }
              backups:
                - { type: memory, tombstone_retention: 5d }
                - { type: chain, primary: { type: memory }, log: { type: memory }, tombstone_retention: 4d }
              log: { type: memory }
            """
        let options = try Fixture.read(text).checkOptions { _ in schema }
        let days = { (path: String) in options[path]?.json.filter(\.isNumber) }
        #expect(days("storage.primary") == "\(3 * 86_400_000)")
        #expect(days("storage.backups[0]") == "\(5 * 86_400_000)")
        #expect(days("storage.backups[1].primary") == "\(4 * 86_400_000)")
        // A log keeps no such traces, and its plugin may refuse to be told how long.
        #expect(days("storage.log") == "1")
    }

    @Test(
        "a schema that is none is the plugin's defect, and says where",
        arguments: [
            ("{", "no name where a member is expected at byte 1"), ("[]", "a schema is not an object"),
            (#"{"type": "text"}"#, "the type \"text\" is not one of JSON Schema"),
            (#"{"type": "array"}"#, "its type is not \"object\""),
            (#"{"properties": {"a": {"minimum": "1"}}}"#, "\"minimum\" is not a number at \"a\""),
            (#"{"properties": {"a": {"pattern": "("}}}"#, "\"pattern\" is not a regular expression at \"a\""),
            (
                #"{"properties": {"a": {"format": "duration", "default": "soon"}}}"#,
                "the default \"soon\" is not a number with a unit"
            ),
            (#"{"properties": {"a": 5}}"#, "a schema is not an object at \"a\""),
            (#"{"a": 1, "a": 2}"#, "the name \"a\" twice"),
        ])
    func broken(text: String, message: String) {
        do throws(HoldfastError) {
            _ = try OptionsSchema(parsing: text, type: "x")
            Issue.record("it is broken")
        } catch {
            #expect(error.message.hasPrefix("the options schema of the plugin \"x\" is not usable: "))
            #expect(error.message.contains(message))
        }
    }
}
