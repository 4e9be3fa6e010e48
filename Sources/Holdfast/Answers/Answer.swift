public import HoldfastChain
internal import HoldfastModel

/// What was asked for, and how well the backend could answer.
///
/// Members of the content are reached directly: `answer.version` is `answer.content.version`.
@dynamicMemberLookup
public struct Answer<Content: Sendable>: Sendable {
    /// What was asked for.
    public let content: Content
    /// The provider that answered, by its name in storage.yaml.
    public let source: String
    /// What the answer had to do without; empty when all is well.
    public let degradations: [Degradation]

    init(_ content: Content, source: String, degradations: [Degradation] = []) {
        self.content = content
        self.source = source
        self.degradations = degradations
    }

    /// A member of the content.
    public subscript<Member>(dynamicMember path: KeyPath<Content, Member>) -> Member {
        content[keyPath: path]
    }
}

extension Answer: Equatable where Content: Equatable {}
extension Answer: Hashable where Content: Hashable {}

extension Answer {
    /// The same answer with other content.
    func mapContent<Other: Sendable>(
        _ body: (Content) throws(HoldfastError) -> Other
    ) throws(HoldfastError) -> Answer<Other> {
        Answer<Other>(try body(content), source: source, degradations: degradations)
    }
}
