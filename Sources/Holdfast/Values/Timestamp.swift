/// A point in time, in milliseconds.
///
/// There is no type for it in the standard library, and Foundation is not needed for one number.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
    public let unixMilliseconds: Int64

    /// Makes a point in time.
    public init(unixMilliseconds: Int64) { self.unixMilliseconds = unixMilliseconds }

    /// The time that a version or the id of an item carries.
    public init(_ version: Version) { unixMilliseconds = Int64(version.milliseconds) }

    /// Whether one time is before another.
    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.unixMilliseconds < right.unixMilliseconds
    }
}

extension Timestamp: CustomStringConvertible {
    /// The time in UTC, such as `2024-05-15T15:00:00.250Z`.
    ///
    /// Source: RFC 3339, section 5.6; the calendar is Hinnant's `civil_from_days`.
    public var description: String {
        let (day, millisecond) = Self.divide(unixMilliseconds, by: 86_400_000)
        // Years begin on 1 March here, so that the leap day is the last of a year; eras have 400 years.
        let (era, dayOfEra) = Self.divide(day + 719_468, by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let dayOfMonth = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        let date = "\(Self.padded(year, 4))-\(Self.padded(month, 2))-\(Self.padded(dayOfMonth, 2))"
        let hour = Self.padded(millisecond / 3_600_000, 2)
        let minute = Self.padded(millisecond / 60_000 % 60, 2)
        let second = Self.padded(millisecond / 1000 % 60, 2)
        return "\(date)T\(hour):\(minute):\(second).\(Self.padded(millisecond % 1000, 3))Z"
    }

    /// Rounds towards the past, so that times before 1970 come out right.
    private static func divide(_ value: Int64, by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number.magnitude)
        let zeros = String(repeating: "0", count: max(0, width - digits.count))
        return (number < 0 ? "-" : "") + zeros + digits
    }
}
