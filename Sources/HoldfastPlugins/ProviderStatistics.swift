private import HoldfastSupport

/// What the lanes of a backend are doing and have done, for metrics.
///
/// Counters rise for as long as the backend is connected and start anew with the next connection; `stuckTotal` rises for
/// as long as the process lives.
public struct ProviderStatistics: Hashable, Sendable {
    /// Threads that serve it.
    public var laneCount = 0
    /// Calls that wait for one.
    public var queueDepth = 0
    /// The most that ever waited.
    public var queueDepthMax = 0
    /// Batches handed to the plugin.
    public var batchCount = 0
    /// Calls of callers in those batches; divided by ``batchCount`` it is the group commit's gain.
    public var callCount = 0
    /// Changes, questions or entries in those batches.
    public var itemCount = 0
    /// The most of them in one batch.
    public var batchItemCountMax = 0
    /// Calls that are stuck in the plugin past their deadlines.
    public var stuckCount = 0
    /// All that ever were.
    public var stuckTotal = 0

    /// Starts at nothing.
    public init() {}

    /// The same, by name.
    var figures: [String: Double] {
        [
            "lanes": Double(laneCount), "queue_depth": Double(queueDepth),
            "queue_depth_max": Double(queueDepthMax), "batches_total": Double(batchCount),
            "calls_total": Double(callCount), "items_total": Double(itemCount),
            "batch_items_max": Double(batchItemCountMax), "stuck_calls": Double(stuckCount),
            "stuck_calls_total": Double(stuckTotal),
        ]
    }

    /// Adds what one pool says.
    mutating func add<Resource>(_ pool: LanePool<Resource>) {
        let (lanes, depth, lane) = pool.state.withLock { ($0.lanes.count, $0.queue.count, $0.statistics) }
        laneCount += lanes
        queueDepth += depth
        queueDepthMax = max(queueDepthMax, lane.queueDepthMax)
        batchCount += lane.batchCount
        callCount += lane.jobCount
        itemCount += lane.weight
        batchItemCountMax = max(batchItemCountMax, lane.weightMax)
    }
}
