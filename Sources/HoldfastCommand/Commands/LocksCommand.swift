import ArgumentParser
import Holdfast
import HoldfastConfiguration

/// Lists locks: `holdfast locks`.
struct LocksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "locks",
        abstract: "List who holds which lock, and since when.",
        discussion:
            "A holder that has died is listed until another takes over. Times are those of the holder's host."
    )

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "Only locks whose name begins so.")
    var prefix = ""

    @Flag(name: .long, help: "Also locks that nobody holds now.")
    var all = false

    @Option(name: .shortAndLong, help: "Look at so many locks at most, up to 10000.")
    var limit = 1000

    @Option(
        name: .long, help: ArgumentHelp("Go on after a page that ended with this lock.", valueName: "name"))
    var after: String?

    init() {}

    func run() async throws {
        let page = try await configuration.opening.withStore { store in
            try await store.locks.list(prefix: prefix, limit: limit, after: after)
        }
        try Note.print(page.degradations)
        let locks = page.filter { all || $0.holder != nil }
        var answer = output.answer
        if answer.isJSON {
            for lock in locks { try answer.line(Self.object(lock)) }
            if let next = page.next { try answer.line(["next": .string(next)]) }
        } else {
            var table = TextTable("lock", "owner", " fence", "since", "renewed", " lease")
            for lock in locks {
                table.append(
                    lock.name, lock.holder?.owner ?? "", "\(lock.fence)",
                    lock.holder?.since.description ?? "",
                    lock.holder?.renewedAt.description ?? "",
                    lock.holder.map { DurationText.render($0.lease) } ?? "")
            }
            try answer.write(locks.isEmpty ? "no locks are held\n" : table.text)
            if let next = page.next { try answer.line("more: --after \(next)") }
        }
        try answer.flush()
    }

    private static func object(_ lock: LockState) -> JSONValue {
        [
            "lock": .string(lock.name), "fence": .integer(lock.fence),
            "owner": lock.holder.map { .string($0.owner) } ?? .null,
            "since": .text(lock.holder?.since), "renewed": .text(lock.holder?.renewedAt),
            "lease_ms": lock.holder.map { .integer(Int($0.lease / .milliseconds(1))) } ?? .null,
        ]
    }
}
