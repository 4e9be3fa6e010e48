internal import HoldfastModel

/// What stands in a stored value in the place of content that is kept apart.
///
/// In JSON it is a string literal, elsewhere the whole value: a mark, the SHA-256 of the content in 64 hexadecimal digits,
/// a colon, and the content's count of bytes. The content of a JSON literal is what stands between its quotes, escapes and
/// all, so it comes back byte for byte. Whatever a caller writes that begins with the mark is stored with an escape behind
/// the mark, or kept apart where it is large: so a mark in a stored value is always ours.
struct BlobReference: Hashable, Sendable {
    /// 64 hexadecimal digits, lower case.
    let hash: String
    /// Bytes of the content.
    let byteCount: Int

    /// How a literal begins: a NUL, as JSON escapes it, which no text of a person has.
    static let literalMark = Bytes(#"\u0000holdfast.blob/1:"#)
    /// How a value that is not JSON begins.
    static let bytesMark = Bytes([0] + Array("holdfast.blob/1:".utf8))

    /// What follows a mark that a caller has written: no hash begins so.
    static let escape = UInt8(ascii: "=")

    private static let hashCount = 64

    /// The reference without its mark.
    private var text: [UInt8] { Array("\(hash):\(byteCount)".utf8) }

    /// What stands between the quotes of a literal.
    var literal: [UInt8] { Self.literalMark.array + text }
    /// A whole value that is not JSON.
    var value: [UInt8] { Self.bytesMark.array + text }

    /// Makes a reference to content.
    init(hash: [UInt8], byteCount: Int) {
        let digits = Array("0123456789abcdef".utf8)
        self.hash = String(
            decoding: hash.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }, as: UTF8.self)
        self.byteCount = byteCount
    }

    /// Reads what follows a mark.
    ///
    /// - Throws: `corrupt` for anything else: nobody but the host writes marks.
    init(_ text: ArraySlice<UInt8>) throws(HoldfastError) {
        let hash = text.prefix(Self.hashCount)
        let isHash =
            hash.count == Self.hashCount
            && hash.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        let rest = text.dropFirst(Self.hashCount)
        guard isHash, rest.first == UInt8(ascii: ":"),
            let count = Int(String(decoding: rest.dropFirst(), as: UTF8.self)), count >= 0
        else {
            throw HoldfastError(.corrupt, "a stored value has a reference to a blob that is damaged")
        }
        self.hash = String(decoding: hash, as: UTF8.self)
        byteCount = count
    }
}
