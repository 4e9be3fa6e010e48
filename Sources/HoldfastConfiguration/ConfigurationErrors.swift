public import HoldfastModel

/// Everything that is wrong with a configuration, in the order of the file.
public struct ConfigurationErrors: Error, Hashable, Sendable {
    /// The errors, each with its place in the file where it has one; never empty.
    public let errors: [HoldfastError]

    /// How many errors ``description`` prints before it only counts.
    public static let shownCountMax = 20

    /// Collects errors; the first is always there, so that the list is never empty.
    ///
    /// Errors without a place come first, then those of the file by line and column.
    public init(_ first: HoldfastError, _ others: [HoldfastError] = []) {
        var seen: Set<String> = []
        let unique = ([first] + others).filter { seen.insert($0.description).inserted }
        errors = unique.enumerated().sorted { left, right in
            let (leftPlace, rightPlace) = (Self.place(of: left.element), Self.place(of: right.element))
            return leftPlace == rightPlace ? left.offset < right.offset : leftPlace < rightPlace
        }.map(\.element)
    }

    /// One error for those who can carry only one: the first, and how many more there are.
    public var summary: HoldfastError {
        guard let first = errors.first else { return HoldfastError(.invalid, "the configuration is wrong") }
        guard errors.count > 1 else { return first }
        var summary = first
        summary.message += " (and \(errors.count - 1) more)"
        return summary
    }

    private static func place(of error: HoldfastError) -> (Int, Int) {
        (error.location?.line ?? 0, error.location?.column ?? 0)
    }
}

extension ConfigurationErrors: CustomStringConvertible {
    /// One line for each of the first 20 errors, then how many there are besides.
    public var description: String {
        var lines = errors.prefix(Self.shownCountMax).map(\.description)
        let rest = errors.count - lines.count
        if rest > 0 { lines.append("… and \(rest) more \(rest == 1 ? "error" : "errors")") }
        return lines.joined(separator: "\n")
    }
}
