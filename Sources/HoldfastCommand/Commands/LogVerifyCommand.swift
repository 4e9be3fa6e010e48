import ArgumentParser
import HoldfastChain
import HoldfastConfiguration
import HoldfastModel

/// Reads a whole log and says what it finds: `holdfast log verify`.
struct LogVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Read the whole log, and say what is damaged.",
        discussion: "Ends with 0 when the log is whole, 65 when acknowledged entries cannot be read.")

    @OptionGroup var options: LogOptions

    func run() async throws {
        var isDamaged = false
        var answer = options.output.answer
        for (name, repair) in try options.repairs() {
            let report = LogReport(chain: name, findings: try await repair.verify())
            isDamaged = isDamaged || report.isDamaged
            if answer.isJSON { try answer.line(report.json) } else { try answer.write(report.text) }
        }
        try answer.flush()
        if isDamaged { throw Failure.silent(.data) }
    }
}
