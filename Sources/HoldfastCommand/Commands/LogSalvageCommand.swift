import ArgumentParser
import HoldfastChain
import HoldfastConfiguration
import HoldfastModel

/// Makes a damaged log writable again: `holdfast log salvage`.
struct LogSalvageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "salvage",
        abstract: "Bring what a damaged log still holds into the backends, and make it writable again.",
        discussion: """
            Damaged files are set aside, never deleted. What cannot be read is not lost as long as one backend has \
            it: the others are copied from that one. Where a backend cannot be reached, the log stays damaged: run it \
            again when it can, or take the backend out of storage.yaml. Ends with 65 when something is lost all the same.
            """)

    @OptionGroup var options: LogOptions

    func run() async throws {
        let report = try await options.repair().salvage()
        var answer = options.output.answer
        try answer.finish(Self.json(report), or: Self.text(report))
        if !report.lostRanges.isEmpty { throw Failure.silent(.data) }
        if !report.missedProviders.isEmpty { throw Failure.silent(.temporary) }
    }

    private static func text(_ report: LogRepair.Report) -> String {
        var lines = [
            "brought \(Quantity.count(Int(clamping: report.mergedEntryCount))) entries into the backends",
            "the next write gets entry \(report.nextLSN)",
        ]
        for finding in report.findings where finding.kind != .segment {
            lines.append(TextTable.printable("\(finding.file): \(finding.message)"))
        }
        for range in report.lostRanges {
            lines.append("lost: entries \(range.lowerBound) to \(range.upperBound), which no backend had")
        }
        for name in report.missedProviders {
            lines.append(
                "\(name) could not be reached, the log stays damaged: run this again when it can, or without it"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func json(_ report: LogRepair.Report) -> JSONValue {
        let lost: [JSONValue] = report.lostRanges.map {
            ["first_lsn": .integer($0.lowerBound), "last_lsn": .integer($0.upperBound)]
        }
        return [
            "merged": .integer(report.mergedEntryCount), "next_lsn": .integer(report.nextLSN),
            "lost": .array(lost),
            "missed": .texts(report.missedProviders),
            "findings": .array(report.findings.map(LogReport.object)),
        ]
    }
}
