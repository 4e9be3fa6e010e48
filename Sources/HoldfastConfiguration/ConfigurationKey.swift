/// A key of `storage.yaml`: its name, what it takes, and what holds when nobody gives it.
///
/// The tables of these keys are the one place where keys, bounds and defaults are written down: the
/// decoding, the
/// messages, the environment overrides and `docs/reference/configuration.md` follow them.
public struct ConfigurationKey: Hashable, Sendable {
    /// What a key takes.
    public enum Kind: Hashable, Sendable {
        /// Any text that is not empty.
        case text
        /// Lower-case letters, digits and hyphens; becomes part of a file name.
        case type
        /// 1 to 64 letters, digits, `-`, `_` and `.`.
        case name
        /// 64 hexadecimal digits.
        case sha256
        /// An address and a port.
        case listen
        /// A whole number in a range.
        case integer(ClosedRange<Int>)
        /// A size with its unit, in a range of bytes.
        case size(ClosedRange<Int>)
        /// A duration with its unit, in a range.
        case duration(ClosedRange<Duration>)
        /// One of some words.
        case choice([String])
        /// A list of texts.
        case texts
        /// A mapping with keys of its own.
        case section
        /// One backend: a provider or a chain.
        case backend
        /// One provider, never a chain.
        case provider
        /// A list of backends.
        case backends
        /// A mapping of namespaces to lists of fields.
        case indexes
        /// A list of retention policies.
        case policies

        /// Whether it is a single value, which an environment variable can give.
        var isScalar: Bool {
            switch self {
            case .texts, .section, .backend, .provider, .backends, .indexes, .policies: false
            default: true
            }
        }
    }

    /// The name, as written in the file.
    public let name: String
    /// See ``Kind-swift.enum``.
    public let kind: Kind
    /// What holds when the key is missing, as it would be written; nothing where there is no such value.
    public let defaultText: String?
    /// Whether the key must be there.
    public let isRequired: Bool
    /// What it is for, in one sentence without a full stop.
    public let summary: String

    init(
        _ name: String, _ kind: Kind, default defaultText: String? = nil, required: Bool = false,
        _ summary: String
    ) {
        self.name = name
        self.kind = kind
        self.defaultText = defaultText
        self.isRequired = required
        self.summary = summary
    }
}

extension ConfigurationKey.Kind: CustomStringConvertible {
    /// What the key takes, in words for a table or a message.
    public var description: String {
        switch self {
        case .text: "a text"
        case .type: "lower-case letters, digits and hyphens"
        case .name: "1 to 64 letters, digits, \"-\", \"_\" and \".\""
        case .sha256: "64 hexadecimal digits"
        case .listen: "address:port"
        case .size(let range):
            "a size, \(SizeText.render(UInt64(range.lowerBound))) to \(SizeText.render(UInt64(range.upperBound)))"
        case .integer(let range): "a whole number, \(range.lowerBound) to \(range.upperBound)"
        case .duration(let range):
            "a duration, \(DurationText.render(range.lowerBound)) to \(DurationText.render(range.upperBound))"
        case .choice(let words): Spelling.either(words)
        case .texts: "a list of texts"
        case .section: "a mapping"
        case .backend: "a provider or a chain"
        case .provider: "a provider"
        case .backends: "a list of providers and chains"
        case .indexes: "a mapping of namespaces to lists of fields"
        case .policies: "a list of policies"
        }
    }
}
