internal import Holdfast
internal import HoldfastModel

/// The tag of a page of a list: the last id, which a conditional append expects, and what else the page shows.
///
/// An edit and a removal leave the last id as it is, and a page with other contents must not have the same tag.
///
/// Source: RFC 9110, section 8.8.1.
struct PageTag: Sendable {
    /// With its quotes.
    let text: String

    /// Makes the tag of a page that shows the last item of its list.
    init(of page: Page<Item, ListRange>, last: Version) {
        var digest = page.next == nil ? Self.basis : Self.mixed(1, into: Self.basis)
        for item in page.elements {
            digest = Self.mixed(item.id.high, into: digest)
            digest = Self.mixed(item.id.low, into: digest)
            digest = Self.mixed(item.version.high, into: digest)
            digest = Self.mixed(item.version.low, into: digest)
        }
        var tag: [UInt8] = [UInt8(ascii: "\"")]
        tag.append(hex: last)
        tag.append(text: ".")
        let digits = String(digest, radix: 16)
        tag += String(repeating: "0", count: 16 - digits.utf8.count).utf8
        tag += digits.utf8
        tag.append(text: "\"")
        text = String(decoding: tag, as: UTF8.self)
    }

    private static let basis: UInt64 = 0xCBF2_9CE4_8422_2325

    /// FNV-1a, eight bytes at once, with the high bits folded back in.
    private static func mixed(_ word: UInt64, into digest: UInt64) -> UInt64 {
        let mixed = (digest ^ word) &* 0x0000_0100_0000_01B3
        return mixed ^ mixed >> 29
    }
}
