import HoldfastModel
import HoldfastSupport

/// The equality of scans: a top-level member of a JSON value against a JSON scalar.
enum JSONMember {
    /// Whether a value is a JSON object whose member equals a scalar; strings compare unescaped, numbers as written.
    static func equals(_ value: Bytes, field: String, json: Bytes) -> Bool {
        let pointer = "/" + field.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined()
        let text = value.array
        guard let place = try? JSONPointer.place(at: [UInt8](pointer.utf8), in: text) else { return false }
        let found = text[place]
        let wanted = json.array
        guard found.first == UInt8(ascii: "\"") else { return found.elementsEqual(wanted) }
        guard wanted.first == UInt8(ascii: "\""), wanted.count >= 2 else { return false }
        let left = JSONPointer.unescape(found.dropFirst().dropLast())
        return left != nil && left == JSONPointer.unescape(wanted[1..<wanted.count - 1])
    }
}
