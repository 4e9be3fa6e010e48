public import HoldfastModel

/// What a store was asked for since it was opened, and how that went.
public struct OperationFigures: Hashable, Sendable {
    /// What a backend is asked for.
    public enum Operation: String, Hashable, Sendable, CaseIterable {
        /// Changes that are stored together.
        case write
        /// Documents and pages of lists.
        case read
        /// A page of a scan.
        case scan
        /// A query.
        case select
        /// A whole operation of the domain, where a provider may answer it.
        case invoke
        /// Everything made durable.
        case flush
    }

    /// How one operation went.
    public struct Figures: Hashable, Sendable {
        /// How long each took, failed ones included.
        public internal(set) var latency = LatencyHistogram()
        /// How many failed, by code.
        public internal(set) var failures: [HoldfastError.Code: UInt64] = [:]
        /// How many had to do without something, by the word of the degradation without its provider.
        public internal(set) var degradations: [String: UInt64] = [:]
        /// How many are under way.
        public internal(set) var runningCount: UInt64 = 0

        /// Counts the end of one that took some nanoseconds.
        mutating func finish(after nanoseconds: Int64) {
            runningCount -= 1
            latency.add(nanoseconds: nanoseconds)
        }
    }

    /// By operation; all of them.
    public internal(set) var operations: [Operation: Figures] = Dictionary(
        uniqueKeysWithValues: Operation.allCases.map { ($0, Figures()) })
    /// Changes that were stored.
    public internal(set) var changeCount: UInt64 = 0
    /// Bytes of values that were stored.
    public internal(set) var writtenByteCount: UInt64 = 0
    /// Records that were answered.
    public internal(set) var recordCount: UInt64 = 0
    /// Writes that were answered with the answer of an earlier one.
    public internal(set) var replayCount: UInt64 = 0

    /// Starts at nothing.
    public init() {}

    /// Counts one thing that an operation had to do without.
    mutating func note(degradation word: String, of operation: Operation) {
        operations[operation, default: Figures()].degradations[word, default: 0] += 1
    }
}
