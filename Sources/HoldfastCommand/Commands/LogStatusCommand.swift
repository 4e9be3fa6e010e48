import ArgumentParser
import Holdfast
import HoldfastConfiguration
import HoldfastModel

/// Says what a log holds: `holdfast log status`.
struct LogStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say which entries the log holds, and how large it is.")

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let logs = try configuration.opening.plan().logs()
        guard !logs.isEmpty else {
            throw HoldfastError(.notFound, "\(configuration.path) has no chain, and so no log")
        }
        var answer = output.answer
        var table = TextTable("chain", "log", "type", "id", " first", " last", " size")
        for (chain, provider) in logs {
            let log = try await provider.open(.unbounded)
            let bounds: LogBounds
            do throws(HoldfastError) {
                bounds = try await log.bounds(.unbounded)
            } catch {
                await log.close()
                throw error
            }
            let identity = log.info.incarnation
            await log.close()
            if answer.isJSON {
                try answer.line([
                    "chain": .string(chain.name), "log": .string(provider.name),
                    "type": .string(provider.type),
                    "id": .string(identity), "first_lsn": .integer(bounds.first),
                    "last_lsn": .integer(bounds.last),
                    "bytes": .integer(bounds.byteCount),
                ])
            } else {
                table.append(
                    chain.name, provider.name, provider.type, identity,
                    Quantity.count(Int(clamping: bounds.first)),
                    Quantity.count(Int(clamping: bounds.last)),
                    Quantity.bytes(Int(clamping: bounds.byteCount)))
            }
        }
        if !answer.isJSON { try answer.write(table.text) }
        try answer.flush()
    }
}
