internal import HoldfastChain
internal import HoldfastModel

/// What a `Prefer` header asks for: `ack=all, wait=5`.
///
/// Other preferences are left alone, as the header's rules say.
///
/// Source: RFC 7240.
struct Preferences: Sendable {
    /// When a write is answered.
    private(set) var ack: AckLevel?
    /// How long the request may take.
    private(set) var wait: Duration?

    /// Reads a header.
    ///
    /// - Throws: `invalid` for a level or a time that is none.
    init(_ text: String?) throws(HoldfastError) {
        guard let text else { return }
        for preference in text.split(separator: ",") {
            // What stands behind a semicolon are parameters of the preference.
            guard let part = preference.split(separator: ";").first else { continue }
            let pair = part.split(separator: "=", maxSplits: 1).map(Self.trimmed)
            guard let name = pair.first, pair.count == 2 else { continue }
            switch name.lowercased() {
            // Of a preference that is stated twice the first counts.
            case "ack" where ack == nil:
                guard let level = AckLevel(rawValue: pair[1]) else {
                    throw HoldfastError(
                        .invalid, "Prefer: ack is \"\(pair[1].prefix(40))\", expected primary, log or all")
                }
                ack = level
            case "wait" where wait == nil:
                guard let duration = RouteParameter.seconds(pair[1]) else {
                    throw HoldfastError(
                        .invalid,
                        "Prefer: wait is \"\(pair[1].prefix(40))\", expected a number of seconds above zero")
                }
                wait = duration
            default: continue
            }
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while let last = text.last, last == " " || last == "\t" || last == "\"" { text.removeLast() }
        return String(text.drop { $0 == " " || $0 == "\t" || $0 == "\"" })
    }
}

/// The header that names a lock and one acquisition of it: `name;42`.
enum FenceHeader {
    /// Reads a header.
    ///
    /// - Parameter text: the percent-encoded name, a semicolon, a number.
    /// - Returns: the name, decoded, and the number.
    /// - Throws: `invalid`.
    static func parse(_ text: String) throws(HoldfastError) -> (name: String, number: UInt64) {
        guard let end = text.utf8.lastIndex(of: UInt8(ascii: ";")),
            let number = UInt64(text[text.index(after: end)...].drop { $0 == " " }),
            end > text.startIndex
        else {
            throw HoldfastError(
                .invalid,
                "Holdfast-Fence is \"\(text.prefix(80))\", expected the percent-encoded name of a lock, a semicolon and its fence"
            )
        }
        return (try PercentText.decode(segment: text[..<end].utf8), number)
    }
}
