internal import HoldfastConfiguration
public import HoldfastModel
internal import HoldfastSupport

/// The storage that the environment variables of Kode name, for programs that were set up for it.
///
/// | variable | default | meaning |
/// |---|---|---|
/// | `KODE_STORE_TYPE` | `sqlite` | `sqlite`, `postgres`, or `json`: kept in SQLite as well |
/// | `KODE_STORE_PATH` | `./data/store` | the directory of `agents.db` |
/// | `KODE_SQLITE_PATH` | | the file, in place of that |
/// | `POSTGRES_HOST`, `POSTGRES_PORT` | `localhost`, 5432 | the server |
/// | `POSTGRES_DB`, `POSTGRES_USER` | `kode_agents`, `kode` | whose |
/// | `POSTGRES_PASSWORD` | | none where it is not set |
enum AgentStorage {
    /// The text of a storage.yaml.
    ///
    /// - Parameters:
    ///   - variables: the environment; values stay in it, the text names the variables.
    ///   - directories: where plugins are, or none for the usual places.
    /// - Returns: YAML that names the variables where it needs their values.
    /// - Throws: `invalid` for a type that is none.
    static func yaml(
        _ variables: [String: String], plugins directories: [String]
    ) throws(HoldfastError) -> String {
        let type = variables["KODE_STORE_TYPE"] ?? ""
        let storage: String
        switch type {
        case "", "sqlite", "json":
            let usesFile = type != "json" && variables["KODE_SQLITE_PATH"]?.isEmpty == false
            let path = usesFile ? "${KODE_SQLITE_PATH}" : "${KODE_STORE_PATH:-./data/store}/agents.db"
            storage = "{ type: sqlite, path: \"\(path)\" }"
        case "postgres", "postgresql":
            let password =
                variables["POSTGRES_PASSWORD"]?.isEmpty == false ? ", password: \"${POSTGRES_PASSWORD}\"" : ""
            storage = """
                { type: postgresql, host: "${POSTGRES_HOST:-localhost}", port: "${POSTGRES_PORT:-5432}",
                  database: "${POSTGRES_DB:-kode_agents}", user: "${POSTGRES_USER:-kode}"\(password) }
                """
        default:
            throw HoldfastError(
                .invalid, "KODE_STORE_TYPE is \"\(type)\", expected sqlite, postgres or json")
        }
        let paths = directories.map { String(decoding: JSONText.quoted($0.utf8), as: UTF8.self) }
        let plugins = paths.isEmpty ? "" : "plugins: { path: [\(paths.joined(separator: ", "))] }\n"
        return "\(plugins)storage: \(storage)\n"
    }
}

extension HistoryStore {
    /// Opens the storage that the environment variables of Kode name: `KODE_STORE_TYPE` and those that go with it.
    ///
    /// - Parameters:
    ///   - environment: the seams; relative paths begin at its working directory.
    ///   - directories: where plugins are; nothing is the usual places.
    /// - Returns: a store, which its owner closes.
    /// - Throws: `invalid` for a type that is none; else as ``open(configuration:environment:)``.
    public static func open(
        kode environment: StoreEnvironment, plugins directories: [String] = []
    ) async throws(HoldfastError) -> HistoryStore {
        let text = try AgentStorage.yaml(environment.surroundings.variables, plugins: directories)
        let plan: StoragePlan
        do throws(ConfigurationErrors) {
            let configuration = try StorageConfiguration(
                parsing: Array(text.utf8), file: "environment", surroundings: environment.surroundings)
            plan = try StoragePlan(configuration, environment)
        } catch {
            throw error.summary
        }
        return try await plan.open()
    }
}
