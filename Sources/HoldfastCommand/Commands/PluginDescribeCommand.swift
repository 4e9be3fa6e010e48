import ArgumentParser
import HoldfastConfiguration
import HoldfastModel
import HoldfastPlugins

/// Describes a plugin and its options: `holdfast plugin describe TYPE`.
struct PluginDescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe",
        abstract: "Describe a type that storage.yaml can name, with its options.")

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    @Argument(help: "The type, such as sqlite.")
    var type: String

    func run() async throws {
        let search = try configuration.opening.pluginSearchPath()
        let known = search.types
        if !known.contains(type), let nearest = Spelling.nearest(to: type, among: known) {
            throw HoldfastError(
                .notFound, "there is no plugin of type \"\(type)\", did you mean \"\(nearest)\"?")
        }
        let plugin = try PluginCatalog.describe(type, in: search, host: StoreOpening.pluginHost)
        let options = try OptionsSchema(parsing: plugin.optionsSchema, type: type).summaries
        var answer = output.answer
        try answer.finish(Self.json(plugin, options), or: Self.text(plugin, options))
    }

    private static func json(_ plugin: PluginCatalog.Description, _ options: [OptionSummary]) -> JSONValue {
        let list: [JSONValue] = options.map { option in
            [
                "name": .string(option.name), "expected": .string(option.expectation),
                "default": .text(option.fallback), "required": .bool(option.isRequired),
                "secret": .bool(option.isSecret), "description": .text(option.description),
            ]
        }
        return [
            "type": .string(plugin.type), "file": .string(plugin.path), "plugin": .string(plugin.name),
            "version": .string(plugin.version), "license": .string(plugin.license),
            "contract": .string(plugin.abi),
            "roles": .texts(plugin.roles.map(\.rawValue)), "options": .array(list),
        ]
    }

    private static func text(_ plugin: PluginCatalog.Description, _ options: [OptionSummary]) -> String {
        let head = """
            \(plugin.type) (\(plugin.roleNames)): \(plugin.name) \(plugin.version), \(plugin.license)
            \(plugin.path), contract \(plugin.abi)

            """
        guard !options.isEmpty else { return head + "\nno options\n" }
        var table = TextTable("option", "expected", "default", "what it does")
        for option in options {
            let name =
                option.name + (option.isRequired ? " (required)" : "") + (option.isSecret ? " (secret)" : "")
            table.append(name, option.expectation, option.fallback ?? "", option.description ?? "")
        }
        return head + "\n" + table.text
    }
}
