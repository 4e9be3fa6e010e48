internal import HoldfastModel

/// The request line's target, taken apart and not decoded: `/v1/lists/a%2Fb?limit=5`.
///
/// Segments are split before anything is decoded, so an encoded `/` never makes two of one, and `..` means nothing.
struct RequestTarget: Sendable {
    /// The raw segments of the path; a slash at the end makes an empty one.
    let segments: [Substring.UTF8View]
    /// What stands behind the first `?`, or nothing.
    let query: Substring.UTF8View?
    /// The raw path, without the query.
    let path: Substring

    /// Takes a target apart.
    ///
    /// - Parameter text: origin form.
    /// - Throws: `invalid` for another form, and for a raw `#`.
    init(_ text: String) throws(HoldfastError) {
        let bytes = text.utf8
        guard bytes.first == UInt8(ascii: "/") else {
            throw HoldfastError(.invalid, "the request target does not begin with a slash")
        }
        guard !bytes.contains(UInt8(ascii: "#")) else {
            throw HoldfastError(.invalid, "the request target contains a raw #, expected %23")
        }
        let end = bytes.firstIndex(of: UInt8(ascii: "?"))
        let raw = bytes[..<(end ?? bytes.endIndex)]
        query = end.map { bytes[bytes.index(after: $0)...] }
        path = Substring(raw)
        segments = raw.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    }
}
