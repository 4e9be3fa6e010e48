package import HoldfastModel
package import HoldfastSupport

/// The members of a caller's JSON object that the domain looks at; all others are none of its business.
package struct JSONMembers: Sendable {
    private let node: JSONNode
    private let noun: String

    /// Reads an object.
    ///
    /// - Parameters:
    ///   - json: what the caller wrote; it is checked, and kept as it is.
    ///   - noun: what it is called in a message, such as "the run".
    /// - Throws: `invalid` for what is no JSON, or no object.
    package init(_ json: Bytes, as noun: String) throws(HoldfastError) {
        self.noun = noun
        do {
            node = try JSONNode(json.array)
        } catch {
            throw HoldfastError(.invalid, "\(noun) is not JSON: \(error)")
        }
        guard node.kind == .object else {
            throw HoldfastError(.invalid, "\(noun) is JSON of the kind \(node.kind), expected an object")
        }
    }

    /// The value of a member, or nothing where it is missing or null.
    package subscript(name: String) -> JSONNode? { node[name].flatMap { $0.isNull ? nil : $0 } }

    /// A member that must be there: a string with at least one character.
    package func text(_ name: String) throws(HoldfastError) -> String {
        guard let text = try optionalText(name), !text.isEmpty else {
            throw HoldfastError(
                .invalid, "\(noun) has no member \"\(name)\", expected a string that is not empty")
        }
        return text
    }

    /// A member that may be missing or null, and is a string if it is there.
    package func optionalText(_ name: String) throws(HoldfastError) -> String? {
        guard let member = self[name] else { return nil }
        guard let text = member.string else {
            throw HoldfastError(.invalid, "\(noun): \"\(name)\" is \(shown(member)), expected a string")
        }
        return text
    }

    /// A member that may be missing or null, and is a point in time if it is there.
    package func optionalTime(_ name: String) throws(HoldfastError) -> Timestamp? {
        guard let text = try optionalText(name) else { return nil }
        guard let time = Timestamp(text) else {
            throw HoldfastError(
                .invalid,
                "\(noun): \"\(name)\" is \"\(text.prefix(60))\", expected a time such as "
                    + "2024-05-15T15:00:00.250Z")
        }
        return time
    }

    /// A member that may be missing or null, and is a whole number from 0 on if it is there.
    package func optionalCount(_ name: String) throws(HoldfastError) -> Int? {
        guard let member = self[name] else { return nil }
        guard let count = member.integer.flatMap({ Int(exactly: $0) }), count >= 0 else {
            throw HoldfastError(
                .invalid, "\(noun): \"\(name)\" is \(shown(member)), expected a whole number from 0 on")
        }
        return count
    }

    /// A member that may be missing or null, and is a number if it is there: as it is written.
    package func optionalNumber(_ name: String) throws(HoldfastError) -> Filter.Scalar? {
        guard let member = self[name] else { return nil }
        guard member.kind == .number else {
            throw HoldfastError(.invalid, "\(noun): \"\(name)\" is \(shown(member)), expected a number")
        }
        return Filter.Scalar(json: Bytes(Array(member.bytes)))
    }

    private func shown(_ member: JSONNode) -> String {
        String(decoding: member.bytes.prefix(60), as: UTF8.self)
    }
}
