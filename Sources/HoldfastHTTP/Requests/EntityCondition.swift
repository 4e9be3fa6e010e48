internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// The tags of an `If-Match`, which hold where one of them is that of what is stored.
///
/// Weak tags never do: they name no exact bytes.
///
/// Source: RFC 9110, sections 8.8.3 and 13.1.1.
struct MatchTags: Sendable {
    /// Whether anything that is stored will do: `*`.
    let isAny: Bool
    /// The tags as they came.
    let texts: [String]
    /// The versions that are named; tags that this daemon never gave out are left out.
    let versions: [Version]

    /// A version that nothing has.
    static let never = Version("00000000000000000000000000000001") ?? .zero

    /// Reads a header.
    ///
    /// - Throws: `invalid` for an empty one.
    init(_ text: String) throws(HoldfastError) {
        let tags = text.split(separator: ",").map(Call.trimmed).filter { !$0.isEmpty }
        guard !tags.isEmpty else {
            throw HoldfastError(
                .invalid, "If-Match is empty, expected versions in quotes, as ETag has them, or *")
        }
        texts = tags
        isAny = tags.contains("*")
        versions = tags.compactMap { $0.hasPrefix("W/") ? nil : Call.version(ofTag: $0) }
    }

    /// Whether they hold for a version that is stored.
    func match(_ version: Version) -> Bool { isAny || versions.contains(version) }

    /// The version that a write expects first; one that nothing has where none is named.
    var first: Version { versions.first ?? Self.never }
}

extension Call {
    /// The condition of a write: `If-Match` with versions or `*`, or `If-None-Match: *`.
    ///
    /// Of several versions, and of `*`, it is the one that ``answer()`` tries.
    ///
    /// - Throws: `invalid` for another form, or both at once.
    func writeCondition() throws(HoldfastError) -> Condition? {
        switch (header(.ifMatch), header(.ifNoneMatch)) {
        case (nil, nil): return nil
        case (let match?, nil):
            let first = try MatchTags(match).first
            return .version(candidate ?? first)
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

    /// What the route answers, with `If-Match` held against what is stored.
    ///
    /// A write is tried with one version; where another of those named is stored, it is tried again with that.
    ///
    /// - Throws: what the route throws.
    func answer() async throws(HoldfastError) -> Reply {
        guard let text = header(.ifMatch), request.method != .get, request.method != .head else {
            return try await route.handler(self)
        }
        let tags = try MatchTags(text)
        var call = self
        for _ in 0..<Self.attemptCountMax {
            do {
                return try await route.handler(call)
            } catch {
                guard error.code == .conflict, let current = error.current, !current.isZero,
                    current != call.candidate ?? tags.first, tags.match(current)
                else { throw error }
                call = call.trying(current)
            }
        }
        return try await route.handler(call)
    }

    /// How often a write is tried whose condition many versions fulfil.
    private static let attemptCountMax = 8

    /// Whether a read may be answered: `If-Match` names what was read.
    ///
    /// - Throws: `conflict` with the version that is stored.
    func checkMatch(of reply: Reply) throws(HoldfastError) {
        guard let text = header(.ifMatch), request.method == .get || request.method == .head else { return }
        let tags = try MatchTags(text)
        // What is refused for another reason stays refused for that.
        guard reply.status == .ok || reply.status == .notModified, !tags.isAny else { return }
        let tag = reply.headers.value(of: .eTag)
        guard let tag, tags.texts.contains(tag) else {
            throw HoldfastError(
                .conflict, "If-Match names no version that is stored", current: tag.flatMap(Self.version))
        }
    }

    /// Whether a reader already has a version: one of those in `If-None-Match`, or `*`.
    func isFresh(_ version: Version) -> Bool {
        guard let tags = header(.ifNoneMatch) else { return false }
        return tags.split(separator: ",").contains { tag in
            let tag = Self.trimmed(tag)
            return tag == "*" || Self.version(ofTag: tag) == version
        }
    }

    /// Whether a reader already has a page.
    func isFresh(_ tag: PageTag) -> Bool {
        guard let tags = header(.ifNoneMatch) else { return false }
        return tags.split(separator: ",").contains { part in
            let part = Self.trimmed(part)
            return part == "*" || part == tag.text || part == "W/" + tag.text
        }
    }

    fileprivate static func trimmed(_ text: Substring) -> String {
        var text = text.drop { $0 == " " || $0 == "\t" }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }

    /// Reads `"<version>"`, weak or not; a version without quotes is forgiven.
    ///
    /// The tag of a page says its list's last id.
    fileprivate static func version(ofTag text: String) -> Version? {
        var text = Substring(text)
        if text.hasPrefix("W/") { text = text.dropFirst(2) }
        if text.hasPrefix("\""), text.hasSuffix("\""), text.count >= 2 { text = text.dropFirst().dropLast() }
        return Version(String(text.prefix { $0 != "." }))
    }
}
