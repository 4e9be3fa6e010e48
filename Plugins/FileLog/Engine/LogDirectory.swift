import HoldfastProviderKit
import HoldfastSupport

/// The directory of a log, locked by this process.
struct LogDirectory: Sendable {
    let path: String
    let files: any FileSystem
    private let lock: OpenFile

    /// Takes the directory for this process alone.
    ///
    /// - Throws: `conflict` with the process id of the holder where there is one.
    init(_ options: FileLogOptions, _ environment: LogEnvironment) throws(ProviderError) {
        path = options.path
        files = environment.files
        do throws(FileSystemError) {
            if options.isCreated { try Self.make(options.path, files) }
            lock = try files.open(options.path + "/" + LogFormat.lockName, .create)
        } catch {
            guard error.isNotFound else { throw ProviderError(error) }
            throw ProviderError(
                .invalid,
                "the log's directory \(options.path) does not exist, and option \"create\" is false",
                vendorCode: Int64(error.number))
        }
        do throws(ProviderError) {
            try take(environment.processID)
        } catch {
            files.close(lock)
            throw error
        }
    }

    private func take(_ processID: Int32) throws(ProviderError) {
        do throws(FileSystemError) {
            guard try files.lock(lock) else {
                let text = String(decoding: try contents(lock).prefix(16), as: UTF8.self)
                let holder = text.split(separator: "\n").first.map { "process \($0)" } ?? "another process"
                throw FileSystemError(.lock, path: holder, number: 0)
            }
            try files.truncate(lock, size: 0)
            let text = [UInt8]("\(processID)\n".utf8)
            try unsafe files.writeAll(text.span.bytes, to: lock, at: 0)
        } catch {
            guard error.number == 0 else { throw ProviderError(error) }
            throw ProviderError(.conflict, "the log \(path) is held by \(error.path)")
        }
    }

    /// Lets the directory go.
    func close() { files.close(lock) }

    /// The path of a file in the directory.
    func file(_ name: String) -> String { path + "/" + name }

    /// Makes the entries of the directory durable.
    func sync() throws(FileSystemError) { try files.syncDirectory(path) }

    /// Reads a whole file that must exist.
    func contents(_ name: String) throws(FileSystemError) -> [UInt8] {
        let file = try files.open(file(name), .read)
        defer { files.close(file) }
        return try contents(file)
    }

    /// Reads a whole file.
    private func contents(_ file: OpenFile) throws(FileSystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: try files.size(file))
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        let count = try files.read(file, into: &raw, at: 0)
        return count == bytes.count ? bytes : [UInt8](bytes.prefix(count))
    }

    /// Makes what a file holds durable, whoever wrote it.
    func sync(_ name: String) throws(FileSystemError) {
        let file = try files.open(file(name), .readWrite)
        defer { files.close(file) }
        try files.sync(file)
    }

    /// Writes a file that appears whole or not at all, and survives a power loss.
    func replace(_ name: String, with bytes: [UInt8]) throws(FileSystemError) {
        let temporary = file(name) + LogFormat.replacementSuffix
        try write(bytes, to: temporary)
        try files.rename(temporary, to: file(name))
        try sync()
    }

    private func write(_ bytes: [UInt8], to path: String) throws(FileSystemError) {
        let target = try files.open(path, .create)
        defer { files.close(target) }
        try files.truncate(target, size: 0)
        try unsafe files.writeAll(bytes.span.bytes, to: target, at: 0)
        try files.sync(target)
    }

    /// Makes a directory and those above it.
    private static func make(_ path: String, _ files: any FileSystem) throws(FileSystemError) {
        do throws(FileSystemError) {
            try files.makeDirectory(path)
        } catch {
            guard error.isNotFound, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
                throw error
            }
            try make(String(path[..<slash]), files)
            try files.makeDirectory(path)
        }
        let parent = path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        try files.syncDirectory(parent)
    }
}
