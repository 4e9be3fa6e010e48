extension JSONNode {
    /// Whether two texts stand for one value.
    ///
    /// Members are compared by name, whatever their order, of those with one name the last; numbers by their value, of any
    /// length; strings by their characters.
    package func isSameValue(as other: JSONNode) -> Bool {
        guard kind == other.kind else { return false }
        switch kind {
        case .null: return true
        case .boolean: return boolean == other.boolean
        case .number: return bytes == other.bytes || number == other.number
        case .string: return characters == other.characters
        case .array:
            let (left, right) = (elements, other.elements)
            return left.count == right.count && zip(left, right).allSatisfy { $0.isSameValue(as: $1) }
        case .object:
            let names = Set(members.map(\.name))
            guard names == Set(other.members.map(\.name)) else { return false }
            return names.allSatisfy { name in
                guard let left = self[name], let right = other[name] else { return false }
                return left.isSameValue(as: right)
            }
        }
    }

    /// Exact; a double would take 2^53 and 2^53 + 1 for one.
    private var number: JSONNumber { JSONNumber(0..<bytes.count, in: Array(bytes).span) }
}
