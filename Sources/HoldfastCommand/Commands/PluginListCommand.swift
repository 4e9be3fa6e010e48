import ArgumentParser
import HoldfastConfiguration
import HoldfastModel
import HoldfastPlugins

/// Lists the plugins that can be named in storage.yaml: `holdfast plugin list`.
struct PluginListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the types that storage.yaml can name, and the files that serve them.",
        discussion: "A file is searched for in HOLDFAST_PLUGIN_PATH, plugins.path, and beside the executable."
    )

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let search = try configuration.opening.pluginSearchPath()
        let catalog = PluginCatalog(search, host: StoreOpening.pluginHost)
        for sentence in catalog.ignored { try Note.print(sentence) }
        var answer = output.answer
        if answer.isJSON {
            for entry in catalog.entries { try answer.line(entry.json) }
        } else {
            try answer.write(Self.text(catalog, search))
        }
        try answer.flush()
        if catalog.entries.contains(where: { $0.refusal != nil }) { throw Failure.silent(.unavailable) }
    }

    private static func text(_ catalog: PluginCatalog, _ search: PluginSearchPath) -> String {
        guard !catalog.entries.isEmpty else {
            return "no plugins in \(search.directories.map(\.path).joined(separator: ", "))\n"
        }
        var table = TextTable("type", "roles", "plugin", "version", "contract", "file")
        for entry in catalog.entries {
            let plugin = entry.description
            table.append(
                entry.type, plugin?.roleNames ?? "", plugin?.name ?? "refused", plugin?.version ?? "",
                plugin?.abi ?? "", entry.path)
        }
        let refusals = catalog.entries.compactMap { entry in
            entry.refusal.map { "\(entry.type): \(TextTable.printable($0.message))\n" }
        }
        let shadows = catalog.entries.flatMap { entry in
            entry.shadowed.map {
                TextTable.printable("\(entry.type): \($0) is hidden by \(entry.path)") + "\n"
            }
        }
        return table.text + (refusals + shadows).joined()
    }
}

extension PluginCatalog.Description {
    /// What it can be, in words.
    var roleNames: String { roles.map(\.rawValue).joined(separator: ", ") }
}

extension PluginCatalog.Entry {
    /// All of it.
    fileprivate var json: JSONValue {
        [
            "type": .string(type), "file": .string(path), "plugin": .text(description?.name),
            "version": .text(description?.version), "license": .text(description?.license),
            "contract": .text(description?.abi), "roles": .texts(description?.roles.map(\.rawValue) ?? []),
            "refused": .text(refusal?.message), "shadowed": .texts(shadowed),
        ]
    }
}
