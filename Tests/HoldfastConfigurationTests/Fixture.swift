import HoldfastConfiguration
import HoldfastModel

/// The world that the tests of this target live in: an environment, files, and the schemas of four plugins.
enum Fixture {
    static let variables = [
        "REDIS_URL": "redis://:hunter2@cache:6379/0", "DATABASE_URL": "postgres://app:hunter2@db/history",
        "BAD_DURATION": "shortly", "SECRET_WORD": "hunter2", "EMPTY": "", "MAX": "7",
    ]

    static let files: [String: FileContents] = [
        "/run/secrets/password": FileContents(bytes: Array("hunter2\n".utf8), mode: 0o444),
        "/run/secrets/windows": FileContents(bytes: Array("hunter2\r\n".utf8)),
        "/run/secrets/empty": FileContents(bytes: Array("\n".utf8)),
        "/run/secrets/binary": FileContents(bytes: [0xFF, 0xFE, 0x00]),
        "/work/secret": FileContents(bytes: Array("hunter2\n\n".utf8), mode: 0o644),
        "/work/writable": FileContents(bytes: Array("hunter2".utf8), mode: 0o666),
    ]

    static func surroundings(_ extra: [String: String] = [:]) -> Surroundings {
        Surroundings(
            variables: variables.merging(extra) { _, new in new }, workingDirectory: "/work"
        ) { path, byteCountMax throws(HoldfastError) in
            if path == "/run/secrets/forbidden" { throw HoldfastError(.permission, "Permission denied") }
            guard let contents = files[path] else {
                throw HoldfastError(.notFound, "No such file or directory")
            }
            guard contents.bytes.count <= byteCountMax else {
                throw HoldfastError(.invalid, "it is too long")
            }
            return contents
        }
    }

    /// Reads a text as `/work/storage.yaml`.
    static func read(
        _ text: String, _ variables: [String: String] = [:]
    ) throws(ConfigurationErrors) -> StorageConfiguration {
        try StorageConfiguration(
            parsing: Array(text.utf8), file: "storage.yaml", surroundings: surroundings(variables))
    }

    /// Reads a text and checks its options too.
    static func check(
        _ text: String, _ variables: [String: String] = [:]
    ) throws -> (StorageConfiguration, [String: CheckedOptions]) {
        let configuration = try read(text, variables)
        return (configuration, try configuration.checkOptions(schema: schema))
    }

    /// The errors of a text, printed; empty where there are none.
    static func errors(_ text: String, _ variables: [String: String] = [:]) -> String {
        do {
            _ = try check(text, variables)
            return ""
        } catch {
            return "\(error)"
        }
    }

    static func schema(_ type: String) -> OptionsSchema? {
        schemas[type].flatMap { try? OptionsSchema(parsing: $0, type: type) }
    }

    static let schemas = [
        "sqlite": """
        {"type": "object", "required": ["path"], "additionalProperties": false, "properties": {
            "path": {"type": "string", "format": "path", "description": "the file"},
            "synchronous": {"type": "string", "enum": ["full", "normal", "off"], "default": "full"},
            "busy_timeout": {"type": "integer", "format": "duration", "minimum": 0, "maximum": 3600000, "default": 5000},
            "read_only": {"type": "boolean", "default": false}
        }}
        """,
        "file-log": """
        {"type": "object", "required": ["path"], "properties": {
            "path": {"type": "string", "format": "path"},
            "sync": {"enum": ["always", "never"], "default": "always"},
            "segment_size": {"type": "integer", "format": "size", "minimum": 1048576, "default": "16MiB"},
            "max_size": {"type": "integer", "format": "size", "default": "4GiB"}
        }}
        """,
        "redis": """
        {"type": "object", "required": ["url"], "properties": {
            "url": {"type": "string", "pattern": "^rediss?://"},
            "password": {"type": "string", "secret": true, "minLength": 1},
            "database": {"type": "integer", "minimum": 0, "maximum": 15, "default": 0},
            "weight": {"type": "number", "maximum": 1},
            "sentinels": {"type": "array", "items": {"type": "string"}},
            "tls": {"type": "object", "properties": {"certificate": {"type": "string", "format": "path"}}}
        }}
        """,
        "memory": "",
    ]
}
