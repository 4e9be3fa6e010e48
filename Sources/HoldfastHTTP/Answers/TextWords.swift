internal import Holdfast
internal import HoldfastModel

extension Version {
    /// The 32 hexadecimal digits as four words of eight bytes, the first digit in the lowest byte.
    var hexWords: InlineArray<4, UInt64> {
        [
            Self.hexWord(UInt32(truncatingIfNeeded: high >> 32)),
            Self.hexWord(UInt32(truncatingIfNeeded: high)),
            Self.hexWord(UInt32(truncatingIfNeeded: low >> 32)),
            Self.hexWord(UInt32(truncatingIfNeeded: low)),
        ]
    }

    /// Eight digits at once: four bits are moved into each byte, and the bytes above 9 are then moved to the letters.
    private static func hexWord(_ bits: UInt32) -> UInt64 {
        var digits = UInt64(bits.byteSwapped)
        digits = (digits | digits << 16) & 0x0000_FFFF_0000_FFFF
        digits = (digits | digits << 8) & 0x00FF_00FF_00FF_00FF
        digits = (digits >> 4 | digits << 8) & 0x0F0F_0F0F_0F0F_0F0F
        let letters = (digits + 0x0606_0606_0606_0606) >> 4 & 0x0101_0101_0101_0101
        let gap = UInt64(UInt8(ascii: "a") - UInt8(ascii: "0") - 10)
        return digits + 0x3030_3030_3030_3030 + letters * gap
    }
}

/// Points in time in UTC as three words of eight bytes, the first character in the lowest byte:
/// `2024-05-15T15:00:00.250Z`.
///
/// The messages of a page are mostly of one day, which is taken apart once.
///
/// Source: RFC 3339, section 5.6.
struct TimeWords {
    /// Of which times this is the text: the years 1970 to 9999.
    static let milliseconds: Range<Int64> = 0..<253_402_300_800_000

    private var day: Int64 = -1
    /// `2024-05-`.
    private var month: UInt64 = 0
    /// `15`.
    private var dayOfMonth: UInt64 = 0

    /// The words of a time in ``milliseconds-swift.type.property``.
    mutating func words(of time: Timestamp) -> InlineArray<3, UInt64> {
        let (day, rest) = time.unixMilliseconds.quotientAndRemainder(dividingBy: 86_400_000)
        if day != self.day { take(apart: day) }
        let clock = UInt64(rest)
        let (hour, minute) = (clock / 3_600_000, clock / 60_000 % 60)
        let (second, millisecond) = (clock / 1000 % 60, clock % 1000)
        let end = Self.character("Z") << 40 | Self.two(millisecond % 100) << 24
        return [
            month,
            dayOfMonth | Self.character("T") << 16 | Self.two(hour) << 24 | Self.character(":") << 40
                | Self.two(minute) << 48,
            Self.character(":") | Self.two(second) << 8 | Self.character(".") << 24
                | (0x30 + millisecond / 100) << 32 | end << 16,
        ]
    }

    private mutating func take(apart day: Int64) {
        let date = CivilDate(daysSince1970: day)
        let year = UInt64(date.year)
        let dash = Self.character("-")
        month =
            Self.two(year / 100) | Self.two(year % 100) << 16 | dash << 32
            | Self.two(UInt64(date.month)) << 40 | dash << 56
        dayOfMonth = Self.two(UInt64(date.day))
        self.day = day
    }

    /// Two digits.
    private static func two(_ number: UInt64) -> UInt64 { 0x3030 + number / 10 + (number % 10) << 8 }

    private static func character(_ character: Unicode.Scalar) -> UInt64 { UInt64(character.value) }
}
