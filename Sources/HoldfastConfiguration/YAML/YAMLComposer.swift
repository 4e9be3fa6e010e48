internal import HoldfastModel

/// Builds nodes of the events of one YAML document, within fixed bounds.
///
/// Refuses what makes a configuration ambiguous or dangerous: duplicate keys, a second document, aliases
/// that grow
/// beyond the bounds ("billion laughs"), merge keys and tags other than `!!str` and `!literal`.
struct YAMLComposer: ~Copyable {
    /// The deepest nesting of sequences and mappings.
    static let depthMax = 32
    /// The most nodes, those behind aliases counted each time they are used.
    static let nodeCountMax = 10_000
    /// The longest text, in bytes.
    static let byteCountMax = 1 << 20

    private let file: String
    private let findings: ConfigurationFindings
    private var reader: YAMLEventReader
    private var anchors: [String: (node: ConfigurationNode, nodeCount: Int)] = [:]
    private var openAnchors: Set<String> = []
    private var nodeCount = 0

    /// Reads the one document of a text.
    ///
    /// - Parameters:
    ///   - bytes: the text as it came from the file.
    ///   - file: its name for locations.
    ///   - findings: takes the errors; duplicate keys and the like do not end the reading.
    /// - Returns: the root node; nothing where the text is not YAML, which `findings` then says.
    static func compose(
        _ bytes: [UInt8], file: String, findings: ConfigurationFindings
    ) -> ConfigurationNode? {
        do throws(HoldfastError) {
            let text = try YAMLText(bytes, file: file)
            do throws(YAMLSyntaxProblem) {
                var composer = try YAMLComposer(text.bytes, file: file, findings: findings)
                return try composer.document()
            } catch {
                throw YAMLSyntaxAdvice.error(for: error, in: text, file: file)
            }
        } catch {
            findings.add(
                error.message, at: .file(error.location ?? FileLocation(file: file, line: 1, column: 1)))
            return nil
        }
    }

    private init(
        _ bytes: [UInt8], file: String, findings: ConfigurationFindings
    ) throws(YAMLSyntaxProblem) {
        self.file = file
        self.findings = findings
        reader = try YAMLEventReader(bytes)
    }

    private mutating func document() throws(YAMLSyntaxProblem) -> ConfigurationNode? {
        _ = try reader.next()
        let start = try reader.next()
        guard case .documentStart = start.kind else {
            throw problem("the file is empty, expected at least the key \"storage\"", at: .start)
        }
        let root = try node(for: try reader.next(), depth: 0)
        _ = try reader.next()
        let end = try reader.next()
        if case .documentStart = end.kind {
            throw problem("a second document begins here, expected one document in the file", at: end.mark)
        }
        return root
    }

    private mutating func node(for event: YAMLEvent, depth: Int) throws(YAMLSyntaxProblem)
        -> ConfigurationNode
    {
        if case .alias(let name) = event.kind { return try resolve(alias: name, at: event.mark) }
        try count(1, at: event.mark)
        let countBefore = nodeCount
        let anchor: String?
        let content: ConfigurationNode.Content
        switch event.kind {
        case .scalar(let name, let tag, let text, let isPlain):
            anchor = name
            content = .scalar(scalar(text, tag: tag, isPlain: isPlain, at: event.mark))
        case .sequenceStart(let name, let tag):
            anchor = name
            refuse(tag: tag, at: event.mark)
            content = .sequence(try items(anchor: anchor, depth: depth + 1, at: event.mark))
        case .mappingStart(let name, let tag):
            anchor = name
            refuse(tag: tag, at: event.mark)
            content = .mapping(try entries(anchor: anchor, depth: depth + 1, at: event.mark))
        default:
            throw problem("the file ends in the middle of a value", at: event.mark)
        }
        let node = ConfigurationNode(origin: origin(event.mark), content: content)
        if let anchor { anchors[anchor] = (node, nodeCount - countBefore + 1) }
        return node
    }

    private mutating func items(
        anchor: String?, depth: Int, at mark: YAMLMark
    ) throws(YAMLSyntaxProblem) -> [ConfigurationNode] {
        try enter(anchor: anchor, depth: depth, at: mark)
        var items: [ConfigurationNode] = []
        while true {
            let event = try reader.next()
            if case .sequenceEnd = event.kind { break }
            items.append(try node(for: event, depth: depth))
        }
        leave(anchor: anchor)
        return items
    }

    private mutating func entries(
        anchor: String?, depth: Int, at mark: YAMLMark
    ) throws(YAMLSyntaxProblem) -> [ConfigurationNode.Entry] {
        try enter(anchor: anchor, depth: depth, at: mark)
        var entries: [ConfigurationNode.Entry] = []
        var firstLines: [String: Int] = [:]
        while true {
            let event = try reader.next()
            if case .mappingEnd = event.kind { break }
            let keyNode = try node(for: event, depth: depth)
            let value = try node(for: try reader.next(), depth: depth)
            guard let key = key(of: keyNode, at: event.mark) else { continue }
            if let line = firstLines[key] {
                findings.add("duplicate key \"\(key)\", first given on line \(line)", at: origin(event.mark))
                continue
            }
            firstLines[key] = event.mark.line
            entries.append(.init(key: key, keyOrigin: origin(event.mark), value: value))
        }
        leave(anchor: anchor)
        return entries
    }

    private func key(of node: ConfigurationNode, at mark: YAMLMark) -> String? {
        guard let scalar = node.scalar else {
            findings.add(
                "\(node.inMessage) stands where a key is expected, expected a name", at: origin(mark))
            return nil
        }
        let key = scalar.text.revealed
        guard !key.isEmpty else {
            findings.add("a key is empty, expected a name before the colon", at: origin(mark))
            return nil
        }
        guard key != "<<" || !scalar.isPlain else {
            findings.add(
                "merge keys (\"<<\") are not supported, expected the keys themselves", at: origin(mark))
            return nil
        }
        return key
    }

    private func scalar(
        _ text: String, tag: String?, isPlain: Bool, at mark: YAMLMark
    ) -> ConfigurationNode.Scalar {
        var isLiteral = false
        var isPlain = isPlain
        switch tag {
        case nil: break
        case "tag:yaml.org,2002:str": isPlain = false
        case "!literal":
            isPlain = false
            isLiteral = true
        default: refuse(tag: tag, at: mark)
        }
        return .init(text: ProtectedText(text), isPlain: isPlain, isLiteral: isLiteral)
    }

    private func refuse(tag: String?, at mark: YAMLMark) {
        guard tag != nil else { return }
        findings.add(
            "a tag is not supported here, expected no tag, !!str or !literal before a text; "
                + "a text that begins with ! stands in quotes",
            at: origin(mark))
    }

    private mutating func resolve(alias name: String, at mark: YAMLMark) throws(YAMLSyntaxProblem)
        -> ConfigurationNode
    {
        if openAnchors.contains(name) {
            throw problem("the alias *\(name) stands inside its own anchor", at: mark)
        }
        guard let anchored = anchors[name] else {
            // It may be a secret that was meant as a text: only a name that is an anchor's, nearly, is shown.
            let nearest =
                Spelling.nearest(to: name, among: Array(anchors.keys))
                .map { "the alias *\(name) has no anchor &\(name) before it, did you mean *\($0)" }
            throw problem(
                nearest ?? "an alias has no anchor before it; a text that begins with * stands in quotes",
                at: mark)
        }
        try count(anchored.nodeCount, at: mark)
        return anchored.node
    }

    private mutating func count(_ count: Int, at mark: YAMLMark) throws(YAMLSyntaxProblem) {
        nodeCount += count
        guard nodeCount <= Self.nodeCountMax else {
            throw problem(
                "the file has more than \(Self.nodeCountMax) values, those behind aliases counted each time",
                at: mark)
        }
    }

    private mutating func enter(anchor: String?, depth: Int, at mark: YAMLMark) throws(YAMLSyntaxProblem) {
        guard depth <= Self.depthMax else {
            throw problem("values are nested more than \(Self.depthMax) deep", at: mark)
        }
        if let anchor { openAnchors.insert(anchor) }
    }

    private mutating func leave(anchor: String?) {
        if let anchor { openAnchors.remove(anchor) }
    }

    private func origin(_ mark: YAMLMark) -> ConfigurationOrigin {
        .file(FileLocation(file: file, line: mark.line, column: mark.column))
    }

    private func problem(_ text: String, at mark: YAMLMark) -> YAMLSyntaxProblem {
        YAMLSyntaxProblem(problem: text, context: YAMLSyntaxProblem.ownContext, mark: mark, contextMark: nil)
    }
}
