import ArgumentParser
import Holdfast
import HoldfastChain
import HoldfastConfiguration
import HoldfastModel

/// Which log a command works on.
struct LogOptions: ParsableArguments {
    /// See ``ConfigurationOptions``.
    @OptionGroup var configuration: ConfigurationOptions
    /// See ``OutputOptions``.
    @OptionGroup var output: OutputOptions

    /// The chain whose log it is.
    @Option(name: .long, help: "The chain whose log it is, where storage.yaml has more than one.")
    var chain: String?

    /// The chains that are meant, each with the tools for its log.
    ///
    /// - Throws: `notFound` where there is none, or none of that name.
    func repairs() throws -> [(name: String, repair: LogRepair)] {
        let all = try configuration.opening.plan().repairs().map { (name: $0.chain.name, repair: $0.repair) }
        guard !all.isEmpty else {
            throw HoldfastError(.notFound, "\(configuration.path) has no chain, and so no log")
        }
        guard let chain else { return all }
        let named = all.filter { $0.name == chain }
        guard !named.isEmpty else {
            let known = all.map(\.name)
            let advice =
                Spelling.nearest(to: chain, among: known).map { "did you mean \"\($0)\"?" }
                ?? "expected one of \(known.joined(separator: ", "))"
            throw HoldfastError(
                .notFound, "there is no chain \"\(chain)\" in \(configuration.path), \(advice)")
        }
        return named
    }

    /// The one chain that is meant.
    ///
    /// - Throws: `invalid` where there are several and none was named.
    func repair() throws -> LogRepair {
        let found = try repairs()
        guard found.count == 1, let only = found.first else {
            let names = found.map(\.name).joined(separator: ", ")
            throw HoldfastError(.invalid, "name the chain with --chain, one of \(names)")
        }
        return only.repair
    }
}
