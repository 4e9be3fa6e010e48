public import HoldfastModel

/// One rule of the contract of stores, and the trial that proves it.
public struct StoreCase: Sendable, CustomStringConvertible {
    /// A stable name, such as `merge.permutations`.
    public let id: String
    /// The rule.
    public let sentence: String
    /// What a store must claim for the case to be about it.
    public let needs: StoreInfo.Capabilities
    let body: @Sendable (StoreTrial) async throws -> Void

    init(
        _ id: String, _ sentence: String, needs: StoreInfo.Capabilities = [],
        body: @escaping @Sendable (StoreTrial) async throws -> Void
    ) {
        self.id = id
        self.sentence = sentence
        self.needs = needs
        self.body = body
    }

    /// The ``id``.
    public var description: String { id }

    /// Every case, in the order in which a plugin author would want to meet them.
    public static let all: [StoreCase] =
        documentCases + valueCases + keyCases + listCases + mergeCases + floorCases + expiryCases
        + conditionCases
        + atomicCases + queryCases + matchCases + rawScanCases + lifecycleCases + selectCases
        + operationCases

    /// Runs the case against a store of its own connection.
    ///
    /// - Parameters:
    ///   - subject: the plugin under trial.
    ///   - seed: what random input is made from; a failure names it.
    /// - Returns: the outcome; nothing is thrown, since whatever goes wrong is the answer.
    public func run(on subject: StoreSubject, seed: UInt64) async -> ConformanceOutcome {
        let store: any Store
        do {
            store = try await subject.provider.connect(.unbounded)
        } catch {
            return .failed("cannot connect: \(error)")
        }
        let outcome = await run(StoreTrial(subject, store, id: id, seed: seed))
        await store.close()
        return outcome
    }

    private func run(_ trial: StoreTrial) async -> ConformanceOutcome {
        let missing = needs.subtracting(trial.store.info.capabilities)
        guard missing.isEmpty else { return .skipped("the store does not claim \(missing.words)") }
        if id.hasPrefix("reopen."), !trial.subject.survivesClosing {
            return .skipped("what the store holds goes with its last connection")
        }
        do {
            try await body(trial)
            return .passed
        } catch let skip as ConformanceSkip {
            return .skipped(skip.reason)
        } catch {
            return .failed("\(sentence): \(error) (seed \(trial.seed))")
        }
    }
}

/// A plugin under trial in the store role.
public struct StoreSubject: Sendable {
    /// Connects to one and the same backend, again and again.
    public let provider: any Provider
    /// The largest value that is tried, in bytes.
    public let valueByteCountMax: Int
    /// Whether what is stored outlives the last connection.
    public let survivesClosing: Bool

    /// A namespace in which fields such as `f`, `g` and `n` are declared, or nothing.
    public let indexedNamespace: Bytes?

    /// Describes a plugin under trial.
    public init(
        provider: any Provider, valueByteCountMax: Int = 1 << 20, survivesClosing: Bool = true,
        indexedNamespace: Bytes? = nil
    ) {
        self.indexedNamespace = indexedNamespace
        self.provider = provider
        self.valueByteCountMax = valueByteCountMax
        self.survivesClosing = survivesClosing
    }
}

extension StoreInfo.Capabilities {
    /// The names of what is in the set.
    fileprivate var words: String {
        let names: KeyValuePairs<StoreInfo.Capabilities, String> = [
            .concurrent: "concurrent", .multiOpen: "multiOpen", .nonblocking: "nonblocking",
            .atomicBatch: "atomicBatch", .durable: "durable", .conditions: "conditions", .shared: "shared",
            .rawScan: "rawScan",
        ]
        return names.filter { contains($0.key) }.map(\.value).joined(separator: ", ")
    }
}
