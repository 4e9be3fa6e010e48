/// A point in the order of all changes: 16 bytes, a UUIDv7, compared as `memcmp` does.
///
/// Versions of changes and ids of list items are the same thing. Layout, most significant bit first: 48 bits of Unix
/// milliseconds, 4 bits `0111`, 12 bits counter (high), 2 bits `10`, 14 bits counter (low), 48 bits that are drawn once
/// per process. So versions of one process rise strictly even inside a millisecond, and those of two never collide.
///
/// Source: RFC 9562, section 5.7.
public struct Version: Hashable, Comparable, Sendable {
    /// Bytes 0 to 7, big endian.
    public let high: UInt64
    /// Bytes 8 to 15, big endian.
    public let low: UInt64

    /// Makes a version of its two halves.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// No version: the id of a document, "absent" in a condition.
    public static let zero = Version(high: 0, low: 0)
    /// Above every version that can be assigned.
    public static let max = Version(high: .max, low: .max)

    /// Whether this is ``zero``.
    public var isZero: Bool { high == 0 && low == 0 }

    /// The order of `memcmp` over the 16 bytes.
    public static func < (left: Version, right: Version) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}

extension Version {
    /// The bits that count inside one millisecond.
    public static let counterMax: UInt64 = 1 << 26 - 1
    /// The bits that tell processes apart.
    public static let nodeMax: UInt64 = 1 << 48 - 1

    /// Packs the parts of a version.
    ///
    /// - Parameters:
    ///   - milliseconds: Unix time, below 2^48.
    ///   - counter: 0 to ``counterMax``.
    ///   - node: 0 to ``nodeMax``.
    public init(milliseconds: UInt64, counter: UInt64, node: UInt64) {
        precondition(
            milliseconds < 1 << 48 && counter <= Self.counterMax && node <= Self.nodeMax, "part out of range")
        high = milliseconds << 16 | 0x7000 | counter >> 14
        low = 0x8000_0000_0000_0000 | (counter & 0x3FFF) << 48 | node
    }

    /// The Unix time in milliseconds that the version carries.
    public var milliseconds: UInt64 { high >> 16 }
    /// The position inside the millisecond.
    public var counter: UInt64 { (high & 0xFFF) << 14 | low >> 48 & 0x3FFF }
}

extension Version: CustomStringConvertible, LosslessStringConvertible {
    private static let digits = Array("0123456789abcdef".utf8)

    /// The usual text of a UUID: 36 characters, lower case.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(36)
        for position in 0..<32 {
            if position == 8 || position == 12 || position == 16 || position == 20 {
                text.append(UInt8(ascii: "-"))
            }
            let half = position < 16 ? high : low
            text.append(Self.digits[Int(half >> UInt64(60 - position % 16 * 4) & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads the usual text of a UUID, hyphens optional, either case.
    public init?(_ description: String) {
        var halves: (UInt64, UInt64) = (0, 0)
        var count = 0
        for byte in description.utf8 where byte != UInt8(ascii: "-") {
            guard count < 32, let digit = Character(UnicodeScalar(byte)).hexDigitValue else { return nil }
            if count < 16 {
                halves.0 = halves.0 << 4 | UInt64(digit)
            } else {
                halves.1 = halves.1 << 4 | UInt64(digit)
            }
            count += 1
        }
        guard count == 32 else { return nil }
        self.init(high: halves.0, low: halves.1)
    }
}
