internal import Holdfast
internal import HoldfastConfiguration
internal import HoldfastModel
internal import HoldfastSupport

/// A JSON object of a request, whose members are held against those that are known.
///
/// Values that are stored are taken out byte for byte: they share the memory of the body.
struct BodyObject {
    private let node: JSONNode
    private let whole: Bytes
    /// What it is, for messages: `the body`, `step 3`.
    private let noun: String

    /// Reads a body.
    ///
    /// - Parameters:
    ///   - body: the whole of it; where it is empty, an object without members.
    ///   - members: that are known.
    /// - Throws: `invalid` for what is no JSON object, and for a member that is not known, with the nearest that is.
    init(_ body: Bytes, members: [String]) throws(HoldfastError) {
        let text: Bytes = body.isEmpty ? "{}" : body
        do {
            try self.init(JSONNode(text.array), in: text, "the body", members: members)
        } catch let error as HoldfastError {
            throw error
        } catch {
            throw Self.refusal(of: error)
        }
    }

    private init(
        _ node: JSONNode, in whole: Bytes, _ noun: String, members: [String]
    ) throws(HoldfastError) {
        guard node.kind == .object else {
            throw HoldfastError(.invalid, "\(noun) is \(node.kind), expected an object")
        }
        self.node = node
        self.whole = whole
        self.noun = noun
        for (name, _) in node.members where !members.contains(name) {
            let advice =
                Spelling.nearest(to: name, among: members).map { "did you mean \"\($0)\"?" }
                ?? "expected \(members.joined(separator: ", "))"
            throw HoldfastError(.invalid, "\(noun) has an unknown member \"\(name.prefix(80))\", \(advice)")
        }
    }

    /// Whether there is a member that is not null.
    func has(_ name: String) -> Bool { node[name].map { !$0.isNull } ?? false }

    /// A member, or nothing where it is missing or null.
    private func member(_ name: String) -> JSONNode? { node[name].flatMap { $0.isNull ? nil : $0 } }

    private func wrong(_ name: String, _ found: JSONNode?, _ expected: String) -> HoldfastError {
        let text = found.map { "is \(String(decoding: $0.bytes.prefix(60), as: UTF8.self))" } ?? "is missing"
        return HoldfastError(.invalid, "\(name) of \(noun) \(text), expected \(expected)")
    }

    /// A string that may be missing.
    func string(_ name: String) throws(HoldfastError) -> String? {
        guard let value = member(name) else { return nil }
        guard let text = value.string else { throw wrong(name, value, "a string") }
        return text
    }

    /// A string that must be there.
    func required(_ name: String) throws(HoldfastError) -> String {
        guard let text = try string(name) else { throw wrong(name, nil, "a string") }
        return text
    }

    /// A whole number that may be missing.
    func integer(_ name: String) throws(HoldfastError) -> Int? {
        guard let value = member(name) else { return nil }
        guard let number = value.integer.flatMap({ Int(exactly: $0) }) else {
            throw wrong(name, value, "a whole number")
        }
        return number
    }

    /// `true` or `false`; what is missing is `false`.
    func flag(_ name: String) throws(HoldfastError) -> Bool {
        guard let value = member(name) else { return false }
        guard let flag = value.boolean else { throw wrong(name, value, "true or false") }
        return flag
    }

    /// A number of seconds that may be missing.
    func seconds(_ name: String) throws(HoldfastError) -> Duration? {
        guard let value = member(name) else { return nil }
        let text = value.kind == .number ? String(decoding: value.bytes, as: UTF8.self) : ""
        guard let duration = RouteParameter.seconds(text) else {
            throw wrong(name, value, "a number of seconds above zero")
        }
        return duration
    }

    /// A version or an id that may be missing.
    func version(_ name: String) throws(HoldfastError) -> Version? {
        guard let value = member(name) else { return nil }
        guard let version = value.string.flatMap({ Version($0) }) else {
            throw wrong(name, value, "32 hexadecimal digits in quotes")
        }
        return version
    }

    /// The bytes of a member as they stand in the body.
    func json(_ name: String) -> Bytes? { node[name].map { slice($0) } }

    /// The elements of an array as they stand in the body; nothing where it is missing.
    func elements(_ name: String) throws(HoldfastError) -> [Bytes]? {
        guard let value = member(name) else { return nil }
        guard value.kind == .array else { throw wrong(name, value, "an array") }
        return value.elements.map { slice($0) }
    }

    /// The objects in an array.
    ///
    /// - Parameters:
    ///   - name: of the array, which must be there.
    ///   - noun: what an element is, for messages.
    ///   - members: that are known in each.
    /// - Returns: the objects in their order.
    /// - Throws: `invalid` for what is no array of objects with these members.
    func objects(_ name: String, _ noun: String, members: [String]) throws(HoldfastError) -> [BodyObject] {
        guard let value = member(name), value.kind == .array else {
            throw wrong(name, member(name), "an array")
        }
        var objects: [BodyObject] = []
        for (position, element) in value.elements.enumerated() {
            objects.append(
                try BodyObject(element, in: whole, "\(noun) \(position + 1)", members: members))
        }
        return objects
    }

    /// An object that may be missing.
    func object(_ name: String, members: [String]) throws(HoldfastError) -> BodyObject? {
        try member(name).map { node throws(HoldfastError) in
            try BodyObject(node, in: whole, name, members: members)
        }
    }

    /// The members in the order in which they are written, those that are strings.
    var strings: [(name: String, text: String)] {
        node.members.compactMap { member in member.value.string.map { (member.name, $0) } }
    }

    /// What is to be stored: `value`, JSON as it stands, or `base64`, any bytes; and `ttl`.
    func value() throws(HoldfastError) -> Value {
        let expiry = try seconds("ttl").map { Expiry.after($0) }
        switch (json("value"), try string("base64")) {
        case (let json?, nil): return Value.json(json, expiry: expiry)
        case (nil, let text?):
            guard let bytes = Base64.decode(Array(text.utf8)) else {
                throw HoldfastError(.invalid, "base64 of \(noun) is not base64 with padding")
            }
            return Value.bytes(bytes, expiry: expiry)
        default: throw HoldfastError(.invalid, "\(noun) has neither value nor base64, or both; expected one")
        }
    }

    private func slice(_ node: JSONNode) -> Bytes {
        whole[node.offset..<node.offset + node.bytes.count]
    }

    /// The elements of a body that is an array, as they stand in it; nothing where it is something else.
    static func elements(of body: Bytes) throws(HoldfastError) -> [Bytes]? {
        let first = body.withSpan { span in
            let place = JSONText.skipBlanks(span, from: 0)
            return place < span.count ? span[place] : 0
        }
        guard first == UInt8(ascii: "[") else { return nil }
        do {
            let array = try JSONNode(body.array)
            return array.elements.map { body[$0.offset..<$0.offset + $0.bytes.count] }
        } catch {
            throw Self.refusal(of: error)
        }
    }

    /// The error for a body that is not JSON, saying where it stops being that.
    static func refusal(of damage: any Error) -> HoldfastError {
        HoldfastError(.invalid, "the body is not JSON: \(damage)")
    }
}
