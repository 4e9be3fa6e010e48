internal import Holdfast
internal import HoldfastModel

extension [UInt8] {
    /// Appends 32 hexadecimal digits.
    mutating func append(hex version: Version) {
        var text = InlineArray<32, UInt8>(repeating: 0)
        for position in 0..<16 {
            text[position] = Self.hexDigit(version.high >> UInt64(60 - position * 4))
            text[position + 16] = Self.hexDigit(version.low >> UInt64(60 - position * 4))
        }
        append(text.span)
    }

    private static func hexDigit(_ bits: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: bits & 0xF)
        return digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + UInt8(ascii: "a")
    }

    /// Appends a point in time in UTC, such as `2024-05-15T15:00:00.250Z`.
    ///
    /// Allocates nothing for the years 0 to 9999; a page has hundreds.
    ///
    /// Source: RFC 3339, section 5.6; the calendar is Hinnant's `civil_from_days`.
    mutating func append(time: Timestamp) {
        let milliseconds = time.unixMilliseconds
        guard (0..<253_402_300_800_000).contains(milliseconds) else {
            append(contentsOf: time.description.utf8)
            return
        }
        let (day, rest) = milliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        let date = CivilDate(daysSince1970: day)
        var text = InlineArray<24, UInt8>(repeating: UInt8(ascii: "-"))
        Self.put(date.year, 4, at: 0, &text)
        Self.put(date.month, 2, at: 5, &text)
        Self.put(date.day, 2, at: 8, &text)
        text[10] = UInt8(ascii: "T")
        Self.put(Int(rest / 3_600_000), 2, at: 11, &text)
        text[13] = UInt8(ascii: ":")
        Self.put(Int(rest / 60_000 % 60), 2, at: 14, &text)
        text[16] = UInt8(ascii: ":")
        Self.put(Int(rest / 1000 % 60), 2, at: 17, &text)
        text[19] = UInt8(ascii: ".")
        Self.put(Int(rest % 1000), 3, at: 20, &text)
        text[23] = UInt8(ascii: "Z")
        append(text.span)
    }

    private static func put(
        _ number: Int, _ width: Int, at position: Int, _ text: inout InlineArray<24, UInt8>
    ) {
        var number = number
        for place in (position..<position + width).reversed() {
            text[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
            number /= 10
        }
    }
}

/// A day of the calendar, from 1970 on.
///
/// Source: Hinnant, `civil_from_days`.
struct CivilDate {
    let year: Int
    let month: Int
    let day: Int

    /// The day so many days after 1970-01-01.
    init(daysSince1970 days: Int64) {
        // Years begin on 1 March here, so that the leap day is the last of a year; eras have 400 years.
        let (era, dayOfEra) = (days + 719_468).quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
        month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
    }
}
