internal import HoldfastModel
internal import HoldfastSupport

/// What the store role and the log role of a backend have in common: how its plugin is called to open it.
struct PluginBackend: Sendable {
    let opening: StoreHandle.Opening
    let settings: PluginSettings
    let environment: LaneEnvironment

    init(
        _ library: PluginLibrary, type: String, _ settings: PluginSettings, _ spawner: ThreadSpawner
    ) throws(HoldfastError) {
        guard let provider = library.providers.first(where: { $0.type == type }) else {
            throw HoldfastError(
                .invalid,
                "\(settings.name): plugin \(library.path) has no type \"\(type)\", it has "
                    + library.types.joined(separator: ", "))
        }
        self.settings = settings
        opening = StoreHandle.Opening(
            provider: provider, library: library, name: settings.name, options: settings.options,
            indexes: settings.indexes)
        environment = LaneEnvironment(
            clock: library.host.clock, spawner: spawner, abandonGrace: settings.pool.abandonGrace.nanoseconds,
            drainTimeout: settings.pool.drainTimeout.nanoseconds,
            queueJobCountMax: settings.pool.queueCountMax,
            stuck: StuckCalls(maximum: settings.pool.stuckCountMax))
    }

    /// Opens a handle on a thread of its own.
    func open(role: Int, _ context: CallContext) async throws(HoldfastError) -> StoreHandle {
        let opening = opening
        return try await BlockingCall.run(
            purpose("opening it", context), environment, gate: opening.library.controlGate,
            dispose: { $0.close() }
        ) { context, turn, extend throws(HoldfastError) in
            try StoreHandle(opening, role: role, context, turn: turn, extend: extend)
        }
    }

    /// Opens a handle as a log, on a thread of its own; a log that is made of primitives is read there as well.
    func openLog(role: Int, _ context: CallContext) async throws(HoldfastError) -> LogBackend {
        let opening = opening
        // Opening reads what a crash left behind, however much that is: only the caller knows how long it will wait.
        let purpose = BlockingCall.Purpose(
            label: opening.label, action: "opening it", deadline: context.deadline, warn: warn)
        return try await BlockingCall.run(
            purpose, environment, gate: opening.library.controlGate, dispose: { $0.close() }
        ) { context, turn, extend throws(HoldfastError) in
            let handle = try StoreHandle(opening, role: role, context, turn: turn, extend: extend)
            do throws(HoldfastError) {
                return try LogBackend(handle, name: opening.name, context)
            } catch {
                handle.close()
                throw error
            }
        }
    }

    /// Lets the plugin look at the options.
    func validateOptions(_ context: CallContext) async throws(HoldfastError) {
        let opening = opening
        try await BlockingCall.run(
            purpose("checking its options", context), environment, gate: opening.library.controlGate,
            dispose: { _ in }
        ) { context, turn, _ throws(HoldfastError) in
            try StoreHandle.check(opening, context, turn: turn)
        }
    }

    /// What is known of the threads, whatever is connected.
    var statistics: ProviderStatistics {
        var statistics = ProviderStatistics()
        statistics.stuckCount = environment.stuck.count
        statistics.stuckTotal = environment.stuck.total
        return statistics
    }

    private func purpose(_ action: String, _ context: CallContext) -> BlockingCall.Purpose {
        let limit = environment.clock.monotonicNanoseconds + settings.pool.connectTimeout.nanoseconds
        let deadline = context.deadline == 0 ? limit : min(limit, context.deadline)
        return BlockingCall.Purpose(label: opening.label, action: action, deadline: deadline, warn: warn)
    }

    private var warn: @Sendable (String) -> Void {
        let opening = opening
        return { opening.library.host.warn(opening.label, $0) }
    }
}
