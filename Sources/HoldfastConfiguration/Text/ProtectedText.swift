/// A text that knows which of its parts are secret, and prints `***` in their place.
///
/// What came from `${NAME}` or from a secret file is hidden; of literal text the password of a URL and of a
/// connection string is. Neither `print`, `dump`, string interpolation nor a debugger's mirror shows a
/// hidden part.
public struct ProtectedText: Hashable, Sendable {
    /// A run of text from one source.
    enum Segment: Hashable, Sendable {
        case shown(String)
        case hidden(String, source: String)
    }

    private let segments: [Segment]

    init(segments: [Segment]) { self.segments = segments }

    /// Makes a text that is shown, except for passwords in it.
    public init(_ text: String) { segments = [.shown(text)] }

    /// Makes a text of which nothing is shown.
    ///
    /// - Parameters:
    ///   - text: the real text.
    ///   - source: where it came from, for messages: `${NAME}`, `file:/path`.
    public init(hidden text: String, source: String) { segments = [.hidden(text, source: source)] }

    /// What stands in place of a secret.
    public static let mask = "***"

    /// The real text, secrets included.
    ///
    /// Never for a message, a log or a report.
    public var revealed: String {
        segments.map { segment in
            switch segment {
            case .shown(let text), .hidden(let text, _): text
            }
        }.joined()
    }

    /// Whether a part of it is hidden.
    public var isHidden: Bool { !sources.isEmpty }

    /// Where the hidden parts came from.
    public var sources: [String] {
        segments.compactMap { segment in
            guard case .hidden(_, let source) = segment else { return nil }
            return source
        }
    }

    /// The text for a message: in quotes, short, without secrets.
    var inMessage: String {
        let shown = description
        if shown == Self.mask, let source = sources.first { return "(the value of \(source))" }
        let isLong = shown.count > Self.messageCharacterCountMax
        let text = isLong ? shown.prefix(Self.messageCharacterCountMax) + "…" : shown[...]
        return "\"\(text.map { $0.isNewline ? " " : String($0) }.joined())\""
    }

    private static let messageCharacterCountMax = 60
}

extension ProtectedText: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The text with `***` in place of what is secret.
    public var description: String {
        let masked = segments.map { segment in
            switch segment {
            case .shown(let text): text
            case .hidden: Self.mask
            }
        }.joined()
        return PasswordMask.apply(to: masked)
    }

    /// The same as ``description``.
    public var debugDescription: String { description }

    /// One child: the redacted text.
    public var customMirror: Mirror { Mirror(self, children: ["redacted": description]) }
}
