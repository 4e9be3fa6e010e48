public import HoldfastModel

/// One rule of the contract of logs, and the trial that proves it.
public struct LogCase: Sendable, CustomStringConvertible {
    /// A stable name, such as `log.dense`.
    public let id: String
    /// The rule.
    public let sentence: String
    /// Whether the case closes the log and opens it again.
    let reopens: Bool
    let body: @Sendable (LogTrial) async throws -> Void

    init(
        _ id: String, _ sentence: String, reopens: Bool = false,
        body: @escaping @Sendable (LogTrial) async throws -> Void
    ) {
        self.id = id
        self.sentence = sentence
        self.reopens = reopens
        self.body = body
    }

    /// The ``id``.
    public var description: String { id }

    /// Every case.
    public static let all: [LogCase] = logCases + logTrimCases

    /// Runs the case against a log that nobody has used before.
    ///
    /// - Parameters:
    ///   - subject: the plugin under trial.
    ///   - seed: what random input is made from; a failure names it.
    /// - Returns: the outcome; nothing is thrown, since whatever goes wrong is the answer.
    public func run(on subject: LogSubject, seed: UInt64) async -> ConformanceOutcome {
        if reopens, !subject.survivesClosing { return .skipped("what the log holds goes when it is closed") }
        do {
            let provider = try await subject.makeEmpty()
            let trial = LogTrial(subject, provider, try await provider.open(.unbounded), seed: seed)
            do {
                try await body(trial)
                await trial.close()
                return .passed
            } catch {
                await trial.close()
                return .failed("\(sentence): \(error) (seed \(seed))")
            }
        } catch {
            return .failed("cannot open: \(error)")
        }
    }
}

/// A plugin under trial in the log role.
public struct LogSubject: Sendable {
    /// Makes a backend that holds an empty log, and can be opened again and again.
    public let makeEmpty: @Sendable () async throws(HoldfastError) -> any LogProvider
    /// The largest entry that is tried, in bytes.
    public let entryByteCountMax: Int
    /// Whether the entries outlive the close.
    public let survivesClosing: Bool

    /// Describes a plugin under trial.
    public init(
        entryByteCountMax: Int = 1 << 20, survivesClosing: Bool = true,
        makeEmpty: @escaping @Sendable () async throws(HoldfastError) -> any LogProvider
    ) {
        self.makeEmpty = makeEmpty
        self.entryByteCountMax = entryByteCountMax
        self.survivesClosing = survivesClosing
    }
}
