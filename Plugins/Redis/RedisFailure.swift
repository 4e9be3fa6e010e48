private import Glibc
internal import HoldfastProviderKit

/// What an error of the server means to the host.
///
/// Source: the prefixes of errors in Redis 7.0, `server.c` and `networking.c`.
struct RedisFailure: Hashable, Sendable {
    /// The first word, such as `READONLY`.
    let word: String
    /// One sentence, as the server said it.
    let message: String

    /// Our own scripts say so where the data is not what this connection began with.
    static let goneWord = "HFGONE"
    /// Our own scripts say so where a log has another holder, or does not end where it did.
    static let lostWord = "HFLOST"
    /// Our own scripts say so where a log has reached its bound.
    static let fullWord = "HFFULL"

    private static let clusterWords: Set = ["MOVED", "ASK", "CLUSTERDOWN", "CROSSSLOT", "TRYAGAIN"]
    private static let scriptWords: Set = [
        "READONLY", "OOM", "MISCONF", "NOREPLICAS", "WRONGTYPE", "LOADING", "MASTERDOWN", "BUSY", "NOPERM",
        goneWord, lostWord, fullWord,
    ]

    /// Reads an error.
    ///
    /// - Parameters:
    ///   - reply: an error of the server.
    ///   - secrets: what never stands in a message.
    init(_ reply: RedisReply, hiding secrets: [String]) {
        var text = reply.text.split(whereSeparator: \.isNewline).joined(separator: "; ")
        // What follows is what was sent: a password, or a value.
        if let end = Self.place(of: ", with args beginning with", in: text) { text = String(text[..<end]) }
        // Since Redis 7 the digest of a script stands behind what stopped it.
        if let end = Self.place(of: " script: ", in: text),
            text[end...].dropFirst(9).prefix(while: \.isHexDigit).count == 40
        {
            text = String(text[..<end])
        }
        for secret in secrets { text = Self.text(text, hiding: secret) }
        let first = String(text.prefix { $0 != " " })
        // Before Redis 7 a script wraps what stopped it: "ERR Error running script …: -OOM command …".
        let inner = text.split(separator: " ").lazy.filter { $0.hasPrefix("-") }.map {
            String($0.dropFirst())
        }
        .first { Self.scriptWords.contains($0) }
        word = first == "ERR" ? inner ?? first : first
        message = "the server says: \(text.isEmpty ? "an error without a word" : text)"
    }

    /// Says the failure in the words of the host.
    var error: ProviderError {
        switch word {
        case Self.goneWord:
            ProviderError(
                .unavailable, "the data on the server was emptied or replaced under this connection",
                flags: [.retryable, .storeDead])
        case Self.lostWord: Self.lostLog
        case Self.fullWord:
            ProviderError(
                .exhausted, "the log has reached option \"max_size\": \(message)",
                retryAfterMilliseconds: 1000)
        case "LOADING":
            ProviderError(
                .unavailable, message, flags: [.retryable, .storeDead], retryAfterMilliseconds: 500)
        case "READONLY", "MASTERDOWN":
            ProviderError(
                .unavailable, "\(message); it is a replica now", flags: [.retryable, .storeDead],
                retryAfterMilliseconds: 200)
        case "OOM": ProviderError(.exhausted, message, retryAfterMilliseconds: 1000)
        case "BUSY", "MISCONF", "NOREPLICAS", "NOMASTERLINK":
            ProviderError(.unavailable, message, retryAfterMilliseconds: 1000)
        case "NOAUTH": ProviderError(.permission, message, flags: .storeDead)
        case "WRONGPASS", "NOPERM", "DENIED": ProviderError(.permission, message)
        case "WRONGTYPE":
            ProviderError(
                .corrupt, "a key of this backend holds what it did not write: \(message)",
                flags: .maybeApplied)
        case let word where Self.clusterWords.contains(word): Self.cluster
        default: ordinary
        }
    }

    /// A server that is part of a cluster.
    static let cluster = ProviderError(
        .unsupported,
        "the server is part of a Redis Cluster, which is not supported yet: use one server, or several with "
            + "Sentinel")

    /// A log that somebody else has taken, or that has changed under its holder.
    static let lostLog = ProviderError(
        .unavailable, "the log was taken over by another process, or does not end where it did",
        flags: [.retryable, .storeDead])

    private var ordinary: ProviderError {
        let text = message.lowercased()
        func says(_ part: String) -> Bool { Self.place(of: part, in: text) != nil }
        if says("max number of clients") {
            return ProviderError(
                .exhausted, message, flags: [.retryable, .storeDead], retryAfterMilliseconds: 1000)
        }
        if says("invalid password") || says("without any password") || says("no password is set") {
            return ProviderError(.permission, message)
        }
        if says("acl failure in script") || says("the user executing the script can't") {
            return ProviderError(.permission, message)
        }
        if says("db index is out of range") || says("invalid db index") {
            return ProviderError(.invalid, "option \"database\" names none that the server has: \(message)")
        }
        if says("maximum allowed size") || says("invalid bulk length") {
            return ProviderError(.invalid, message, flags: .storeDead)
        }
        if says("unknown command") || says("unknown subcommand") {
            return ProviderError(.unsupported, message)
        }
        return ProviderError(.internal, message)
    }

    // MARK: - Texts

    /// The kernel's words for an `errno`.
    static func reason(_ number: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard unsafe strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func text(_ text: String, hiding secret: String) -> String {
        guard !secret.isEmpty else { return text }
        var result = ""
        var rest = text[...]
        while let start = place(of: secret, in: String(rest)) {
            let copy = String(rest)
            result += copy[..<start] + "***"
            let end = copy.utf8.index(start, offsetBy: secret.utf8.count)
            rest = copy[end...]
        }
        return result + rest
    }

    private static func place(of part: String, in text: String) -> String.Index? {
        let wanted = Array(part.utf8)
        var start = text.utf8.startIndex
        while start != text.utf8.endIndex {
            if text.utf8[start...].starts(with: wanted) { return start }
            text.utf8.formIndex(after: &start)
        }
        return nil
    }
}
