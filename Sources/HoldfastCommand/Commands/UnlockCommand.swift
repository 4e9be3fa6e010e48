import ArgumentParser
import Holdfast
import HoldfastConfiguration

/// Takes a lock from its holder: `holdfast unlock NAME`.
struct UnlockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "unlock",
        abstract: "Take a lock from its holder, whoever that is.",
        discussion: """
            For a holder that is gone, when nobody wants to wait for its lease to run out. A holder that is there after \
            all cannot write with its fence any more, and its command is ended at the next renewal.
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The name of the lock.")
    var name: String

    init() {}

    func run() async throws {
        let holder = try await configuration.opening.withStore { store in
            try await store.locks.breakLock(name)
        }
        var answer = output.answer
        try answer.finish(
            [
                "lock": .string(name), "was_held": .bool(holder != nil),
                "owner": holder.map { .string($0.owner) } ?? .null, "since": .text(holder?.since),
            ],
            or: holder.map {
                "taken from \(TextTable.printable($0.owner)), who held it since \($0.since)\n"
            } ?? "nobody held it\n")
    }
}
