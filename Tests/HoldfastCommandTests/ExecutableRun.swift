import Glibc
import HoldfastSupport
import HoldfastTestSupport

@testable import HoldfastCommand

/// One run of the real executable in a directory of its own, to its end.
struct ExecutableRun {
    let status: Int32
    let output: String
    let errors: String

    /// The executable that was built beside the tests.
    static let path = "\(ProcessFacts.executableDirectory)/holdfast"

    /// The lines of the output.
    var lines: [String] { output.split(separator: "\n").map(String.init) }

    init(_ arguments: String..., in home: Home, input: String? = nil) throws {
        try self.init(arguments, in: home, input: input)
    }

    init(_ arguments: [String], in home: Home, input: String? = nil) throws {
        let number = UInt64.random(in: 0 ... .max)
        let (output, errors) = (home.directory.file("out-\(number)"), home.directory.file("err-\(number)"))
        let source =
            try input.map { try home.directory.write(Array($0.utf8), to: "in-\(number)") } ?? "/dev/null"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, source, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
        InheritedDescriptors.close(&actions)
        // The directory counts: a ./storage.yaml is used before any other.
        let shell = ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", home.directory.path, Self.path]
        let words: [UnsafeMutablePointer<CChar>?] = (shell + arguments).map { strdup($0) }
        let environment = ["TMPDIR=\(home.directory.path)", "PATH=/usr/bin:/bin"]
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) }
        defer { for word in words + variables { free(word) } }
        var process = pid_t()
        let failure = posix_spawn(&process, shell[0], &actions, nil, words + [nil], variables + [nil])
        guard failure == 0 else { throw TestSupportError("cannot start \(Self.path): errno \(failure)") }
        var result: Int32 = 0
        while waitpid(process, &result, 0) < 0, errno == EINTR {}
        status = result & 0x7F == 0 ? result >> 8 & 0xFF : 128 + result & 0x7F
        self.output = try TextFile.read(output)
        self.errors = try TextFile.read(errors)
    }
}

/// A directory with a storage.yaml.
struct Home {
    let directory: TemporaryDirectory
    var configuration: String { directory.file("storage.yaml") }

    /// The chain of the storage.yaml at the top of the repository.
    init() throws {
        directory = try TemporaryDirectory()
        let text = try TextFile.read("\(PluginCompiler.packageDirectory)/storage.yaml")
        try directory.write(Array(text.utf8), to: "storage.yaml")
    }

    /// Another storage.yaml.
    init(_ text: String) throws {
        directory = try TemporaryDirectory()
        try directory.write(Array(text.utf8), to: "storage.yaml")
    }

    /// Turns one byte of the log, where it holds a text.
    func damage(_ text: String) throws {
        let log = directory.file("data/log")
        let scan = "grep -abo \"$1\" \"$0\"/*.segment /dev/null | head -1"
        let found = try CommandRun(["/bin/sh", "-c", scan, log, text], scratch: directory).output
        let parts = found.split(separator: ":")
        guard parts.count == 3, let offset = Int(parts[1]) else {
            throw TestSupportError("no segment of \(log) holds \(text)")
        }
        let descriptor = open(String(parts[0]), O_WRONLY)
        defer { close(descriptor) }
        guard pwrite(descriptor, "X", 1, offset) == 1 else { throw TestSupportError("errno \(errno)") }
    }

    /// Replaces a part of storage.yaml, which must be there.
    func edit(_ part: String, to other: String) throws {
        let text = try TextFile.read(configuration)
        guard let range = text.firstRange(of: part) else {
            throw TestSupportError("no \"\(part)\" in \(text)")
        }
        try directory.write(Array(text.replacingCharacters(range, with: other).utf8), to: "storage.yaml")
    }

    /// Exports everything, and returns its lines sorted.
    func exported() throws -> [String] {
        let run = try ExecutableRun("export", in: self)
        guard run.status == 0 else {
            throw TestSupportError("export ended with \(run.status): \(run.errors)")
        }
        return run.lines.sorted()
    }
}

extension String {
    fileprivate func replacingCharacters(_ range: Range<Index>, with other: String) -> String {
        String(self[..<range.lowerBound]) + other + String(self[range.upperBound...])
    }
}

/// Conversations to import.
struct Corpus: Sendable, CustomStringConvertible {
    let description: String
    let lines: [String]

    /// Made by the project itself.
    static let sample = Corpus(
        description: "sample",
        lines: SampleConversations.lines().map { String(decoding: $0.encoded.dropLast(), as: UTF8.self) })

    /// Real ones, where they are.
    static let real: Corpus? = {
        let root = PluginCompiler.packageDirectory
        let places = ["\(root)/../shared", "\(root)/../../shared"].map {
            "\($0)/data/airline-conversations.jsonl"
        }
        for place in places {
            guard let text = try? TextFile.read(place) else { continue }
            return Corpus(description: "airline", lines: text.split(separator: "\n").map(String.init))
        }
        print("skipping real conversations: there is no \(places[0])")
        return nil
    }()

    static let all = [sample] + (real.map { [$0] } ?? [])

    /// Writes the lines to a file.
    func write(in home: Home) throws -> String {
        try home.directory.write(
            Array((lines.joined(separator: "\n") + "\n").utf8), to: "\(description).jsonl")
    }
}

extension TemporaryDirectory {
    /// Makes a named pipe.
    func makeFIFO(_ name: String) throws -> String {
        guard mkfifo(file(name), 0o600) == 0 else {
            throw TestSupportError("cannot make \(name): errno \(errno)")
        }
        return file(name)
    }

    /// The names of what is in the directory.
    func names() throws -> [String] { try PosixFileSystem().list(path) }
}
