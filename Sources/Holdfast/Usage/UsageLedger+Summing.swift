public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

/// What usage is summed up by.
public enum UsageDimension: String, Hashable, Sendable, CaseIterable {
    /// The day in UTC, such as `2026-01-02`.
    case day
    case agent, model, conversation

    fileprivate var member: String {
        switch self {
        case .day: "day"
        case .agent: "agent_name"
        case .model: "model"
        case .conversation: "conversation_id"
        }
    }
}

/// Which entries of the ledger are summed up; all that is given must hold together.
public struct UsageFilter: Hashable, Sendable {
    /// Only this agent.
    public var agent: String?
    /// Only this model.
    public var model: String?
    /// Only this conversation.
    public var conversation: String?
    /// Only from this moment on.
    public var from: Timestamp?
    /// Only before this moment.
    public var before: Timestamp?

    /// Makes a filter; nothing keeps every entry.
    public init(
        agent: String? = nil, model: String? = nil, conversation: String? = nil, from: Timestamp? = nil,
        before: Timestamp? = nil
    ) {
        self.agent = agent
        self.model = model
        self.conversation = conversation
        self.from = from
        self.before = before
    }

    fileprivate var predicate: Predicate {
        let names = [("agent_name", agent), ("model", model), ("conversation_id", conversation)]
        var parts = names.compactMap { name, value in
            value.map { Operand.member(name).equals(Filter.Scalar($0)) }
        }
        let time = Operand.member("time")
        if let from { parts.append(time.isAtLeast(Filter.Scalar(from.unixMilliseconds))) }
        if let before { parts.append(time.isLess(than: Filter.Scalar(before.unixMilliseconds))) }
        return .all(parts)
    }
}

/// The figures of one group of entries.
public struct UsageSum: Hashable, Sendable {
    /// What the group has in common, one text for each dimension.
    public let by: [String]
    /// How many exchanges it has.
    public let exchangeCount: Int
    /// The sums, and of the peak the highest; ``TokenUsage/estimatedCost`` is the exact sum, nothing where none is known.
    ///
    /// Model and version are empty.
    public let total: TokenUsage
}

extension UsageLedger {
    /// Sums up usage and cost.
    ///
    /// The sums are exact: a cost of 0.1 and one of 0.2 are 0.3.
    ///
    /// - Parameters:
    ///   - dimensions: up to four; none sums up everything.
    ///   - filter: which entries.
    ///   - limit: at most so many groups, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - options: how long it may take.
    /// - Returns: groups in the order of their dimensions.
    /// - Throws: `exhausted` for more than 10 000 groups: ask for less at once.
    public func sums(
        by dimensions: [UsageDimension] = [], _ filter: UsageFilter = UsageFilter(), limit: Int? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<[UsageSum]> {
        let figures = TokenUsage.tokenNames.map { name in
            name.hasPrefix("peak") ? Aggregate.maximum(of: .member(name)) : .sum(of: .member(name))
        }
        let request = DomainRequest(.usageSums) { arguments in
            arguments.member("by") { by in
                by.array { array in for dimension in dimensions { array.value(dimension.rawValue) } }
            }
            arguments.member("agent", filter.agent)
            arguments.member("model", filter.model)
            arguments.member("conversation", filter.conversation)
            arguments.member("from", filter.from?.unixMilliseconds)
            arguments.member("before", filter.before?.unixMilliseconds)
        }
        let question = try store.lists(Self.namespace).question(Selection(where: filter.predicate))
        let answer = try await store.groups(
            question, by: dimensions.map { .member($0.member) },
            figures + [.sum(of: .member(TokenUsage.costName))], limit: limit, options, as: request)
        let sums = answer.content.map { group in
            let counts = group.figures.map { $0.flatMap { Int($0.json.description) } ?? 0 }
            return UsageSum(
                by: group.by.map { $0.flatMap { (try? JSONNode($0.json.array))?.string } ?? "" },
                exchangeCount: group.count,
                total: TokenUsage(
                    model: "", inputTokens: counts[0], outputTokens: counts[1],
                    cacheCreationInputTokens: counts[2], cacheReadInputTokens: counts[3],
                    peakSingleCallInputTokens: counts[4], estimatedCost: group.figures[5]))
        }
        return Answer(sums, source: answer.source, degradations: answer.degradations)
    }
}
