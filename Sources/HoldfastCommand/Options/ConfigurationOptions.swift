import ArgumentParser

/// Which storage.yaml a command works on.
struct ConfigurationOptions: ParsableArguments {
    /// The path that was given.
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The configuration to use.",
            discussion:
                "Without it ./storage.yaml, and where that is not there the file that HOLDFAST_CONFIG names.",
            valueName: "path"),
        completion: .file(extensions: ["yaml", "yml"]))
    var config: String?

    /// Makes options that nobody has given.
    init() {}

    /// The file that counts.
    var path: String {
        let environment = ChildProcess.environmentValue("HOLDFAST_CONFIG")
        return Self.path(given: config, environment: environment) { FileDescriptor.isThere($0) }
    }

    /// What opens that file.
    var opening: StoreOpening { StoreOpening(path: path) }

    /// Decides which file counts: the one that was given, the one in this directory, the one in the environment.
    ///
    /// - Parameters:
    ///   - given: `--config`.
    ///   - environment: `HOLDFAST_CONFIG`.
    ///   - exists: whether a file is there.
    /// - Returns: `storage.yaml` where there is none of them, so that the error names what is missing.
    static func path(given: String?, environment: String?, exists: (String) -> Bool) -> String {
        if let given { return given }
        if let environment, !environment.isEmpty, !exists("storage.yaml") { return environment }
        return "storage.yaml"
    }
}
