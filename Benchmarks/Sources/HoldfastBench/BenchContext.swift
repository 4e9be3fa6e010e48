import Glibc
import Holdfast

/// What a benchmark is given.
struct BenchContext: Sendable {
    let directory: String
    let plugins: String
    let scale: Double

    /// A number of rounds, at least three.
    func rounds(_ count: Int) -> Int { max(3, Int(Double(count) * scale)) }

    /// Opens a storage.yaml of which the part under `storage:` is given.
    func open(_ storage: String, name: String) async throws -> HistoryStore {
        let path = "\(directory)/\(name).yaml"
        let text = "plugins: { path: [\"\(plugins)\"] }\nstorage: \(storage)\n"
        guard let file = fopen(path, "w") else { throw BenchError("cannot write \(path)") }
        fputs(text, file)
        fclose(file)
        return try await HistoryStore.open(configuration: path)
    }

    /// The chain of the storage.yaml at the top of the repository.
    func openDefaultChain() async throws -> HistoryStore {
        try await open(
            """
            { type: chain, primary: { type: sqlite, path: "\(directory)/primary.db", synchronous: normal },
              backups: [{ type: sqlite, path: "\(directory)/backup.db", synchronous: normal }],
              log: { type: file-log, path: "\(directory)/log" } }
            """, name: "chain")
    }

    /// A message of about so many bytes, as an agent would write it.
    static func message(byteCount: Int = 400) -> Bytes {
        let content = String(repeating: "lorem ipsum ", count: max(1, byteCount / 12))
        return Bytes(#"{"role":"user","content":"\#(content)"}"#)
    }

    /// Fills a conversation in large steps.
    static func fill(_ conversations: Conversations, _ session: String, _ count: Int) async throws {
        let message = message()
        for start in stride(from: 0, to: count, by: 1000) {
            try await conversations.append(
                Array(repeating: message, count: min(1000, count - start)), to: session)
        }
    }
}
