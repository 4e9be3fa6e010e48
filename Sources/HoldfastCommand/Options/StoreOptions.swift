import ArgumentParser
import Holdfast

/// What every command takes that works on stored conversations.
struct StoreOptions: ParsableArguments {
    /// See ``ConfigurationOptions``.
    @OptionGroup var configuration: ConfigurationOptions
    /// See ``OutputOptions``.
    @OptionGroup var output: OutputOptions

    /// The namespace of the conversations.
    @Option(name: .long, help: "The namespace that the conversations are in.")
    var namespace = Conversations.standardNamespace

    /// Opens the store, lets a command use it, and closes it whatever happens.
    func withConversations<Result: Sendable>(
        _ body: (Conversations) async throws -> Result
    ) async throws -> Result {
        let namespace = namespace
        return try await configuration.opening.withStore { store in
            try await body(store.conversations(namespace))
        }
    }
}
