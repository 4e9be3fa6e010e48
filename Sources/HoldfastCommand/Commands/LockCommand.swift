import ArgumentParser
import Holdfast
import HoldfastConfiguration
import HoldfastSupport

/// Runs a command while a lock is held: `holdfast lock NAME -- COMMAND…`.
struct LockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Run a command while a lock is held.",
        discussion: """
            The lock is held among all hosts that use the store, renewed while the command runs, and given back at its \
            end. HOLDFAST_LOCK and HOLDFAST_FENCE in the command's environment are the name and a number that rises \
            each time the lock is taken: systems that refuse lower numbers refuse a holder that is late. Ends with the \
            command's status; with 75 when the lock cannot be had in time, or is lost: then the command gets SIGTERM, \
            and SIGKILL if it has not ended 10 seconds later.
            """)

    /// How long a command whose lock is lost may take to end.
    private static let grace = Duration.seconds(10)

    @OptionGroup var configuration: ConfigurationOptions

    @Argument(help: "The name of the lock.")
    var name: String

    @Option(
        name: .long,
        help: "How long the lock is held without a renewal: how long others wait for a holder that died.")
    var lease = "30s"

    @Option(name: .long, help: "How long to wait for the lock, 0 to try once; without it, until it is free.")
    var wait: String?

    @Option(name: .long, help: "What others are told of the holder; without it, the host and the process.")
    var owner: String?

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after --.")
    var command: [String] = []

    init() {}

    func validate() throws {
        guard !command.isEmpty else {
            throw ValidationError("there is no command: holdfast lock \(name) -- COMMAND [ARGUMENT]…")
        }
    }

    func run() async throws {
        let lease = try DurationText.duration(lease, of: "--lease")
        let wait = try self.wait.map { text throws(HoldfastError) in
            try DurationText.duration(text, of: "--wait")
        }
        // The last of the process's words, byte for byte.
        let words = Array(CommandWords.ofProcess.bytes.suffix(command.count))
        let (name, owner) = (name, owner)
        let status = try await configuration.opening.withStore { store in
            try await store.withLock(name, lease: lease, wait: wait, owner: owner) { lock in
                try await Self.run(words, under: lock)
            }
        }
        if status != 0 { throw Failure.silent(.ofCommand(status)) }
    }

    private static func run(_ words: [[UInt8]], under lock: LeaseLock) async throws(HoldfastError) -> Int32 {
        let command = try ForegroundCommand.start(
            words, adding: ["HOLDFAST_LOCK=\(lock.name)", "HOLDFAST_FENCE=\(lock.fence.number)"])
        let killing = Guarded<Task<Void, Never>?>(nil)
        defer { killing.withLock { $0 }?.cancel() }
        // Cancelled when the lock is lost: the command must not go on.
        let end = await withTaskCancellationHandler {
            await command.wait()
        } onCancel: {
            command.terminate()
            let task = Task {
                let clock = SystemClock()
                await clock.wait(for: Self.grace)
                if !Task.isCancelled { command.kill() }
            }
            killing.withLock { $0 = task }
        }
        return try end.get()
    }
}
