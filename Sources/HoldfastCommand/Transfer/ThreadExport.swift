import Holdfast
import HoldfastSupport

/// Writes threads of channels for people: pages, and what they cost.
struct ThreadExport: Sendable {
    /// What an export has done.
    struct Tally: Hashable, Sendable {
        /// Where it went; nothing is standard output.
        var place: String?
        /// Threads that were written.
        var threads = 0
    }

    /// Where pages go when no directory is named.
    static let standardDirectory = "holdfast-export"

    private let threads: Threads
    private let found: [AgentThread]

    /// Finds the threads of an export.
    init(_ options: ThreadExportOptions, in store: HistoryStore) async throws(HoldfastError) {
        threads = store.threads()
        found = try await threads.conversationsForExport(
            agent: options.agent ?? "", handle: options.handle, from: options.dateFrom?.time,
            to: options.dateTo?.time)
    }

    /// Writes one page for each thread into a directory, which is made if it is not there.
    func writePages(_ format: ExportFormat, to directory: String?) async throws(HoldfastError) -> Tally {
        let directory = directory ?? Self.standardDirectory
        do throws(FileSystemError) {
            try PosixFileSystem().makeDirectory(directory)
        } catch {
            throw HoldfastError(.unavailable, "cannot make the directory \(directory): \(error)")
        }
        for thread in found {
            let messages = try await threads.allMessages(of: thread.id)
            let (name, text): (String, Bytes)
            if format == .html {
                let page = ThreadPage(thread, messages)
                (name, text) = (page.fileName, page.html)
            } else {
                let page = ThreadMarkdown(thread, messages)
                (name, text) = (page.fileName, page.markdown)
            }
            try await Self.write(to: "\(directory)/\(name)") { (file) async throws(HoldfastError) in
                try file.write(text.array)
            }
        }
        return Tally(place: directory, threads: found.count)
    }

    /// Writes the table of what threads cost.
    func writeTable(to path: String?) async throws(HoldfastError) -> Tally {
        guard let path else {
            try await write(to: .standardOutput)
            return Tally(threads: found.count)
        }
        try await Self.write(to: path) { (file) async throws(HoldfastError) in try await write(to: file) }
        return Tally(place: path, threads: found.count)
    }

    private func write(to target: FileDescriptor) async throws(HoldfastError) {
        try target.write(UsageTable.header.array)
        for thread in found {
            try target.write(UsageTable.rows(thread, try await threads.allMessages(of: thread.id)).array)
        }
    }

    /// Writes a file that is complete or not there.
    private static func write(
        to path: String, _ body: (FileDescriptor) async throws(HoldfastError) -> Void
    ) async throws(HoldfastError) {
        let file = try ReplacementFile(at: path)
        do throws(HoldfastError) {
            try await body(file.descriptor)
            try file.commit()
        } catch {
            file.discard()
            throw error
        }
    }
}
