import Glibc
import HoldfastTestSupport

/// A host in a process of its own: the executable `TestHost`, told what to do line by line.
///
/// Reading from it blocks, so it belongs on a thread of its own.
final class HostProcess {
    /// A message that a host was told is stored.
    struct Acknowledgement: Hashable {
        let message: MessageText
        let id: String
    }

    private let process: pid_t
    private let input: Int32
    private let output: Int32
    private var held: [UInt8] = []
    private var isReaped = false

    /// Starts a host and waits until it serves.
    ///
    /// - Parameters:
    ///   - home: where its log is.
    ///   - name: the names of its writers begin with it.
    ///   - milliseconds: how far ahead its clock is.
    /// - Throws: when it does not start, or says why it does not serve.
    init(_ home: ChainHome, name: String, clockAhead milliseconds: Int) throws {
        var (toChild, toParent): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
        guard pipe(&toChild) == 0, pipe(&toParent) == 0 else {
            throw TestSupportError("cannot make a pipe: errno \(errno)")
        }
        for end in toChild + toParent { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        (input, output) = (toChild[1], toParent[0])
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, toChild[0], 0)
        posix_spawn_file_actions_adddup2(&actions, toParent[1], 1)
        posix_spawn_file_actions_addopen(
            &actions, 2, home.directory.file("\(name).log"), O_WRONLY | O_CREAT | O_APPEND, 0o600)
        InheritedDescriptors.close(&actions)
        let path = "\(ProcessFacts.executableDirectory)/TestHost"
        let arguments = [path, home.configuration, name, String(milliseconds)]
        let settings = home.variables.map { "\($0.key)=\($0.value)" } + ["PATH=/usr/bin:/bin"]
        let words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        let environment: [UnsafeMutablePointer<CChar>?] = settings.map { strdup($0) }
        defer { for word in words + environment { free(word) } }
        var process = pid_t()
        let failure = posix_spawn(&process, path, &actions, nil, words + [nil], environment + [nil])
        close(toChild[0])
        close(toParent[1])
        guard failure == 0 else { throw TestSupportError("cannot start \(path): errno \(failure)") }
        self.process = process
        _ = try answer()
    }

    deinit {
        kill()
        close(input)
        close(output)
    }

    /// Tells the host to do something; ``answer()`` says how it went.
    func tell(_ command: String) throws {
        let bytes = Array("\(command)\n".utf8)
        guard write(input, bytes, bytes.count) == bytes.count else {
            throw TestSupportError("the host has ended: errno \(errno)")
        }
    }

    /// What the host says until it is done.
    func answer() throws -> [[String]] {
        var lines: [[String]] = []
        while let line = try nextLine() {
            let words = line.split(separator: " ").map(String.init)
            if words.first == "done" { return lines }
            guard words.first != "failed" else { throw TestSupportError("a host says: \(line)") }
            lines.append(words)
        }
        throw TestSupportError("the host has ended after \(lines.count) lines")
    }

    /// What the host acknowledged until it is done, and the ids of its clears.
    func acknowledgements() throws -> (messages: [Acknowledgement], clears: [String]) {
        var messages: [Acknowledgement] = []
        var clears: [String] = []
        for words in try answer() {
            if words.count == 4, words[0] == "ack", let number = Int(words[2]) {
                messages.append(Acknowledgement(message: MessageText(words[1], number), id: words[3]))
            } else if words.count == 2, words[0] == "cleared" {
                clears.append(words[1])
            } else {
                throw TestSupportError("a host says what nobody understands: \(words)")
            }
        }
        return (messages, clears)
    }

    /// Ends the process as a crash would.
    func kill() {
        guard !isReaped else { return }
        isReaped = true
        Glibc.kill(process, SIGKILL)
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }

    private func nextLine() throws -> String? {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            if let end = held.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: held[..<end], as: UTF8.self)
                held.removeSubrange(...end)
                return line
            }
            let count = read(output, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            held += buffer[0..<count]
        }
    }
}
