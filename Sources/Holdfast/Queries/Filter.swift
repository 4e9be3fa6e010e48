public import HoldfastModel
internal import HoldfastSupport

/// Keeps what has a certain scalar in a certain member of its JSON object.
///
/// Only members of the outermost object are looked at. What is not JSON, not an object, or has no such member, does
/// not match. Declare the fields that are asked for often under `indexes:` in storage.yaml, and a backend that can
/// finds them without a scan.
public struct Filter: Hashable, Sendable {
    /// A JSON scalar.
    public struct Scalar: Hashable, Sendable {
        /// Its JSON text.
        public let json: Bytes

        /// Takes JSON text as it is: for numbers that `Int64` does not hold, for instance.
        public init(json: Bytes) { self.json = json }

        /// A string.
        public init(_ text: String) { json = Bytes(Self.quoted(text)) }

        /// A whole number.
        public init(_ number: Int64) { json = Bytes(String(number)) }

        /// True or false.
        public init(_ flag: Bool) { json = flag ? "true" : "false" }

        /// `null`.
        public static let null = Scalar(json: "null")

        private static func quoted(_ text: String) -> [UInt8] {
            let digits = Array("0123456789abcdef".utf8)
            var json = [UInt8(ascii: "\"")]
            for byte in text.utf8 {
                switch byte {
                case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
                case 0..<0x20:
                    json += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
                default: json.append(byte)
                }
            }
            json.append(UInt8(ascii: "\""))
            return json
        }
    }

    /// The name of the member; 1 byte or more.
    public var field: String
    /// What it must equal.
    public var scalar: Scalar

    /// Makes a filter.
    public init(_ field: String, equals scalar: Scalar) {
        self.field = field
        self.scalar = scalar
    }

    func match() throws(HoldfastError) -> Query.Match {
        guard !field.isEmpty, !field.utf8.contains(0) else {
            throw HoldfastError(
                .invalid, "a filter has no field name, expected the name of a member without NUL")
        }
        do {
            try scalar.json.withSpan { text throws(JSONDamage) in try JSONSyntax.checkScalar(text) }
        } catch {
            throw HoldfastError(.invalid, "the filter on \"\(field)\" is not a JSON scalar: \(error)")
        }
        return Query.Match(field: field, json: scalar.json)
    }
}

extension Filter.Scalar: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral
{
    /// A string.
    public init(stringLiteral value: String) { self.init(value) }
    /// A whole number.
    public init(integerLiteral value: Int64) { self.init(value) }
    /// True or false.
    public init(booleanLiteral value: Bool) { self.init(value) }
}
