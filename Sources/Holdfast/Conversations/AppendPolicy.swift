internal import HoldfastModel

/// What is decided about a message while it is appended, in the same atomic step.
///
/// ```swift
/// let policy = AppendPolicy(sameRole: .merge, trimming: Trimming(to: .toolPairSafe(100), .archive))
/// try await store.conversations().append(message, to: "session-1", policy: policy)
/// ```
public struct AppendPolicy: Hashable, Sendable {
    /// What becomes of a message whose role is that of the message before it.
    ///
    /// A message that calls a tool or answers a call is always stored as it is, and so is one behind it: answers have the
    /// role of the user with some models, and without them a call is torn from its answer.
    public enum SameRole: String, Hashable, Sendable, CaseIterable {
        /// It is stored like any other.
        case allow
        /// It is not stored, and the outcome says so.
        case drop
        /// Its content is added to the message before it, where nothing gets lost by that; else it is stored.
        ///
        /// What comes of it takes the place of both, as the newest message: it has an id and a time of its own.
        case merge
        /// Nothing of the request is stored; `conflict` is thrown.
        case reject
    }

    /// See ``SameRole-swift.enum``.
    public var sameRole: SameRole
    /// What stays of the history; nothing keeps all.
    public var trimming: Trimming?
    /// When the appended messages go by themselves; nothing is never.
    public var expiry: Expiry?

    /// Makes a policy.
    public init(sameRole: SameRole = .allow, trimming: Trimming? = nil, expiry: Expiry? = nil) {
        self.sameRole = sameRole
        self.trimming = trimming
        self.expiry = expiry
    }

    /// Stores every message, and keeps all.
    public static let standard = AppendPolicy()

    /// Whether what is stored does not depend on what was stored before.
    var isUnconditional: Bool { sameRole == .allow && trimming == nil }
}

/// What stays of a history, and what becomes of the rest.
public struct Trimming: Hashable, Sendable {
    /// What stays.
    public enum Bound: Hashable, Sendable {
        /// The newest so many messages.
        case exact(Int)
        /// The newest so many messages, an odd number rounded down: pairs of question and answer.
        case evenPairs(Int)
        /// Messages that arrived no longer ago.
        case age(Duration)
        /// The newest messages that have no more bytes than this together.
        case bytes(Int)
        /// The newest so many messages, less the answers of tools at their beginning whose calls are beyond the bound.
        ///
        /// Where that would leave nothing, the calls stay as well, and the history is longer than the bound.
        case toolPairSafe(Int)
    }

    /// What becomes of a message that does not stay.
    public enum Disposal: String, Hashable, Sendable, CaseIterable {
        /// It is removed.
        case drop
        /// It moves, in the same atomic step, into the archive of its session.
        case archive
    }

    /// See ``Bound-swift.enum``.
    public var bound: Bound
    /// See ``Disposal-swift.enum``.
    public var disposal: Disposal

    /// Makes a trimming.
    public init(to bound: Bound, _ disposal: Disposal = .drop) {
        self.bound = bound
        self.disposal = disposal
    }

    /// - Throws: `invalid` for a bound below zero.
    func check() throws(HoldfastError) {
        switch bound {
        case .exact(let count), .evenPairs(let count), .toolPairSafe(let count), .bytes(let count):
            guard count < 0 else { return }
            throw HoldfastError(.invalid, "the bound of the trimming is \(count), expected zero or more")
        case .age(let age):
            guard age < .zero else { return }
            throw HoldfastError(.invalid, "the bound of the trimming is \(age), expected zero or more")
        }
    }
}

extension Trimming.Bound {
    /// How many messages may stay; nothing where that is not counted.
    var countMax: Int? {
        switch self {
        case .exact(let count), .toolPairSafe(let count): count
        case .evenPairs(let count): count - count % 2
        case .age, .bytes: nil
        }
    }
}
