internal import HoldfastModel
internal import HoldfastSupport

/// Adds the content of one message to another without taking either apart.
enum MessageMerge {
    /// The first message with the content of both, or nothing where that would lose a part of the second.
    ///
    /// Texts are joined by an empty line; lists of blocks follow each other; a text beside blocks becomes a block. Every
    /// other member of the second must be one of the first, byte for byte.
    static func merged(_ first: Bytes, _ second: Bytes) -> Bytes? {
        guard let left = try? JSONNode(first.array), let right = try? JSONNode(second.array),
            left.kind == .object, right.kind == .object
        else { return nil }
        for name in ["content", "parts"] {
            guard let base = left[name], let addition = right[name] else { continue }
            guard holdsRest(of: right, but: name, left), let joined = joined(base, addition) else {
                return nil
            }
            let text = first.array
            return Bytes(
                Array(text[..<base.offset]) + joined + Array(text[(base.offset + base.bytes.count)...]))
        }
        return nil
    }

    private static func holdsRest(of node: JSONNode, but name: String, _ other: JSONNode) -> Bool {
        node.members.allSatisfy { member in
            member.name == name || other[member.name].map { $0.bytes == member.value.bytes } == true
        }
    }

    private static func joined(_ left: JSONNode, _ right: JSONNode) -> [UInt8]? {
        switch (left.kind, right.kind) {
        case (.string, .string):
            Array(left.bytes.dropLast()) + Array(#"\n\n"#.utf8) + Array(right.bytes.dropFirst())
        case (.array, .array): list(left.elements.map(\.bytes) + right.elements.map(\.bytes))
        case (.string, .array):
            block(left, like: right).map { list([$0[...]] + right.elements.map(\.bytes)) }
        case (.array, .string):
            block(right, like: left).map { list(left.elements.map(\.bytes) + [$0[...]]) }
        default: nil
        }
    }

    private static func list(_ elements: [ArraySlice<UInt8>]) -> [UInt8] {
        var writer = JSONWriter()
        writer.array { array in for element in elements { array.value(json: element) } }
        return writer.bytes
    }

    /// A text as a block of the kind that stands beside it; of an unknown kind there is none.
    private static func block(_ text: JSONNode, like blocks: JSONNode) -> [UInt8]? {
        let texts = blocks.elements.filter { $0["text"] != nil }
        guard let model = texts.first ?? blocks.elements.first else { return nil }
        let kind = model["type"]?.string
        guard kind != nil || model["text"] != nil else { return nil }
        var writer = JSONWriter()
        writer.object { object in
            object.member("type", texts.isEmpty ? "text" : kind)
            object.member("text", json: text.bytes)
        }
        return writer.bytes
    }
}
