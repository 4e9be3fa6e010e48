import HoldfastModel

/// One line on a terminal that says how far something is: a bar, a rate, the time that remains.
///
/// Prints nothing where nobody looks, at most ten times a second where somebody does.
struct ProgressBar: Sendable {
    /// How far something is.
    struct Position: Hashable, Sendable {
        /// Units done of those that ``total`` counts: bytes of a file, messages of a store.
        var done: Int
        /// All units, where it is known.
        var total: Int?
        /// Messages done.
        var messageCount: Int

        /// Makes a position.
        init(done: Int, total: Int?, messageCount: Int) {
            self.done = done
            self.total = total
            self.messageCount = messageCount
        }
    }

    private static let interval = Duration.milliseconds(100)

    private let output: FileDescriptor
    private let isShown: Bool
    private let start: ContinuousClock.Instant
    private var last: ContinuousClock.Instant?

    /// Begins to count the time.
    ///
    /// - Parameters:
    ///   - output: where the line is printed, if it is a terminal.
    ///   - isQuiet: whether not to print in any case.
    init(on output: FileDescriptor = .standardError, isQuiet: Bool) {
        self.output = output
        isShown = !isQuiet && output.isTerminal
        start = .now
    }

    /// Shows a position, unless the last one was shown a moment ago.
    mutating func show(_ position: Position) throws(HoldfastError) {
        guard isShown else { return }
        let now = ContinuousClock.now
        if let last, now - last < Self.interval { return }
        last = now
        let line = Self.line(position, elapsed: now - start, columnCount: output.columnCount)
        try output.write(Array("\r\u{1B}[K\(line)".utf8))
    }

    /// Takes the line away.
    func clear() throws(HoldfastError) {
        if isShown, last != nil { try output.write(Array("\r\u{1B}[K".utf8)) }
    }

    /// The text of the line.
    ///
    /// - Parameters:
    ///   - position: how far it is.
    ///   - elapsed: since the start.
    ///   - columnCount: how wide the terminal is; the line is never wider.
    /// - Returns: a bar and figures, or figures alone where the total is not known or the terminal is narrow.
    static func line(_ position: Position, elapsed: Duration, columnCount: Int) -> String {
        let seconds = max(elapsed / .seconds(1), 0.001)
        let rate = Int(Double(position.messageCount) / seconds)
        var figures = "\(Quantity.count(position.messageCount, of: "message"))  \(Quantity.count(rate))/s"
        guard let total = position.total, total > 0 else { return String(figures.prefix(columnCount - 1)) }
        let share = min(1, Double(position.done) / Double(total))
        if share > 0 {
            let remaining = Duration.seconds(seconds / share * (1 - share))
            figures += "  \(Quantity.duration(remaining)) left"
        }
        let width = min(40, columnCount - figures.count - 10)
        guard width >= 10 else { return String(figures.prefix(columnCount - 1)) }
        let full = Int(share * Double(width))
        let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
        let percent = String(Int(share * 100))
        return "\(bar) \(String(repeating: " ", count: 3 - percent.count))\(percent) %  \(figures)"
    }
}
