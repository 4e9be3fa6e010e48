public import HoldfastModel

/// A value of `storage.yaml` with the place it came from: a scalar, a sequence or a mapping.
///
/// Opaque outside this module: an `OptionsSchema` turns it into checked options. Printing it shows no secret.
public struct ConfigurationNode: Hashable, Sendable {
    /// The three forms of a value.
    enum Content: Hashable, Sendable {
        case scalar(Scalar)
        case sequence([ConfigurationNode])
        case mapping([Entry])
    }

    /// A single value, before anybody has asked for a type.
    struct Scalar: Hashable, Sendable {
        var text: ProtectedText
        /// Written without quotes, so that it may mean a number, a boolean or null.
        var isPlain: Bool
        /// Taken as it stands: nothing in it is replaced (`!literal`).
        var isLiteral: Bool

        /// Whether the value is given but empty: nothing, `~` or `null`.
        var isNull: Bool {
            isPlain && !text.isHidden && ["", "~", "null", "Null", "NULL"].contains(text.revealed)
        }

        /// Whether a reference in it could not be resolved, which has been reported.
        var isUnresolved: Bool { text.sources.contains(Interpolation.unresolvedSource) }
    }

    /// A key with its value.
    struct Entry: Hashable, Sendable {
        var key: String
        var keyOrigin: ConfigurationOrigin
        var value: ConfigurationNode
    }

    /// Where it was written.
    public let origin: ConfigurationOrigin
    let content: Content

    /// The scalar, where it is one.
    var scalar: Scalar? {
        guard case .scalar(let scalar) = content else { return nil }
        return scalar
    }

    /// The entries, where it is a mapping.
    var entries: [Entry]? {
        guard case .mapping(let entries) = content else { return nil }
        return entries
    }

    /// `{NAME}` without quotes is a mapping to YAML, and a variable to whoever wrote it.
    private static func variableAdvice(_ entries: [Entry]) -> String {
        guard let entry = entries.first, entries.count == 1, entry.value.scalar?.isNull == true,
            Interpolation.isCapitalName(entry.key[...])
        else { return "" }
        return " (for the environment variable write \"${\(entry.key)}\", in quotes)"
    }

    /// The value of a key, where this is a mapping that has it.
    subscript(key: String) -> ConfigurationNode? { entries?.first { $0.key == key }?.value }

    /// A scalar's text for a message, in quotes and without secrets, or the form of anything else.
    var inMessage: String {
        switch content {
        case .scalar(let scalar): scalar.isNull ? "nothing" : scalar.text.inMessage
        case .sequence: "a list"
        case .mapping(let entries): "a mapping\(Self.variableAdvice(entries))"
        }
    }
}

extension ConfigurationNode: CustomStringConvertible, CustomReflectable {
    /// The structure without the values: which of them are secret, only the schema of a plugin knows.
    public var description: String {
        switch content {
        case .scalar: ProtectedText.mask
        case .sequence(let items): "[\(items.map(\.description).joined(separator: ", "))]"
        case .mapping(let entries): "{\(entries.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
        }
    }

    /// One child: the structure without the values.
    public var customMirror: Mirror { Mirror(self, children: ["structure": description]) }
}

/// Where a value came from.
public enum ConfigurationOrigin: Hashable, Sendable, CustomStringConvertible {
    /// A place in a file.
    case file(FileLocation)
    /// An environment variable of this name, which overrides the file.
    case environment(String)
    /// Nobody gave it.
    case `default`

    /// `storage.yaml:12:5`, `environment HOLDFAST_STORAGE_ACK` or `default`.
    public var description: String {
        switch self {
        case .file(let location): location.description
        case .environment(let name): "environment \(name)"
        case .default: "default"
        }
    }
}
