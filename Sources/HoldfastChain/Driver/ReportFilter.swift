/// Keeps a failure that is tried again and again from being reported each time.
package struct ReportFilter: Sendable {
    /// How long the same sentence is not said again, in nanoseconds.
    package static let silence: Int64 = 60_000_000_000
    private static let sentenceCountMax = 64

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
}
