internal import HoldfastConfiguration
internal import HoldfastSupport

/// What all handles of one store share.
///
/// A class, since every handle and every request passes its store on.
final class StoreServices: Sendable {
    let meter: MeteredBackend
    let edge: Edge
    let random: RandomSource
    let leases = LeaseWatch()
    let agentMeter: AgentMeter
    let follows: FollowHub
    let turns = Turns()

    init(
        meter: MeteredBackend, edge: Edge, random: RandomSource, agentMeter: AgentMeter, follows: FollowHub
    ) {
        self.meter = meter
        self.edge = edge
        self.random = random
        self.agentMeter = agentMeter
        self.follows = follows
    }
}

/// What is known of a store from where it was opened.
final class StoreFacts: Sendable {
    /// The namespaces with an index of words, by the name of the provider that keeps it; nothing where nobody has said.
    let wordIndexes: [String: Set<String>]?
    /// What the storage.yaml says of retention, where the store was opened from one; a daemon may read it again.
    let retention: Guarded<RetentionConfiguration?>
    /// What the storage.yaml says of large contents, where the store was opened from one.
    let blobs: BlobsConfiguration

    init(
        _ wordIndexes: [String: Set<String>]? = nil, _ retention: RetentionConfiguration? = nil,
        _ blobs: BlobsConfiguration = .standard
    ) {
        self.wordIndexes = wordIndexes
        self.retention = Guarded(retention)
        self.blobs = blobs
    }
}
