internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

extension Call {
    /// Whether a header states a condition.
    var isConditional: Bool {
        request.headerFields.value(of: .ifMatch) != nil || request.headerFields.value(of: .ifNoneMatch) != nil
    }

    /// The condition of a write: `If-Match: "<version>"` or `If-None-Match: *`.
    ///
    /// - Throws: `invalid` for another form, or both at once.
    func writeCondition() throws(HoldfastError) -> Condition? {
        switch (header(.ifMatch), header(.ifNoneMatch)) {
        case (nil, nil): return nil
        case (let match?, nil):
            guard let version = Self.version(ofTag: match) else {
                throw HoldfastError(
                    .invalid,
                    "If-Match is \(match.prefix(80)), expected one version in quotes, as ETag has it")
            }
            return .version(version)
        case (nil, let noneMatch?):
            guard noneMatch == "*" else {
                throw HoldfastError(
                    .invalid, "If-None-Match is \(noneMatch.prefix(80)), expected * for a write")
            }
            return .absent
        default:
            throw HoldfastError(.invalid, "If-Match and If-None-Match are both given, expected one")
        }
    }

    /// Whether a reader already has a version: one of those in `If-None-Match`, or `*`.
    func isFresh(_ version: Version) -> Bool {
        guard let tags = header(.ifNoneMatch) else { return false }
        return tags.split(separator: ",").contains { tag in
            let tag = tag.drop { $0 == " " }
            return tag == "*" || Self.version(ofTag: String(tag)) == version
        }
    }

    /// Reads `"<version>"`, weak or not; a version without quotes is forgiven.
    private static func version(ofTag text: String) -> Version? {
        var text = Substring(text)
        if text.hasPrefix("W/") { text = text.dropFirst(2) }
        while text.last == " " { text.removeLast() }
        if text.hasPrefix("\""), text.hasSuffix("\""), text.count >= 2 { text = text.dropFirst().dropLast() }
        return Version(String(text))
    }
}
