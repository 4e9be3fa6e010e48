internal import HoldfastModel

/// A key that is made of several names, such as user, session and agent.
///
/// Names are joined with `/`. A `/` in a name becomes `%2F`, a `%` becomes `%25`, a NUL `%00`: so no two lists of names
/// have one key, no name can reach into another's keys, and everything below a name is one prefix scan. An empty name
/// stays empty.
package struct CompositeKey: Hashable, Sendable {
    /// The key.
    package let text: String

    /// Makes a key of at least one name.
    ///
    /// - Parameter names: the outermost first.
    package init(_ names: String...) { self.init(names) }

    /// Makes a key of names.
    ///
    /// - Parameter names: at least one, the outermost first.
    package init(_ names: [String]) { text = names.map(Self.escaped).joined(separator: "/") }

    /// What every key below this one begins with, and no other key.
    package var prefix: String { text + "/" }

    /// The names that a key was made of.
    ///
    /// - Parameter key: a key as it is stored.
    /// - Returns: at least one name, the outermost first.
    /// - Throws: `corrupt` for a key that was not made of names.
    package static func names(of key: String) throws(HoldfastError) -> [String] {
        var names: [String] = []
        for part in key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            var name: [UInt8] = []
            var rest = part
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "%") else {
                    name.append(byte)
                    continue
                }
                let code = rest.prefix(2)
                guard let character = Self.codes[Array(code)] else {
                    throw HoldfastError(
                        .corrupt, "key \"\(key)\" has a % that is not followed by 25, 2F or 00")
                }
                name.append(character)
                rest = rest.dropFirst(2)
            }
            names.append(String(decoding: name, as: UTF8.self))
        }
        return names
    }

    /// The names of a key that was made of so many.
    ///
    /// - Parameters:
    ///   - key: a key as it is stored.
    ///   - count: how many names those keys have that are wanted.
    /// - Returns: nothing for any other key: whoever has written it meant something else.
    package static func names(of key: String, count: Int) -> [String]? {
        guard let names = try? names(of: key), names.count == count else { return nil }
        return names
    }

    private static let codes: [[UInt8]: UInt8] = [
        Array("25".utf8): UInt8(ascii: "%"), Array("2F".utf8): UInt8(ascii: "/"), Array("00".utf8): 0,
    ]

    private static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: { codes.values.contains($0) }) else { return name }
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "%"): bytes += Array("%25".utf8)
            case UInt8(ascii: "/"): bytes += Array("%2F".utf8)
            case 0: bytes += Array("%00".utf8)
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
