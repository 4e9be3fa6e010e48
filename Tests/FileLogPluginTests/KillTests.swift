import FileLog
import Glibc
import HoldfastProviderKit
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("File log, killed processes")
struct KillTests {
    private static let killCount = 25

    @Test("a process that is killed at any moment loses nothing that it was answered")
    func killLoop() throws {
        let directory = try TemporaryDirectory()
        let writer = try compiledWriter(directory)
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(seed: seed)
        var known: UInt64 = 0
        for round in 0..<Self.killCount {
            let lines = try killed(writer, directory, afterLines: Int.random(in: 1...60, using: &random))
            // The last line may be cut; every whole one is an acknowledgement.
            let acknowledged =
                lines.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .compactMap { UInt64($0) }.max() ?? known
            let log = try FileLog.open(options(directory), environment(), hasThread: false)
            #expect(log.damage == nil, "round \(round), seed \(seed)")
            #expect(log.bounds.last >= acknowledged, "round \(round), seed \(seed)")
            var next = log.bounds.first
            try log.read(from: 1, byteCountMax: .max) { lsn, entry in
                #expect(
                    lsn == next && entry.array == Self.content(lsn),
                    "LSN \(lsn), round \(round), seed \(seed)")
                next = lsn + 1
                return true
            }
            #expect(next == log.bounds.last + 1)
            known = log.bounds.last
            if round % 5 == 4 { try log.trim(before: known - 10) }
            log.close()
        }
        #expect(known > UInt64(Self.killCount))
    }

    @Test("a second process is told the id of the first")
    func lockHolder() throws {
        let directory = try TemporaryDirectory()
        let writer = try compiledWriter(directory)
        var holder = pid_t()
        let output = try start(writer, directory, &holder)
        defer { close(output) }
        var buffer = [UInt8](repeating: 0, count: 64)
        #expect(read(output, &buffer, buffer.count) > 0)
        let error = #expect(throws: ProviderError.self) {
            _ = try FileLog.open(options(directory), environment(), hasThread: false)
        }
        #expect(error?.code == .conflict)
        #expect(error?.message.hasSuffix("is held by process \(holder)") == true)
        kill(holder, SIGKILL)
        var status: Int32 = 0
        waitpid(holder, &status, 0)
        try FileLog.open(options(directory), environment(), hasThread: true).close()
    }

    private static func content(_ lsn: UInt64) -> [UInt8] {
        var bytes = [UInt8](repeating: UInt8(lsn % 251), count: 8 + Int(lsn % 292))
        for index in 0..<8 { bytes[index] = UInt8(truncatingIfNeeded: lsn >> (8 * UInt64(index))) }
        return bytes
    }

    private func options(_ directory: TemporaryDirectory) -> FileLogOptions {
        FileLogOptions(path: directory.file("log"))
    }

    private func environment() -> LogEnvironment {
        LogEnvironment(
            files: PosixFileSystem(), clock: SystemClock(), random: .system, processID: getpid(),
            report: { _, _ in })
    }

    private func compiledWriter(_ directory: TemporaryDirectory) throws -> String {
        let root = PluginCompiler.packageDirectory
        let writer = directory.file("writer")
        let run = try CommandRun(
            [
                "clang", "-std=c11", "-O2", "-I\(root)/Sources/CHoldfastProvider/include",
                "\(root)/Benchmarks/file-log.c", "-ldl", "-o", writer,
            ], scratch: directory)
        try #require(run.status == 0, "\(run.output)")
        return writer
    }

    private func start(
        _ writer: String, _ directory: TemporaryDirectory, _ process: inout pid_t
    ) throws -> Int32 {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        // The writing end must end with the writer, so no other child may inherit it.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        InheritedDescriptors.close(&actions)
        let library = "\(PluginCompiler.productDirectory)/libholdfast-file-log.so"
        let arguments: [String] = [writer, "write", library, directory.path]
        let pointers = arguments.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        try #require(posix_spawn(&process, writer, &actions, nil, pointers + [nil], environ) == 0)
        close(ends[1])
        return ends[0]
    }

    /// Starts the writer, kills it after so many lines, and returns all that it had said.
    private func killed(_ writer: String, _ directory: TemporaryDirectory, afterLines count: Int) throws
        -> String
    {
        var process = pid_t()
        let output = try start(writer, directory, &process)
        defer { close(output) }
        var text: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        var isKilled = false
        while true {
            let size = read(output, &buffer, buffer.count)
            guard size > 0 else { break }
            text += buffer[0..<size]
            if !isKilled, text.count(where: { $0 == 10 }) >= count {
                kill(process, SIGKILL)
                isKilled = true
            }
        }
        var status: Int32 = 0
        waitpid(process, &status, 0)
        #expect(isKilled)
        return String(decoding: text, as: UTF8.self)
    }
}
