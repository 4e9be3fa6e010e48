extension Timestamp {
    /// Reads a time as RFC 3339 has it, and the forms that go by the same name elsewhere.
    ///
    /// A date alone is its midnight; what names no zone is UTC; a blank may stand for the `T`; a fraction of a second
    /// may have any number of digits, of which three count. What is no time is refused: another form, the 30th of
    /// February, the 25th hour.
    ///
    /// - Parameter text: such as `2024-05-15T15:00:00.250Z`, `2024-05-15 17:00+02:00` or `2024-05-15`.
    ///
    /// Source: RFC 3339, section 5.6; the calendar is Hinnant's `days_from_civil`.
    public init?(_ text: String) {
        var reader = DigitReader(text)
        guard let year = reader.number(of: 4), reader.skip("-"), let month = reader.number(of: 2),
            reader.skip("-"), let day = reader.number(of: 2), (1...12).contains(month),
            (1...Self.dayCount(of: month, in: year)).contains(day)
        else { return nil }
        var milliseconds = Self.day(year, month, day) * 86_400_000
        if reader.skip("T") || reader.skip("t") || reader.skip(" ") {
            guard let hour = reader.number(of: 2), reader.skip(":"), let minute = reader.number(of: 2),
                hour < 24, minute < 60
            else { return nil }
            milliseconds += (hour * 60 + minute) * 60_000
            if reader.skip(":") {
                // A leap second counts as the second after it.
                guard let second = reader.number(of: 2), second <= 60 else { return nil }
                milliseconds += second * 1000
                if reader.skip(".") || reader.skip(",") {
                    guard let fraction = reader.fraction() else { return nil }
                    milliseconds += fraction
                }
            }
            guard let offset = reader.zone() else { return nil }
            milliseconds -= offset * 60_000
        }
        guard reader.isAtEnd else { return nil }
        self.init(unixMilliseconds: milliseconds)
    }

    private static func dayCount(of month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 of a date of the years 0 to 9999.
    private static func day(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let yearFromMarch = month <= 2 ? year - 1 : year
        let era = (yearFromMarch >= 0 ? yearFromMarch : yearFromMarch - 399) / 400
        let yearOfEra = yearFromMarch - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}

/// Reads digits and what stands between them, from left to right.
private struct DigitReader {
    private var rest: Substring.UTF8View

    init(_ text: String) { rest = text[...].utf8 }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Character) -> Bool {
        guard rest.first == character.asciiValue else { return false }
        rest.removeFirst()
        return true
    }

    /// A number of exactly so many digits.
    mutating func number(of count: Int) -> Int64? {
        var number: Int64 = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            number = number * 10 + digit
        }
        return number
    }

    /// The milliseconds of a fraction of one digit or more.
    mutating func fraction() -> Int64? {
        guard var milliseconds = digit().map({ $0 * 100 }) else { return nil }
        var weight: Int64 = 10
        while let digit = digit() {
            milliseconds += digit * weight
            weight /= 10
        }
        return milliseconds
    }

    /// The minutes by which a zone is ahead of UTC; 0 where none is named.
    mutating func zone() -> Int64? {
        if isAtEnd || skip("Z") || skip("z") { return 0 }
        let isBehind = skip("-")
        guard isBehind || skip("+"), let hour = number(of: 2) else { return nil }
        _ = skip(":")
        guard let minute = isAtEnd ? 0 : number(of: 2), hour < 24, minute < 60 else { return nil }
        let offset = hour * 60 + minute
        return isBehind ? -offset : offset
    }

    private mutating func digit() -> Int64? {
        guard let byte = rest.first, (48...57).contains(byte) else { return nil }
        rest.removeFirst()
        return Int64(byte - 48)
    }
}
