import ArgumentParser
import Holdfast
import HoldfastChain
import HoldfastConfiguration

/// Large contents that are kept apart: `holdfast blobs`, `holdfast blobs collect`.
struct BlobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "blobs",
        abstract: "Count large contents that are kept apart, or remove those that nothing refers to.",
        subcommands: [BlobsStatusCommand.self, BlobsCollectCommand.self],
        defaultSubcommand: BlobsStatusCommand.self)
}

/// Counts large contents: `holdfast blobs`.
struct BlobsStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say how many large contents there are, and to how many nothing refers.",
        discussion: "Reads every record of the store.")

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws { try await BlobsReport.write(configuration, output, isDryRun: true) }
}

/// Removes large contents that nothing refers to: `holdfast blobs collect`.
struct BlobsCollectCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect",
        abstract: "Remove large contents that nothing refers to any more.",
        discussion: """
            Reads every record of the store, while others write to it. Contents that were used within blobs.grace of \
            storage.yaml, a day, stay.
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    @Flag(name: .long, help: "Only count what would be removed.")
    var dryRun = false

    func run() async throws { try await BlobsReport.write(configuration, output, isDryRun: dryRun) }
}

/// What a collection found, for people and for programs.
private enum BlobsReport {
    static func write(
        _ configuration: ConfigurationOptions, _ output: OutputOptions, isDryRun: Bool
    ) async throws {
        let opening = configuration.opening
        let grace = try StorageConfiguration.load(path: opening.path).blobs.grace
        let report = try await opening.withStore { store in
            try await store.collectBlobs(grace: grace, isDryRun: isDryRun)
        }
        var answer = output.answer
        try answer.finish(
            [
                "dry_run": .bool(isDryRun), "blobs": .integer(report.blobCount),
                "bytes": .integer(report.byteCount), "unused": .integer(report.unusedCount),
                "unused_bytes": .integer(report.unusedByteCount), "removed": .integer(report.removedCount),
                "removed_bytes": .integer(report.removedByteCount), "records": .integer(report.recordCount),
            ], or: text(report, isDryRun: isDryRun))
    }

    private static func text(_ report: BlobReport, isDryRun: Bool) -> String {
        var table = TextTable("large contents", " number", " bytes")
        func row(_ name: String, _ count: Int, _ byteCount: Int) {
            table.append(name, Quantity.count(count), Quantity.bytes(byteCount))
        }
        row("kept apart", report.blobCount, report.byteCount)
        if isDryRun { row("not referred to", report.unusedCount, report.unusedByteCount) }
        row(isDryRun ? "would go" : "removed", report.removedCount, report.removedByteCount)
        return table.text
    }
}
