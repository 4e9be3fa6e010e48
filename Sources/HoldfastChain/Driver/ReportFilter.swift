/// Keeps a failure that is tried again and again from being reported each time.
package struct ReportFilter: Sendable {
    /// How long the same sentence is not said again, in nanoseconds.
    package static let silence: Int64 = 60_000_000_000
    private static let sentenceCountMax = 64
    /// From how long on an outage is worth a line of its own, in nanoseconds.
    private static let outageTime: Int64 = 1_000_000_000

    private var said: [String: Int64] = [:]

    /// Has said nothing yet.
    package init() {}

    /// Whether to report a sentence now.
    ///
    /// - Parameters:
    ///   - sentence: the whole of it.
    ///   - now: monotonic nanoseconds.
    /// - Returns: false where it was said within the silence.
    package mutating func admits(_ sentence: String, at now: Int64) -> Bool {
        if let last = said[sentence], now - last < Self.silence { return false }
        if said.count >= Self.sentenceCountMax {
            said = said.filter { now - $0.value < Self.silence }
            // So many different ones are news.
            if said.count >= Self.sentenceCountMax { said.removeAll() }
        }
        said[sentence] = now
        return true
    }

    /// Whether to report that something is back: what goes and comes many times a second is news once.
    ///
    /// - Parameters:
    ///   - name: of what is back.
    ///   - time: how long it was away, in nanoseconds.
    ///   - now: monotonic nanoseconds.
    /// - Returns: false where it was away for a moment, and that was said within the silence.
    package mutating func admitsReturn(of name: String, after time: Int64, at now: Int64) -> Bool {
        let isFirst = admits("\(name) is back", at: now)
        return isFirst || time >= Self.outageTime
    }
}
