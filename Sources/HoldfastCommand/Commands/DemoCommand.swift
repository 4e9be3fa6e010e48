import ArgumentParser
import HoldfastModel

/// Shows what Holdfast is for: `holdfast demo`.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Show, in a directory of its own, that nothing is lost or doubled.",
        discussion: """
            Imports conversations made for it, kills its own child in the middle, recovers, takes the primary away, \
            reads from the backup, brings the primary back empty, lets it be rebuilt, and compares every message after \
            each step.
            """)

    @OptionGroup var output: OutputOptions

    @Flag(name: .long, help: "Leave the directory with its databases where it is.")
    var keep = false

    func run() async throws {
        let start = ContinuousClock.now
        let directory = try ScratchDirectory()
        var report = DemoReport(output.answer)
        try report.remark("Holdfast demonstration in \(directory.path)")
        do {
            var demonstration = try Demonstration(in: directory, report)
            try await demonstration.run()
        } catch {
            try Note.print("the demonstration's directory is left for a look: \(directory.path)")
            throw error
        }
        let elapsed = Quantity.duration(ContinuousClock.now - start)
        try report.remark("\nEvery step held (\(elapsed)).")
        if keep {
            try report.remark("Look around: \(directory.path)")
        } else {
            try directory.remove()
        }
    }
}
