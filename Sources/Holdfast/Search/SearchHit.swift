/// A message that a search has found.
public struct SearchHit: Hashable, Sendable {
    /// The namespace of its list.
    public let namespace: String
    /// The message as it is stored; its key names the session or whatever it belongs to.
    public let item: Item
    /// Where the words stand, at most ``SearchSnippet/countMax`` places.
    public let snippets: [SearchSnippet]
}

/// A part of a string of a message in which words stand that were looked for.
public struct SearchSnippet: Hashable, Sendable {
    /// The most snippets of one message.
    public static let countMax = 3

    /// The JSON pointer of the string inside the message, such as `/content/0/text`.
    ///
    /// Source: RFC 6901.
    public let pointer: String
    /// The part of the string, in one piece.
    public let text: String
    /// Whether the string goes on before the part.
    public let isCutBefore: Bool
    /// Whether the string goes on behind the part.
    public let isCutBehind: Bool
    /// Where the words stand in ``text``, counted in Unicode code points from 0, rising.
    public let marks: [Range<Int>]

    /// The text with signs around each mark, and `…` where it was cut.
    public func marked(_ open: String, _ close: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = isCutBefore ? "…" : ""
        var position = 0
        for mark in marks {
            result.unicodeScalars.append(contentsOf: scalars[position..<mark.lowerBound])
            result += open
            result.unicodeScalars.append(contentsOf: scalars[mark])
            result += close
            position = mark.upperBound
        }
        result.unicodeScalars.append(contentsOf: scalars[position...])
        return isCutBehind ? result + "…" : result
    }
}

/// How a search found its hits.
public enum SearchMethod: String, Hashable, Sendable {
    /// By an index of words, for every namespace that was asked.
    case index
    /// By reading messages, in one namespace at least.
    case scan
}

/// One page of a search.
public struct SearchPage: Sendable {
    /// The hits, newest first, and the cursor of the page behind them.
    public let hits: Page<SearchHit, Cursor>
    /// See ``SearchMethod``; nothing where that is not known here.
    public let searchedBy: SearchMethod?
}
