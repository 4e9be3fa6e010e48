internal import Holdfast
internal import HoldfastSupport

/// The text of the `Date` header, made once a second.
///
/// Source: RFC 9110, section 5.6.7.
final class DateHeader: Sendable {
    private let clock: any HostClock
    private let current = Guarded((second: Int64.min, text: ""))

    init(_ clock: any HostClock = SystemClock()) { self.clock = clock }

    /// The text of this second.
    var text: String {
        let second = clock.unixMilliseconds / 1000
        return current.withLock { current in
            if current.second != second { current = (second, Self.text(of: second)) }
            return current.text
        }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`.
    static func text(of second: Int64) -> String {
        let (day, rest) = second.quotientAndRemainder(dividingBy: 86_400)
        let date = CivilDate(daysSince1970: day)
        // 1970-01-01 was a Thursday.
        let weekday = weekdays[Int((day + 4) % 7)]
        let time = [rest / 3600, rest / 60 % 60, rest % 60].map { padded(Int($0)) }.joined(separator: ":")
        return "\(weekday), \(padded(date.day)) \(months[date.month - 1]) \(date.year) \(time) GMT"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
