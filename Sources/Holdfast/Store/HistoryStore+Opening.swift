internal import HoldfastConfiguration
public import HoldfastModel
internal import HoldfastPlugins

extension HistoryStore {
    /// Opens what a storage.yaml describes.
    ///
    /// Reads the file, loads the plugins, checks their options, opens logs and backends, and recovers what an earlier
    /// process left. Returns when the store serves as well as it can: with a primary that is down it starts degraded,
    /// unless the file says `start: strict`.
    ///
    /// - Parameters:
    ///   - path: the file; a relative path begins at the working directory.
    ///   - environment: the seams.
    /// - Returns: a store, which its owner closes.
    /// - Throws: the first error of the file, with its place and how many more there are; make a ``StoragePlan`` to
    ///   get all of them. `unavailable` when nobody can serve.
    public static func open(
        configuration path: String = "storage.yaml", environment: StoreEnvironment = StoreEnvironment()
    ) async throws(HoldfastError) -> HistoryStore {
        let plan: StoragePlan
        do throws(ConfigurationErrors) {
            let configuration = try StorageConfiguration.load(
                path: path, surroundings: environment.surroundings)
            for warning in configuration.warnings { environment.log(.warning, path, warning.description) }
            plan = try StoragePlan(configuration, environment)
        } catch {
            throw error.summary
        }
        return try await plan.open()
    }
}
