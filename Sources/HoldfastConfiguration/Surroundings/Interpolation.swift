internal import HoldfastModel

/// Replaces what stands for something else in the values of a file: `${NAME}`, `{NAME}`, `file:/path`.
///
/// Works on values, never on the text of the file, so that no value can change the structure of the file:
/// - `${NAME}` anywhere in a value: the environment variable; an error where it is not set.
/// - `${NAME:-default}`: the same, with a default for a variable that is not set or empty.
/// - `$${`: a literal `${`.
/// - `{NAME}`, capitals, as the whole value: the same as `${NAME}`.
/// - `file:/path` or `file:./path`, as the whole value: the contents of the file, less one line end.
/// - `!literal` before a value: nothing in it is replaced.
struct Interpolation {
    private let surroundings: Surroundings
    private let directory: String
    private let findings: ConfigurationFindings

    /// The source of a value whose reference could not be resolved, so that nobody reports it twice.
    static let unresolvedSource = "an unresolved reference"

    /// The longest secret, in bytes.
    private static let secretByteCountMax = 64 << 10

    /// Prepares to resolve the values of a file in a directory, which relative secret files begin at.
    init(surroundings: Surroundings, directory: String, findings: ConfigurationFindings) {
        self.surroundings = surroundings
        self.directory = directory
        self.findings = findings
    }

    /// Resolves every scalar of a tree; one that cannot be resolved becomes empty, and `findings` says why.
    func resolve(_ node: ConfigurationNode) -> ConfigurationNode {
        let content: ConfigurationNode.Content =
            switch node.content {
            case .scalar(let scalar): .scalar(resolve(scalar, at: node.origin))
            case .sequence(let items): .sequence(items.map(resolve))
            case .mapping(let entries):
                .mapping(
                    entries.map { .init(key: $0.key, keyOrigin: $0.keyOrigin, value: resolve($0.value)) })
            }
        return ConfigurationNode(origin: node.origin, content: content)
    }

    private func resolve(
        _ scalar: ConfigurationNode.Scalar, at origin: ConfigurationOrigin
    ) -> ConfigurationNode.Scalar {
        guard !scalar.isLiteral else { return scalar }
        let text = scalar.text.revealed
        var resolved = scalar
        do throws(HoldfastError) {
            if let path = Self.secretPath(text) {
                resolved.text = try secret(path, at: origin)
            } else if let name = Self.wholeName(text) {
                resolved.text = ProtectedText(segments: [try variable(name, default: nil)])
            } else if text.contains("${") {
                resolved.text = ProtectedText(segments: try segments(of: text))
            }
        } catch {
            findings.add(error.message, at: origin, code: error.code)
            resolved.text = ProtectedText(hidden: "", source: Self.unresolvedSource)
        }
        return resolved
    }

    private static func secretPath(_ text: String) -> String? {
        guard text.hasPrefix("file:/") || text.hasPrefix("file:./") else { return nil }
        return String(text.dropFirst("file:".count))
    }

    private static func wholeName(_ text: String) -> String? {
        guard text.hasPrefix("{"), text.hasSuffix("}") else { return nil }
        let name = text.dropFirst().dropLast()
        return isCapitalName(name) ? String(name) : nil
    }

    /// Whether a text can be the name of a variable by itself, without `$`.
    static func isCapitalName(_ text: Substring) -> Bool { isName(text) && text == text.uppercased() }

    private static func isName(_ text: Substring) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
    }

    private func segments(of text: String) throws(HoldfastError) -> [ProtectedText.Segment] {
        var segments: [ProtectedText.Segment] = []
        var shown = ""
        var rest = text[...]
        while let first = rest.first {
            if rest.hasPrefix("$${") {
                shown += "${"
                rest = rest.dropFirst(3)
            } else if rest.hasPrefix("${") {
                guard let end = rest.firstIndex(of: "}") else {
                    throw HoldfastError(
                        .invalid, "\"${\" is not closed, expected ${NAME}, or $${ for a literal \"${\"")
                }
                if !shown.isEmpty { segments.append(.shown(shown)) }
                shown = ""
                segments.append(try reference(rest[rest.index(rest.startIndex, offsetBy: 2)..<end]))
                rest = rest[rest.index(after: end)...]
            } else {
                shown.append(first)
                rest = rest.dropFirst()
            }
        }
        if !shown.isEmpty { segments.append(.shown(shown)) }
        return segments
    }

    private func reference(_ text: Substring) throws(HoldfastError) -> ProtectedText.Segment {
        let name = text.prefix { $0 != ":" }
        let rest = text[name.endIndex...]
        guard Self.isName(name), rest.isEmpty || rest.hasPrefix(":-") else {
            // What follows the name may be a secret that stands in the wrong place.
            let shown = text.prefix { Self.isName("N\($0)") }
            let ending = shown.endIndex == text.endIndex ? "" : "…"
            throw HoldfastError(
                .invalid,
                "${\(shown)\(ending)} is not a reference to a variable, expected ${NAME} or ${NAME:-default}")
        }
        return try variable(String(name), default: rest.isEmpty ? nil : String(rest.dropFirst(2)))
    }

    private func variable(_ name: String, default fallback: String?) throws(HoldfastError)
        -> ProtectedText.Segment
    {
        let value = surroundings.variables[name]
        if let fallback {
            return .hidden(value.flatMap { $0.isEmpty ? nil : $0 } ?? fallback, source: "${\(name)}")
        }
        if let value { return .hidden(value, source: "${\(name)}") }
        let near = Spelling.nearest(to: name, among: Array(surroundings.variables.keys))
        let advice = near.map { ", did you mean ${\($0)}?" } ?? ", set it or write ${\(name):-default}"
        throw HoldfastError(.invalid, "the environment variable \(name) is not set\(advice)")
    }

    private func secret(_ path: String, at origin: ConfigurationOrigin) throws(HoldfastError) -> ProtectedText
    {
        let absolute = Surroundings.absolute(path, in: directory)
        let contents: FileContents
        do throws(HoldfastError) {
            contents = try surroundings.readFile(absolute, Self.secretByteCountMax)
        } catch {
            throw HoldfastError(error.code, "cannot read the secret file \(absolute): \(error.message)")
        }
        guard contents.mode & 0o002 == 0 else {
            throw HoldfastError(
                .permission, "the secret file \(absolute) can be written by everybody, expected chmod 600")
        }
        // Containers mount their secrets readable for all of the container, so this is no error.
        let isMounted = absolute.hasPrefix("/run/secrets/") || absolute.hasPrefix("/var/run/secrets/")
        if contents.mode & 0o004 != 0, !isMounted {
            findings.warn(
                "the secret file \(absolute) can be read by everybody, expected chmod 600", at: origin)
        }
        var bytes = contents.bytes[...]
        if bytes.last == UInt8(ascii: "\n") { bytes = bytes.dropLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes = bytes.dropLast() }
        guard let text = String(validating: bytes, as: UTF8.self), !text.utf8.contains(0) else {
            throw HoldfastError(.invalid, "the secret file \(absolute) is not text in UTF-8")
        }
        guard !text.isEmpty else { throw HoldfastError(.invalid, "the secret file \(absolute) is empty") }
        return ProtectedText(hidden: text, source: "file:\(path)")
    }
}
