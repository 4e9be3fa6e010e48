public import HoldfastConfiguration
internal import HoldfastModel

/// What is kept of the lists of a namespace whose keys begin alike.
///
/// Of several policies for a key the one with the longest prefix decides; a hold wins over all.
public struct RetentionPolicy: Hashable, Sendable {
    /// The namespace of the lists.
    public var namespace: String
    /// Only lists whose keys begin so; empty is all.
    public var prefix: String
    /// Items that arrived longer ago go; nothing keeps any age.
    public var maxAge: Duration?
    /// Of each list, older items than its newest so many go; nothing keeps any number.
    public var maxMessages: Int?
    /// The newest so many items of each list stay, however old.
    public var keepLatest: Int
    /// Nothing of these lists ever goes.
    public var isHold: Bool

    /// Makes a policy.
    public init(
        namespace: String, prefix: String = "", maxAge: Duration? = nil, maxMessages: Int? = nil,
        keepLatest: Int = 0, isHold: Bool = false
    ) {
        self.namespace = namespace
        self.prefix = prefix
        self.maxAge = maxAge
        self.maxMessages = maxMessages
        self.keepLatest = keepLatest
        self.isHold = isHold
    }

    /// Takes a policy of a storage.yaml, which was checked.
    public init(_ configuration: RetentionPolicyConfiguration) {
        self.init(
            namespace: configuration.namespace, prefix: configuration.prefix,
            maxAge: configuration.maxAge, maxMessages: configuration.maxMessages,
            keepLatest: configuration.keepLatest ?? 0, isHold: configuration.isHold)
    }

    /// Refuses what says nothing, or what nobody can mean.
    func check() throws(HoldfastError) {
        let noun = "the retention policy of \"\(namespace)\" and prefix \"\(prefix)\""
        _ = try Namespace(namespace).checked()
        _ = try Namespace(namespace).prefix(prefix)
        guard !isHold else {
            guard maxAge == nil, maxMessages == nil, keepLatest == 0 else {
                throw HoldfastError(.invalid, "\(noun) is a hold and has limits, expected one of the two")
            }
            return
        }
        guard maxAge != nil || maxMessages != nil else {
            throw HoldfastError(.invalid, "\(noun) has neither max_age nor max_messages nor hold")
        }
        let counts = 0...RetentionPlanner.countMax
        guard counts.contains(maxMessages ?? 0), counts.contains(keepLatest) else {
            throw HoldfastError(
                .invalid,
                "\(noun) has max_messages \(maxMessages ?? 0) and keep_latest \(keepLatest), expected 0 to "
                    + "\(RetentionPlanner.countMax)")
        }
        if let maxAge, maxAge < .zero {
            throw HoldfastError(.invalid, "\(noun) has max_age \(maxAge), expected zero or more")
        }
    }
}
