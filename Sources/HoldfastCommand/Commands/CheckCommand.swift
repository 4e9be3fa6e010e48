import ArgumentParser
import Holdfast
import HoldfastConfiguration
import HoldfastPlugins

/// Checks storage.yaml: `holdfast check`.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check storage.yaml, the plugins that it names, and their options.",
        discussion: """
            Opens no backend, unless --live is given. Ends with 78 and every error of the file when something is wrong.
            """)

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    @Flag(name: .long, help: "Print each value that holds, and where it comes from; secrets are hidden.")
    var print = false

    @Flag(name: .long, help: "Open the backends as the host does, and say how they are.")
    var live = false

    private static let settlingTime = Duration.seconds(5)

    func run() async throws {
        let plan = try configuration.opening.plan()
        try await plan.validateOptions()
        var live: LiveReport?
        if self.live {
            live = try await configuration.opening.withStore { store in
                LiveReport(
                    guarantees: await store.guarantees,
                    status: await StatusReport.settled(store, within: Self.settlingTime))
            }
        }
        var answer = output.answer
        try answer.finish(json(plan, live), or: text(plan, live))
        if let live, !live.status.isHealthy { throw Failure.silent(.temporary) }
    }

    private func json(_ plan: StoragePlan, _ live: LiveReport?) -> JSONValue {
        var members = [
            JSONMember("file", .string(plan.configuration.file)), JSONMember("ok", .bool(true)),
            JSONMember(
                "providers",
                .array(
                    plan.configuration.providers.map { provider in
                        [
                            "name": .string(provider.name), "type": .string(provider.type),
                            "role": .string(provider.role.rawValue), "at": .string(provider.path),
                            "plugin": .text(plan.plugin(of: provider)?.path),
                        ]
                    })),
        ]
        if print, let values = plan.effective.json["values"] { members.append(JSONMember("values", values)) }
        if let live { members.append(JSONMember("live", live.json)) }
        return .object(members)
    }

    private func text(_ plan: StoragePlan, _ live: LiveReport?) -> String {
        if print { return plan.effective.text + (live.map { "\n\($0.text)" } ?? "") }
        var table = TextTable("name", "type", "role", "plugin")
        for provider in plan.configuration.providers {
            let plugin = plan.plugin(of: provider)
            table.append(
                provider.name, provider.type, provider.role.rawValue,
                plugin.map { "\($0.name) \($0.version), \($0.path)" } ?? "")
        }
        return "\(plan.configuration.file) is right\n\(table.text)" + (live.map { "\n\($0.text)" } ?? "")
    }
}

/// What opening the backends has shown.
private struct LiveReport: Sendable {
    let guarantees: Guarantees
    let status: StatusReport

    var text: String {
        let atomic =
            guarantees.isAtomic
            ? "the changes of one request are applied all or none, for every reader"
            : "a reader may see a part of a request for a moment"
        let durable =
            guarantees.isDurable
            ? "a write that was answered survives a power loss"
            : "a write that was answered may be lost with power"
        let shared =
            guarantees.isShared
            ? "several hosts may use the primary at once" : "one host may use it at a time"
        return "\(atomic)\n\(durable)\n\(shared)\n\n\(status.text)"
    }

    var json: JSONValue {
        [
            "atomic": .bool(guarantees.isAtomic), "durable": .bool(guarantees.isDurable),
            "shared": .bool(guarantees.isShared), "status": status.json,
        ]
    }
}
