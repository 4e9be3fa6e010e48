import ArgumentParser
import Holdfast
import HoldfastConfiguration
import HoldfastModel

/// Applies the retention policies of storage.yaml once: `holdfast retain`.
struct RetainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retain",
        abstract: "Remove what the retention policies of storage.yaml no longer keep.",
        discussion: """
            Several hosts may do it at once: each namespace is done by one of them. A policy with hold: true keeps \
            everything below its prefix.
            """)

    @OptionGroup var configurationFile: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    @Flag(name: .long, help: "Only count what would be removed.")
    var dryRun = false

    init() {}

    func run() async throws {
        let opening = configurationFile.opening
        guard let settings = try StorageConfiguration.load(path: opening.path).retention else {
            throw HoldfastError(
                .invalid,
                "\(opening.path) has no key \"retention\", expected policies such as "
                    + "{ namespace: conversations, max_age: 90d }")
        }
        let policies = settings.policies.map { RetentionPolicy($0) }
        let isDryRun = dryRun || settings.isDryRun
        let report = try await opening.withStore { store in
            try await store.retention(policies).run(isDryRun: isDryRun)
        }
        try write(report)
    }

    private func write(_ report: RetentionReport) throws {
        var answer = output.answer
        if answer.isJSON {
            for namespace in report.namespaces { try answer.line(Self.object(namespace, report)) }
        } else {
            var table = TextTable(
                "namespace", " lists", " held", " messages", report.isDryRun ? " would go" : " removed")
            for namespace in report.namespaces {
                table.append(
                    namespace.namespace, Quantity.count(namespace.listCount),
                    Quantity.count(namespace.heldListCount), Quantity.count(namespace.itemCount),
                    namespace.busyWith == nil ? Quantity.count(namespace.removedItemCount) : "busy")
            }
            try answer.write(table.text)
            for case let (name, busy?) in report.namespaces.map({ ($0.namespace, $0.busyWith) }) {
                try Note.print("\(name): another is at it: \(busy)")
            }
        }
        try answer.flush()
    }

    private static func object(
        _ namespace: RetentionReport.NamespaceReport, _ report: RetentionReport
    ) -> JSONValue {
        [
            "namespace": .string(namespace.namespace), "dry_run": .bool(report.isDryRun),
            "lists": .integer(namespace.listCount), "held_lists": .integer(namespace.heldListCount),
            "messages": .integer(namespace.itemCount),
            "trimmed_lists": .integer(namespace.trimmedListCount),
            "removed": .integer(namespace.removedItemCount), "busy": .text(namespace.busyWith),
        ]
    }
}
