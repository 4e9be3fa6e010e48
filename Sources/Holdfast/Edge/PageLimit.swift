internal import HoldfastModel

/// How many elements a page may have.
public enum PageLimit: Sendable {
    /// When none is given.
    public static let standard = 100
    /// For more there are streams.
    public static let maximum = 10_000

    static func checked(_ limit: Int?) throws(HoldfastError) -> Int {
        let limit = limit ?? standard
        guard limit >= 0 else {
            throw HoldfastError(.invalid, "limit is \(limit), expected 0 to \(maximum)")
        }
        guard limit <= maximum else {
            throw HoldfastError(
                .invalid, "limit is \(limit), expected at most \(maximum); streams return more")
        }
        return limit
    }
}
