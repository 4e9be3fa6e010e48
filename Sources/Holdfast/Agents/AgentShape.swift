internal import HoldfastModel
internal import HoldfastSupport

/// One JSON object of a caller, whose used members are checked and whose bytes nobody changes.
struct AgentShape {
    let node: JSONNode
    private let noun: String

    /// Reads an object.
    ///
    /// - Parameters:
    ///   - json: what the caller gave.
    ///   - noun: what the caller would call it, such as `message 3`.
    /// - Throws: `invalid` for what is no JSON object.
    init(_ json: Bytes, as noun: String) throws(HoldfastError) {
        self.noun = noun
        do throws(JSONDamage) {
            node = try JSONNode(json.array)
        } catch {
            throw HoldfastError(.invalid, "\(noun) is not JSON: \(error)")
        }
        guard node.kind == .object else {
            throw HoldfastError(.invalid, "\(noun) is no JSON object, expected one")
        }
    }

    /// A member that must be there and be a string.
    func text(_ member: String, such example: String) throws(HoldfastError) -> String {
        guard let text = node[member]?.string else { throw wrong(member, "a string such as \"\(example)\"") }
        return text
    }

    /// A member that must be there, and be the name of something.
    func name(_ member: String, such example: String) throws(HoldfastError) -> String {
        let name = try text(member, such: example)
        guard !name.isEmpty else { throw wrong(member, "a string such as \"\(example)\"") }
        return name
    }

    /// A member that must be there and be a whole number.
    func integer(_ member: String, such example: Int64) throws(HoldfastError) -> Int64 {
        guard let number = node[member]?.integer else {
            throw wrong(member, "a whole number such as \(example)")
        }
        return number
    }

    /// A member that must be there and be an array.
    func array(_ member: String) throws(HoldfastError) -> [JSONNode] {
        guard let value = node[member], value.kind == .array else { throw wrong(member, "an array") }
        return value.elements
    }

    /// A member that must be there and be an object.
    func object(_ member: String, with example: String) throws(HoldfastError) -> JSONNode {
        guard let value = node[member], value.kind == .object else {
            throw wrong(member, "an object such as \(example)")
        }
        return value
    }

    /// What is said of a member that is missing or wrong.
    func wrong(_ member: String, _ expected: String) -> HoldfastError {
        guard let value = node[member] else {
            return HoldfastError(.invalid, "\(noun) has no \"\(member)\", expected \(expected)")
        }
        let found = String(decoding: value.bytes.prefix(60), as: UTF8.self)
        return HoldfastError(.invalid, "\"\(member)\" of \(noun) is \(found), expected \(expected)")
    }
}
