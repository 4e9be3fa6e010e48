import ArgumentParser

/// Looks at plugins: `holdfast plugin list`, `holdfast plugin describe TYPE`.
struct PluginCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin",
        abstract: "List plugins, or describe one.",
        subcommands: [PluginListCommand.self, PluginDescribeCommand.self])
}
