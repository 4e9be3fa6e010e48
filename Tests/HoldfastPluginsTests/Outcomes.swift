import HoldfastModel
import HoldfastPlugins

extension Result where Failure == HoldfastError, Success: Sendable {
    /// What an operation answers or throws.
    static func of(_ body: @Sendable () async throws -> Success) async -> Result {
        do {
            return .success(try await body())
        } catch let error as HoldfastError {
            return .failure(error)
        } catch {
            return .failure(HoldfastError(.internal, "\(error)"))
        }
    }

    /// The error, if there is one.
    var error: HoldfastError? { if case .failure(let error) = self { error } else { nil } }
}

extension PluginProvider {
    /// Looks at the lanes until they are as expected; the threads get there by themselves.
    func statistics(until isReached: (ProviderStatistics) -> Bool) async {
        while !isReached(statistics) { await Task.yield() }
    }
}
