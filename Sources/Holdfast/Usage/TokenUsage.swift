internal import HoldfastModel
internal import HoldfastSupport

/// What one exchange with a model used and cost.
public struct TokenUsage: Hashable, Sendable {
    /// The model.
    public var model: String
    /// The version of the agent.
    public var version: String
    /// Tokens that were given, all calls together.
    public var inputTokens: Int
    /// Tokens that were answered.
    public var outputTokens: Int
    /// Tokens that were put into the cache.
    public var cacheCreationInputTokens: Int
    /// Tokens that came from the cache.
    public var cacheReadInputTokens: Int
    /// The most tokens that one call was given: how near the limit of the model it came.
    public var peakSingleCallInputTokens: Int
    /// US dollars as a JSON number, such as `0.0213`; nothing where nobody knows.
    ///
    /// Summed up without rounding.
    public var estimatedCost: Filter.Scalar?

    /// Makes figures.
    public init(
        model: String, version: String = "", inputTokens: Int = 0, outputTokens: Int = 0,
        cacheCreationInputTokens: Int = 0, cacheReadInputTokens: Int = 0, peakSingleCallInputTokens: Int = 0,
        estimatedCost: Filter.Scalar? = nil
    ) {
        self.model = model
        self.version = version
        self.inputTokens = inputTokens
        self.outputTokens = outputTokens
        self.cacheCreationInputTokens = cacheCreationInputTokens
        self.cacheReadInputTokens = cacheReadInputTokens
        self.peakSingleCallInputTokens = peakSingleCallInputTokens
        self.estimatedCost = estimatedCost
    }

    /// The names of the figures in JSON, in the order in which they are written.
    static let tokenNames = [
        "input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens",
        "peak_single_call_input_tokens",
    ]
    static let costName = "estimated_cost_usd"

    var tokens: [Int] {
        [
            inputTokens, outputTokens, cacheCreationInputTokens, cacheReadInputTokens,
            peakSingleCallInputTokens,
        ]
    }

    /// Reads the figures of a caller's JSON; what is missing is 0.
    package init(_ members: JSONMembers) throws(HoldfastError) {
        var counts: [Int] = []
        for name in Self.tokenNames { counts.append(try members.optionalCount(name) ?? 0) }
        self.init(
            model: try members.text("model"), version: try members.optionalText("version") ?? "",
            inputTokens: counts[0], outputTokens: counts[1], cacheCreationInputTokens: counts[2],
            cacheReadInputTokens: counts[3], peakSingleCallInputTokens: counts[4],
            estimatedCost: try members.optionalNumber(Self.costName))
    }

    func write(to object: inout JSONWriter) {
        object.member("model", model)
        object.member("version", version)
        for (name, count) in zip(Self.tokenNames, tokens) { object.member(name, count) }
        if let estimatedCost {
            object.member(Self.costName, json: estimatedCost.json.array)
        } else {
            object.member(Self.costName) { $0.null() }
        }
    }
}
