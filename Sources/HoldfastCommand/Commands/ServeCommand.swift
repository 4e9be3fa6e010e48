import ArgumentParser
import Holdfast
import HoldfastConfiguration
import HoldfastHTTP
import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import Logging

/// Serves what a storage.yaml describes over HTTP: `holdfast serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the store over HTTP.",
        discussion: """
            Serves until SIGTERM or SIGINT, and lets requests finish; a second signal ends it at once. SIGHUP reads \
            storage.yaml, the file of the tokens and the certificate again: docs/reference/http.md says what is taken \
            over at once. Where to listen, and who may come in, stands under `server` in storage.yaml.
            """)

    @OptionGroup var configuration: ConfigurationOptions

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Where to listen: address:port, or unix:/path; port 0 takes a free one.",
            discussion: "In place of what storage.yaml says; may be given more than once.",
            valueName: "address"))
    var listen: [String] = []

    @Option(
        name: .long, help: "What a line of the log is: text or json.",
        transform: { try choice($0, among: OperatorLog.Format.allCases) })
    var logFormat: OperatorLog.Format = .text

    @Option(
        name: .long,
        help: ArgumentHelp(
            "What is logged at least: trace, debug, info, notice, warning, error or critical.",
            discussion: "In place of what storage.yaml says."),
        transform: { try choice($0, among: Logger.Level.allCases) })
    var logLevel: Logger.Level?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Append the span of each request to this file, as OTLP in JSON.", valueName: "path"),
        completion: .file())
    var traces: String?

    @Option(
        name: .long,
        help: "How many of the traces that begin here are kept, 0 to 1; a caller's are kept as it says.")
    var traceShare = 1.0

    init() {}

    func validate() throws {
        guard (0...1).contains(traceShare) else {
            throw ValidationError("--trace-share is \(traceShare), expected 0 to 1")
        }
    }

    func run() async throws {
        let log = OperatorLog(logFormat, level: logLevel ?? .info) { line in
            // A log that cannot be written must not end the daemon.
            try? FileDescriptor.standardError.write(line)
        }
        let plan = try opening(log).plan()
        let server = plan.configuration.server ?? .standard
        if logLevel == nil { log.level = Logger.Level(server.logLevel) }
        var options = try Self.options(server, listen: listen)
        // Where the command on this machine finds the daemon.
        if let path = plan.configuration.controlSocketPath, !options.addresses.contains(.unix(path: path)) {
            options.addresses.append(.unix(path: path))
        }
        let logger = log.logger("holdfast")
        let limit = DescriptorLimit.raise()
        try DescriptorLimit.check(limit)
        let warning = DescriptorLimit.warning(
            limit, connectionCountMax: options.settings.connectionCountMax,
            addressCount: options.addresses.count)
        if let warning { logger.warning("\(warning)") }
        let tracer = try self.tracer()
        options.tracer = tracer
        options.observers.append(RequestLog(logger))
        let served = ServedConfiguration(
            path: configuration.opening.path, start: plan.configuration, log: log,
            isLevelGiven: logLevel != nil)
        let store = try await ServiceNotice.ofProcess.whileStarting { try await plan.open() }
        let retention = RetentionUpkeep(of: store, log)
        do {
            try retention.begin()
            let blobs = Self.blobs(of: store, log)
            let collecting = Task { await blobs?.run() }
            let flushing = Task { await Self.flush(tracer) }
            defer {
                collecting.cancel()
                flushing.cancel()
                tracer?.flush()
            }
            let daemon = try await HTTPDaemon.open(store, options, logger: logger)
            try await DaemonRun(
                daemon, logger: logger, announce: { try Self.announce(daemon) },
                reload: { daemon in
                    try served.reload(daemon, store, logger)
                    try retention.begin()
                }
            ).run()
            collecting.cancel()
            await collecting.value
            await retention.end()
            await store.close()
        } catch {
            await retention.end()
            await store.close()
            throw error
        }
    }

    /// What opens the store, so that chains and plugins speak in the daemon's log.
    private func opening(_ log: OperatorLog) -> StoreOpening {
        let logger = log.logger("holdfast.storage")
        var opening = configuration.opening
        opening.log = { level, source, message in
            let level = Logger.Level(level)
            guard level >= logger.logLevel else { return }
            logger.log(level: level, "\(StoreOpening.sentence(source, message))")
        }
        opening.warn = { logger.warning("\($0)") }
        return opening
    }

    /// Says where a daemon listens.
    private static func announce(_ daemon: HTTPDaemon) throws {
        for address in daemon.addresses {
            let line = "listening on \(address.url(isEncrypted: daemon.isEncrypted))\n"
            // Whoever started the daemon need not hear it.
            try? FileDescriptor.standardOutput.write(Array(line.utf8))
        }
    }

    /// Collects blobs while the daemon runs, and says what went.
    private static func blobs(of store: HistoryStore, _ log: OperatorLog) -> BlobService? {
        let logger = log.logger("holdfast.blobs")
        return store.blobService { outcome in
            switch outcome {
            case .done(let report):
                logger.info("\(report.removedCount) of \(report.blobCount) large contents removed")
            case .busy(let error): logger.info("not collected here: \(error.message)")
            case .failed(let error): logger.warning("collecting large contents failed: \(error)")
            }
        }
    }

    /// The word that was given.
    private static func choice<Word: RawRepresentable<String>>(
        _ text: String, among words: [Word]
    ) throws -> Word {
        guard let word = words.first(where: { $0.rawValue == text }) else {
            let all = words.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\"\(text)\" is none of \(all)")
        }
        return word
    }

    /// Writes spans to the file that is named.
    private func tracer() throws(HoldfastError) -> TraceFile? {
        guard let traces else { return nil }
        let file = try FileDescriptor.appending(to: traces)
        return TraceFile(share: traceShare, version: Release.version) { lines in
            // Spans that cannot be written must not end the daemon.
            try? file.write(lines)
        }
    }

    /// Writes gathered spans every second, until it is cancelled.
    private static func flush(_ tracer: TraceFile?) async {
        guard let tracer else { return }
        while !Task.isCancelled {
            await SystemClock().wait(for: .seconds(1))
            tracer.flush()
        }
    }

    /// What the daemon is told.
    static func options(_ server: ServerConfiguration, listen: [String]) throws(HoldfastError)
        -> DaemonOptions
    {
        let configured = [server.listen, server.socketPath.map { "unix:\($0)" }].compactMap(\.self)
        let texts = listen.isEmpty ? configured : listen
        var options = DaemonOptions(
            try texts.map { text throws(HoldfastError) in try ListenAddress(text) })
        options.settings = ServerSettings(server)
        options.observers = [RequestMetrics()]
        options.isInsecure = server.isInsecure
        options.tokens = try tokens(server)
        options.certificate = certificate(server)
        return options
    }

    /// The files of the certificate and its key, where the daemon has one.
    static func certificate(_ server: ServerConfiguration) -> (path: String, keyPath: String)? {
        guard let path = server.certificatePath, let keyPath = server.keyPath else { return nil }
        return (path, keyPath)
    }

    /// What a file of tokens says.
    ///
    /// - Throws: what keeps it from being read; `permission` where everybody could add a token of their own.
    private static func text(ofTokens path: String) throws(HoldfastError) -> String {
        let contents: FileContents
        do throws(HoldfastError) {
            contents = try Surroundings.process().readFile(path, 1 << 20)
        } catch {
            throw HoldfastError(error.code, "cannot read the file of the tokens \(path): \(error.message)")
        }
        guard contents.mode & 0o002 == 0 else {
            throw HoldfastError(
                .permission, "the file of the tokens \(path) can be written by everybody, expected chmod 600")
        }
        return String(decoding: contents.bytes, as: UTF8.self)
    }

    /// The tokens of the file and of the environment; nothing where there are neither.
    static func tokens(_ server: ServerConfiguration) throws(HoldfastError) -> TokenFile? {
        let given = ChildProcess.environmentValue("HOLDFAST_TOKEN").flatMap { $0.isEmpty ? nil : $0 }
        guard server.tokenPath != nil || given != nil else { return nil }
        var tokens = TokenFile()
        if let path = server.tokenPath {
            tokens = try TokenFile(parsing: try text(ofTokens: path), path: path)
        }
        if let given { tokens.add(given, name: "environment", scope: .admin) }
        return tokens
    }
}
