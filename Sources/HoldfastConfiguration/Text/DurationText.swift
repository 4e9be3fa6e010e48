public import HoldfastModel

/// Durations as people write them: `5s`, `100ms`, `1h30m`, `2d`.
public enum DurationText: Sendable {
    private static let units: [(name: String, nanoseconds: Int64)] = [
        ("d", 86_400_000_000_000), ("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000),
        ("ms", 1_000_000), ("us", 1000), ("ns", 1),
    ]
    private static let secondsMax: Int64 = 100 * 365 * 86_400

    /// Reads a duration that stands on a command line.
    ///
    /// - Parameters:
    ///   - text: such as `5s`.
    ///   - name: what it is the value of.
    /// - Returns: the duration, 0 to 100 years.
    /// - Throws: `invalid`, with what would be right.
    public static func duration(_ text: String, of name: String) throws(HoldfastError) -> Duration {
        do throws(ValueProblem) {
            return try parse(text)
        } catch {
            throw HoldfastError(.invalid, "\(name) \"\(text)\" \(error.text)")
        }
    }

    /// Reads a duration: numbers with units, largest first, the last with a fraction if need be (`1.5s`).
    ///
    /// - Returns: the duration, 0 to 100 years; `0` alone needs no unit.
    /// - Throws: what is wrong and what would be right.
    static func parse(_ text: String) throws(ValueProblem) -> Duration {
        if text == "0" { return .zero }
        var scanner = UnitScanner(text)
        var total: Int64 = 0
        var smallest = Int64.max
        repeat {
            let part = try scanner.next(example: "5s, 100ms, 1h30m or 2d")
            if part.unit.isEmpty {
                throw ValueProblem(
                    "has no unit, expected \(part.digits)s for seconds or \(part.digits)ms for milliseconds")
            }
            guard let unit = units.first(where: { $0.name == part.unit }) else {
                let near = UnitScanner.advice(for: part.unit, among: units.map(\.name))
                throw ValueProblem(
                    "has the unit \"\(part.unit)\", \(near ?? "expected d, h, m, s, ms, us or ns")")
            }
            guard unit.nanoseconds < smallest else {
                throw ValueProblem("has its units out of order, expected the largest first and each once")
            }
            smallest = unit.nanoseconds
            guard let value = part.scaled(by: unit.nanoseconds) else {
                throw ValueProblem(part.isWhole ? "is longer than 100 years (36500d)" : "is finer than 1ns")
            }
            let (sum, isOverflow) = total.addingReportingOverflow(value)
            guard !isOverflow, sum / 1_000_000_000 <= secondsMax else {
                throw ValueProblem("is longer than 100 years (36500d)")
            }
            total = sum
        } while !scanner.isAtEnd
        return .nanoseconds(total)
    }

    /// The whole milliseconds of a duration.
    ///
    /// - Throws: that it is finer.
    static func milliseconds(_ duration: Duration) throws(ValueProblem) -> Int64 {
        let (seconds, attoseconds) = duration.components
        guard attoseconds % 1_000_000_000_000_000 == 0 else { throw ValueProblem("is finer than 1ms") }
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }

    /// Writes a duration that is not negative with the largest units that fit, such as `1h30m`.
    public static func render(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, seconds <= secondsMax else { return "\(duration)" }
        var rest = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        guard rest > 0 else { return "0s" }
        var text = ""
        for unit in units where rest >= unit.nanoseconds {
            text += "\(rest / unit.nanoseconds)\(unit.name)"
            rest %= unit.nanoseconds
        }
        return text
    }
}

/// What is wrong with one value, without its place; begins with a verb, the value is its subject.
struct ValueProblem: Error {
    let text: String

    init(_ text: String) { self.text = text }
}
