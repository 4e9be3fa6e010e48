/// What one variant achieves in terms of another, measured in turns.
struct Ratio: CustomStringConvertible {
    /// On which side of the bar a ratio should be.
    enum Bar {
        case none
        case below(Double)
        case atLeast(Double)
    }

    let title: String
    let value: Double
    let bar: Bar
    /// The medians behind it, for people.
    let detail: String

    var isGood: Bool {
        switch bar {
        case .none: true
        case .below(let limit): value < limit
        case .atLeast(let limit): value >= limit
        }
    }

    var description: String {
        let verdict =
            switch bar {
            case .none: ""
            case .below(let limit): "  (bar: below \(limit)\(isGood ? ", met" : ", MISSED"))"
            case .atLeast(let limit): "  (bar: at least \(limit)\(isGood ? ", met" : ", MISSED"))"
            }
        return "\(title): \(Figure.text(value))\(verdict)  [\(detail)]"
    }
}

/// Numbers for people.
enum Figure {
    /// Two decimals.
    static func text(_ number: Double) -> String {
        guard number.isFinite, abs(number) < 1e12 else { return "\(number)" }
        let hundredths = Int((abs(number) * 100).rounded())
        let decimals = hundredths % 100
        return "\(number < 0 ? "-" : "")\(hundredths / 100).\(decimals < 10 ? "0" : "")\(decimals)"
    }

    /// A rate.
    static func rate(_ perSecond: Double) -> String { "\(Int(perSecond.rounded()))/s" }

    static func median(_ numbers: [Double]) -> Double {
        let sorted = numbers.sorted()
        guard let middle = sorted.isEmpty ? nil : sorted.count / 2 else { return .nan }
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

/// Takes turns between variants, so that whatever else the machine does meets them all alike.
enum Turns {
    /// Runs each variant once per round, in an order that rotates.
    ///
    /// - Parameters:
    ///   - rounds: how often; one more at the start is not counted.
    ///   - variants: each does some work and says how many operations that were.
    /// - Returns: for each variant, its median rate in operations a second.
    /// - Throws: what a variant throws.
    static func rates(
        rounds: Int, _ variants: [(_ round: Int) async throws -> Int]
    ) async throws -> [Double] {
        var rates = variants.map { _ in [Double]() }
        for round in 0...rounds {
            for turn in variants.indices {
                let index = (turn + round) % variants.count
                let start = ContinuousClock.now
                let count = try await variants[index](round)
                let seconds = (ContinuousClock.now - start) / .seconds(1)
                if round > 0 { rates[index].append(Double(count) / seconds) }
            }
        }
        return rates.map(Figure.median)
    }
}
