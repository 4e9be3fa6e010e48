internal import HoldfastModel
internal import HoldfastSupport

extension JSONNode {
    /// Whether two values are the same, however they are written.
    ///
    /// Objects by their members in any order, of those with one name the last; arrays by their elements; numbers by value;
    /// strings by their characters. Nothing equals a value of another kind.
    func equals(_ other: JSONNode) -> Bool {
        guard kind == other.kind else { return false }
        switch kind {
        case .null: return true
        case .boolean: return boolean == other.boolean
        case .string: return characters == other.characters
        case .number: return JSONNumber(bytes) == JSONNumber(other.bytes)
        case .array:
            let (left, right) = (elements, other.elements)
            return left.count == right.count && zip(left, right).allSatisfy { $0.equals($1) }
        case .object:
            let names = Set(members.map { Bytes($0.name) })
            guard names == Set(other.members.map { Bytes($0.name) }) else { return false }
            return names.allSatisfy { name in
                guard let left = self[name.description],
                    let right = other[name.description]
                else { return false }
                return left.equals(right)
            }
        }
    }
}
