internal import HoldfastModel

extension StorageConfiguration {
    /// Reads and checks a file, as far as that goes without the plugins.
    ///
    /// - Parameters:
    ///   - path: the file; a relative path begins at the working directory.
    ///   - surroundings: environment and files.
    /// - Returns: the checked configuration.
    /// - Throws: every error that was found, each at its place; a file that cannot be read is one without a
    ///   place.
    public static func load(
        path: String, surroundings: Surroundings = .process()
    ) throws(ConfigurationErrors) -> StorageConfiguration {
        let contents: FileContents
        do throws(HoldfastError) {
            let absolute = Surroundings.absolute(path, in: surroundings.workingDirectory)
            contents = try surroundings.readFile(absolute, YAMLComposer.byteCountMax)
        } catch {
            let advice = error.code == .notFound ? ", `holdfast init` writes one" : ""
            throw ConfigurationErrors(
                HoldfastError(error.code, "cannot read \(path): \(error.message)\(advice)"))
        }
        return try StorageConfiguration(parsing: contents.bytes, file: path, surroundings: surroundings)
    }

    /// Checks the bytes of a file, as far as that goes without the plugins.
    ///
    /// - Parameters:
    ///   - bytes: YAML in UTF-8, at most 1 MiB.
    ///   - file: its path, for locations and as the base of relative paths.
    ///   - surroundings: environment and secret files.
    /// - Throws: every error that was found, each at its place.
    public init(
        parsing bytes: [UInt8], file: String, surroundings: Surroundings
    ) throws(ConfigurationErrors) {
        let findings = ConfigurationFindings()
        let directory = surroundings.directory(of: file)
        let composed = YAMLComposer.compose(bytes, file: file, findings: findings)
        guard let composed else {
            try findings.throwErrors()
            throw ConfigurationErrors(
                HoldfastError(.internal, "\(file) could not be read, and no reason was found"))
        }
        let interpolation = Interpolation(
            surroundings: surroundings, directory: directory, findings: findings)
        let overrides = EnvironmentOverrides(variables: surroundings.variables, findings: findings)
        let root = interpolation.resolve(overrides.apply(to: composed))
        let decoder = BackendDecoder(findings: findings, directory: directory)
        let reader = SectionReader(root, path: "", keys: ConfigurationKeys.root, findings: findings)
        let pluginDirectories = reader.map { Self.pluginDirectories($0, decoder) } ?? []
        let storage = reader.flatMap { Self.storage($0, decoder) }
        let server = reader.flatMap { Self.server($0, directory) }
        let retention = reader.flatMap { RetentionDecoder(findings: findings).retention($0) }
        let blobs = reader.flatMap(Self.blobs) ?? .standard
        try findings.throwErrors()
        guard let storage else {
            throw ConfigurationErrors(
                HoldfastError(.internal, "\(file) has no storage, and no reason was found"))
        }
        self.init(
            file: file, directory: directory, pluginDirectories: pluginDirectories, storage: storage,
            server: server, retention: retention, blobs: blobs,
            warnings: findings.warnings, values: findings.values)
    }

    private static func storage(_ reader: SectionReader, _ decoder: BackendDecoder) -> BackendConfiguration? {
        if !reader.has("storage") {
            reader.reportMissing(
                "storage",
                advice: "expected a backend such as \"storage: { type: sqlite, path: ./data/history.db }\"")
        }
        return reader.entry("storage").flatMap {
            decoder.backend($0.value, path: "storage", defaultName: "storage")
        }
    }

    private static func pluginDirectories(_ reader: SectionReader, _ decoder: BackendDecoder) -> [String] {
        guard
            let section = SectionReader(
                reader.entry("plugins")?.value, path: "plugins", keys: ConfigurationKeys.plugins,
                findings: reader.findings), let entry = section.entry("path")
        else { return [] }
        let paths = decoder.texts(entry.value, of: "plugins.path", example: "[./plugins]")
        let directories = paths.map { Surroundings.absolute($0, in: decoder.directory) }
        reader.findings.record(
            "plugins.path", .array(directories.map { JSONValue.string($0) }), from: entry.value.origin)
        return directories
    }

    private static func blobs(_ reader: SectionReader) -> BlobsConfiguration? {
        SectionReader(
            reader.entry("blobs")?.value, path: "blobs", keys: ConfigurationKeys.blobs,
            findings: reader.findings
        ).map { BlobsConfiguration($0) }
    }

    private static func server(_ reader: SectionReader, _ directory: String) -> ServerConfiguration? {
        guard let entry = reader.entry("server"),
            let section = SectionReader(
                entry.value, path: "server", keys: ConfigurationKeys.server, findings: reader.findings)
        else { return nil }
        return ServerConfiguration(section, directory)
    }
}

extension ServerConfiguration {
    /// What holds where the file has no `server`.
    public static let standard = standard(ConfigurationFindings())

    private static func standard(_ findings: ConfigurationFindings) -> ServerConfiguration {
        guard
            let section = SectionReader(
                nil, path: "server", keys: ConfigurationKeys.server, findings: findings)
        else { preconditionFailure("a mapping that is absent has every default") }
        return ServerConfiguration(section, "")
    }

    private enum Flag: String, CaseIterable {
        case `false`, `true`
    }

    fileprivate init(_ section: SectionReader, _ directory: String) {
        func path(_ name: String) -> String? {
            section.text(name).map { Surroundings.absolute($0, in: directory) }
        }
        let listen = section.text("listen")
        self.listen = listen == "off" ? nil : listen
        socketPath = path("socket")
        tokenPath = path("tokens")
        isInsecure = section.choice("insecure", Flag.false) == .true
        certificatePath = path("tls_certificate")
        keyPath = path("tls_key")
        connectionCountMax = section.integer("connections_max")
        bodyByteCountMax = section.size("body_max")
        headerByteCountMax = section.size("headers_max")
        requestTimeout = section.duration("request_timeout")
        readTimeout = section.duration("read_timeout")
        writeTimeout = section.duration("write_timeout")
        idleTimeout = section.duration("idle_timeout")
        followerCountMax = section.integer("followers_max")
        followHeartbeat = section.duration("follow_heartbeat")
        drainTimeout = section.duration("drain_timeout")
        logLevel = section.choice("log_level", LogLevel.info)
        if listen == "off", socketPath == nil {
            section.findings.add("server listens nowhere, expected listen or socket", at: section.origin)
        }
        if (certificatePath == nil) != (keyPath == nil) {
            section.findings.add(
                "server has one of tls_certificate and tls_key, expected both or none", at: section.origin)
        }
    }
}
