import Glibc
import HoldfastModel
import HoldfastSupport
import Synchronization

/// A command that this process was asked to run in its place: it has the terminal, the files and the environment.
///
/// Signals that are sent to this process are passed on to it; those that the terminal sends, it has already.
struct ForegroundCommand: Sendable {
    /// The number of the process, zero while there is none.
    ///
    /// One at a time, since signals are the process's.
    private static let running = Atomic<Int32>(0)
    /// A signal that nobody has passed on yet: it may come before the number of the process is known.
    private static let pending = Atomic<Int32>(0)
    private static let forwarded = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]
    /// `SIG_IGN` as a number.
    private static let ignoring = 1

    /// The number of the process.
    let identifier: Int32

    /// Starts a command.
    ///
    /// - Parameters:
    ///   - words: the name of the command, searched for in `PATH`, and what it is given; at least one.
    ///   - variables: what its environment has beside this process's, as `NAME=VALUE`.
    /// - Returns: the process, which must be waited for.
    /// - Throws: `notFound` or `permission` when it cannot be started.
    static func start(_ words: [[UInt8]], adding variables: [String]) throws(HoldfastError)
        -> ForegroundCommand
    {
        passOnSignals()
        let added = variables.map { Array($0.utf8) }
        var arguments = unsafe words.map { unsafe copy($0) } + [nil]
        var surroundings = unsafe (inheritedVariables(without: added) + added).map { unsafe copy($0) } + [nil]
        defer {
            unsafe arguments.forEach { unsafe free($0) }
            unsafe surroundings.forEach { unsafe free($0) }
        }
        guard let program = unsafe arguments[0], let name = words.first else {
            throw HoldfastError(.invalid, "there is no command to run")
        }
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        // The threads of this process block signals, and a command begins with what its thread blocks.
        var unblocked = sigset_t()
        unsafe sigemptyset(&unblocked)
        unsafe posix_spawnattr_setsigmask(&attributes, &unblocked)
        // What this process ignores, to be told of it as an error, ends a command as it is used to.
        var ending = sigset_t()
        unsafe sigemptyset(&ending)
        unsafe sigaddset(&ending, SIGPIPE)
        unsafe posix_spawnattr_setsigdefault(&attributes, &ending)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var identifier: pid_t = 0
        let failure = unsafe posix_spawnp(
            &identifier, program, nil, &attributes, &arguments, &surroundings)
        guard failure == 0 else {
            errno = failure
            throw systemError("cannot run \(String(decoding: name, as: UTF8.self))")
        }
        running.store(identifier, ordering: .sequentiallyConsistent)
        passOnPending()
        return ForegroundCommand(identifier: identifier)
    }

    /// A C string of its own, with these bytes; whoever has it frees it.
    private static func copy(_ bytes: [UInt8]) -> UnsafeMutablePointer<CChar>? {
        unsafe (bytes + [0]).withUnsafeBytes {
            unsafe $0.baseAddress.flatMap { unsafe strdup($0.assumingMemoryBound(to: CChar.self)) }
        }
    }

    private static func inheritedVariables(without replaced: [[UInt8]]) -> [[UInt8]] {
        let equals = UInt8(ascii: "=")
        let names = replaced.map { $0.prefix { $0 != equals } }
        var variables: [[UInt8]] = []
        var next = unsafe environ
        while let variable = unsafe next.pointee {
            let text = unsafe CommandWords.bytes(of: variable)
            if !names.contains(text.prefix { $0 != equals }) { variables.append(text) }
            unsafe next = unsafe next.successor()
        }
        return variables
    }

    private static func passOnSignals() {
        // The first use sets the values up, which a signal handler must not.
        _ = running.load(ordering: .sequentiallyConsistent)
        pending.store(0, ordering: .sequentiallyConsistent)
        var action = sigaction()
        action.sa_flags = SA_SIGINFO | SA_RESTART
        unsafe action.__sigaction_handler.sa_sigaction = { signal, information, _ in
            // What the kernel sends to a terminal's processes has reached the command as well.
            guard let code = unsafe information?.pointee.si_code, code <= 0 else { return }
            ForegroundCommand.pending.store(signal, ordering: .sequentiallyConsistent)
            ForegroundCommand.passOnPending()
        }
        for signal in forwarded {
            var known = sigaction()
            // What this process was started to ignore, as by nohup, the command ignores as well.
            let isKnown = unsafe sigaction(signal, nil, &known) == 0
            let handler = unsafe unsafeBitCast(known.__sigaction_handler.sa_handler, to: Int.self)
            if isKnown, handler == ignoring { continue }
            unsafe sigaction(signal, &action, nil)
        }
    }

    /// Called by the handler and by who starts the process: whichever is the second to come passes the signal on.
    private static func passOnPending() {
        let process = running.load(ordering: .sequentiallyConsistent)
        guard process > 0 else { return }
        let signal = pending.exchange(0, ordering: .sequentiallyConsistent)
        if signal > 0 { _ = Glibc.kill(process, signal) }
    }

    /// Asks the command to end.
    func terminate() { send(SIGTERM) }

    /// Ends the command.
    func kill() { send(SIGKILL) }

    /// The number of a process that has ended may be another's by now.
    private func send(_ signal: Int32) {
        guard Self.running.load(ordering: .sequentiallyConsistent) == identifier else { return }
        _ = Glibc.kill(identifier, signal)
    }

    /// Waits on a thread of its own until the command has ended.
    ///
    /// - Returns: its exit status, which is 128 and the number of the signal where one has ended it; or what the system
    ///   says.
    func wait() async -> Result<Int32, HoldfastError> {
        let identifier = identifier
        return await withCheckedContinuation { continuation in
            let isStarted = ThreadSpawner.system.spawn("holdfast-wait") {
                continuation.resume(returning: Self.end(of: identifier))
            }
            if !isStarted { continuation.resume(returning: Self.end(of: identifier)) }
        }
    }

    private static func end(of identifier: Int32) -> Result<Int32, HoldfastError> {
        var status: Int32 = 0
        while unsafe waitpid(identifier, &status, 0) < 0 {
            guard errno == EINTR else {
                return .failure(systemError("cannot wait for process \(identifier)"))
            }
        }
        running.store(0, ordering: .sequentiallyConsistent)
        let signal = status & 0x7F
        return .success(signal == 0 ? status >> 8 & 0xFF : 128 + signal)
    }
}
