/// Reads the values of one mapping by its table of keys.
///
/// Never throws: what is wrong goes to the findings, with the place, and the default stands in, so that one
/// reading
/// finds every error of a file. Each value that holds is recorded with its origin.
struct SectionReader {
    /// Where the mapping stands, such as `storage.breaker`; empty for the top of the file.
    let path: String
    /// Where the mapping is written; `default` where it is absent.
    let origin: ConfigurationOrigin
    let findings: ConfigurationFindings
    private let keys: [ConfigurationKey]
    private let entries: [ConfigurationNode.Entry]
    private let acceptsOthers: Bool

    /// Opens a mapping; nothing where the node is none, which the findings then say.
    ///
    /// - Parameters:
    ///   - node: the mapping; nothing where it is absent, so that every key has its default.
    ///   - path: where it stands.
    ///   - keys: the table; a key that is not in it is an error, and a missing required one.
    ///   - findings: takes the errors and the values that hold.
    ///   - acceptsOthers: leaves keys outside the table to a plugin.
    init?(
        _ node: ConfigurationNode?, path: String, keys: [ConfigurationKey], findings: ConfigurationFindings,
        acceptsOthers: Bool = false
    ) {
        self.path = path
        self.keys = keys
        self.findings = findings
        self.acceptsOthers = acceptsOthers
        origin = node?.origin ?? .default
        guard let node else {
            entries = []
            return
        }
        guard let entries = node.entries else {
            let place = path.isEmpty ? "the file" : path
            findings.add(
                "\(place) is \(node.inMessage), expected a mapping with the keys \(keys.names)",
                at: node.origin)
            return nil
        }
        self.entries = entries
        if !acceptsOthers {
            for entry in entries where !keys.contains(where: { $0.name == entry.key }) {
                let advice = Spelling.advice(for: entry.key, among: keys.map(\.name))
                findings.add("unknown key \"\(entry.key)\"\(place)\(advice)", at: entry.keyOrigin)
            }
        }
    }

    /// The keys that are not in the table.
    var others: [ConfigurationNode.Entry] {
        entries.filter { entry in !keys.contains { $0.name == entry.key } }
    }

    /// Says that a required key is missing.
    func reportMissing(_ name: String, advice: String) {
        let isMisspelt = others.contains { Spelling.nearest(to: $0.key, among: keys.map(\.name)) == name }
        // With a key of the table in mind, the misspelt one has been reported, with this name as the advice.
        guard !isMisspelt || acceptsOthers else { return }
        findings.add("missing key \"\(name)\"\(place), \(advice)", at: origin)
    }

    /// The entry of a key, given and not empty.
    func entry(_ name: String) -> ConfigurationNode.Entry? {
        guard let entry = entries.first(where: { $0.key == name }) else { return nil }
        if let scalar = entry.value.scalar, scalar.isNull {
            findings.add("\(name) has no value, expected \(key(name).kind)", at: entry.value.origin)
            return nil
        }
        return entry
    }

    /// The entry of a key as it is given, of whatever form.
    func given(_ name: String) -> ConfigurationNode.Entry? { entries.first { $0.key == name } }

    /// Whether a key is given, with or without a value.
    func has(_ name: String) -> Bool { given(name) != nil }

    /// The path of a key below this section.
    func path(of name: String) -> String { path.isEmpty ? name : "\(path).\(name)" }

    /// A duration.
    func duration(_ name: String) -> Duration {
        value(name, fallback: .zero) { text, kind throws(ValueProblem) in
            let duration = try DurationText.parse(text)
            if case .duration(let range) = kind, !range.contains(duration) {
                throw ValueProblem("is out of range, expected \(kind)")
            }
            return (duration, .string(DurationText.render(duration)))
        }
    }

    /// A whole number.
    func integer(_ name: String) -> Int {
        value(name, fallback: 0) { text, kind throws(ValueProblem) in
            guard case .integer(let range) = kind, let number = Int(text) else {
                throw ValueProblem("is not a number, expected \(kind)")
            }
            guard range.contains(number) else { throw ValueProblem("is out of range, expected \(kind)") }
            return (number, .integer(number))
        }
    }

    /// A size in bytes.
    func size(_ name: String) -> Int {
        value(name, fallback: 0) { text, kind throws(ValueProblem) in
            guard case .size(let range) = kind else { throw ValueProblem("is no size, expected \(kind)") }
            guard let count = Int(exactly: try SizeText.parse(text)), range.contains(count) else {
                throw ValueProblem("is out of range, expected \(kind)")
            }
            return (count, .string(SizeText.render(UInt64(count))))
        }
    }

    /// One of the words of an enumeration.
    func choice<Word: RawRepresentable & CaseIterable>(
        _ name: String, _ fallback: Word
    ) -> Word where Word.RawValue == String {
        value(name, fallback: fallback) { text, kind throws(ValueProblem) in
            guard let word = Word(rawValue: text) else {
                let words = Word.allCases.map(\.rawValue)
                let near = Spelling.nearest(to: text, among: words).map { ", did you mean \"\($0)\"?" }
                throw ValueProblem("is not known\(near ?? ", expected \(Spelling.either(words))")")
            }
            return (word, .string(text))
        }
    }

    /// A text in the form that its key asks for.
    func text(_ name: String) -> String? {
        value(name, fallback: nil) { text, kind throws(ValueProblem) in
            guard TextForm.holds(text, for: kind) else {
                throw ValueProblem("is not right, expected \(kind)")
            }
            return (text, .string(text))
        }
    }

    private var place: String { path.isEmpty ? "" : " in \(path)" }

    private func key(_ name: String) -> ConfigurationKey {
        guard let key = keys.first(where: { $0.name == name }) else {
            preconditionFailure("the key \(name) is missing from its table in ConfigurationKeys")
        }
        return key
    }

    private func value<Value>(
        _ name: String, fallback: Value,
        parse: (String, ConfigurationKey.Kind) throws(ValueProblem) -> (Value, JSONValue)
    ) -> Value {
        let key = key(name)
        let entry = entry(name)
        do throws(ValueProblem) {
            guard let entry else {
                guard let text = key.defaultText else { return fallback }
                let (value, json) = try parse(text, key.kind)
                if !has(name) { findings.record(path(of: name), json, from: .default) }
                return value
            }
            guard let scalar = entry.value.scalar else {
                findings.add(
                    "\(name) is \(entry.value.inMessage), expected \(key.kind)", at: entry.value.origin)
                return fallback
            }
            let (value, json) = try parse(scalar.text.revealed, key.kind)
            let shown: JSONValue = scalar.text.isHidden ? .string(scalar.text.description) : json
            findings.record(path(of: name), shown, from: entry.value.origin)
            return value
        } catch {
            guard let entry else {
                preconditionFailure("the default of \(name) is not valid: it \(error.text)")
            }
            // A reference that was not resolved has its own error already.
            if entry.value.scalar?.isUnresolved != true {
                findings.add("\(name) \(entry.value.inMessage) \(error.text)", at: entry.value.origin)
            }
            return fallback
        }
    }
}

extension [ConfigurationKey] {
    /// The names, separated by commas.
    var names: String { map(\.name).joined(separator: ", ") }
}
