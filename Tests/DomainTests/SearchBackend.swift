import Holdfast
import HoldfastModel
import HoldfastTestSupport
import Testing

/// A backend with an index of words, or without.
struct SearchBackend: CustomTestStringConvertible, Sendable {
    let backend: DomainBackend
    let isIndexed: Bool

    /// Every backend that is here, and those that can with an index too.
    static let there = DomainBackend.there.flatMap { backend in
        let plain = SearchBackend(backend: backend, isIndexed: false)
        let canIndex = backend == .sqlite || backend == .postgresql
        return canIndex ? [plain, SearchBackend(backend: backend, isIndexed: true)] : [plain]
    }

    var testDescription: String { isIndexed ? "\(backend.rawValue) with an index" : backend.rawValue }

    /// Opens an empty store, hands it over, and closes it.
    func with<Result>(
        _ clock: MovingClock = MovingClock(), _ body: (HistoryStore) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        var member = try backend.member("store", in: directory)
        if isIndexed {
            let indexes =
                #"conversations: ["@words", role], chats: ["@words"], "\#u{E9}": ["@words", topic]"#
            member.replaceSubrange(
                member.index(before: member.endIndex)..., with: ", indexes: { \(indexes) } }")
        }
        let text = "plugins:\n  path: [\(PluginCompiler.productDirectory)]\nstorage: \(member)\n"
        let file = try directory.write(Array(text.utf8), to: "storage.yaml")
        let store = try await HistoryStore.open(
            configuration: file, environment: StoreEnvironment(clock: clock))
        do {
            let result = try await body(store)
            await store.close()
            return result
        } catch {
            await store.close()
            throw error
        }
    }
}
