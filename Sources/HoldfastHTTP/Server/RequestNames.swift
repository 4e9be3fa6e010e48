internal import HoldfastSupport
internal import Synchronization

/// Names requests: those of a client that are printable, and own ones otherwise.
final class RequestNames: Sendable {
    private let prefix: UInt64
    private let count = Atomic<UInt64>(0)

    init(_ random: RandomSource = .system) { prefix = random.next() }

    /// The name of a request.
    ///
    /// - Parameter given: what the client calls it: 1 to 128 letters, digits and `-._:`, else it is not taken.
    /// - Returns: the given name, or one that no other request has.
    func name(given: String?) -> String {
        if let given, (1...128).contains(given.utf8.count), given.utf8.allSatisfy(Self.isPlain) {
            return given
        }
        let number = count.wrappingAdd(1, ordering: .relaxed).newValue
        // Mixed, so that names of two daemons do not look alike.
        let mixed = (prefix ^ number) &* 0x9E37_79B9_7F4A_7C15
        var text = [UInt8](repeating: 0, count: 16)
        for position in 0..<16 {
            text[position] = Self.digits[Int(mixed >> UInt64(60 - 4 * position) & 0xF)]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "."), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}
