/// A JSON text in memory: for options, index declarations and queries, not for stored values.
///
/// Source: RFC 8259. Strict: no comments, no trailing commas, no bytes after the value; at most 64 levels.
public indirect enum JSONValue: Hashable, Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction and exponent that fits into 64 bits.
    case integer(Int64)
    /// Every other number.
    case number(Double)
    /// A string, unescaped.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object, its members in the order of the text.
    case object([Member])

    /// One member of an object.
    public struct Member: Hashable, Sendable {
        /// The name, unescaped.
        public let name: String
        /// The value.
        public let value: JSONValue

        /// Makes a member.
        public init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    /// How deep arrays and objects may lie in each other.
    public static let depthMax = 64

    /// Reads a JSON text.
    ///
    /// - Throws: `invalid`, naming the byte at which the text stops being JSON.
    public init(parsing text: BorrowedBytes) throws(ProviderError) {
        var parser = JSONParser(text.array)
        self = try parser.document()
    }

    /// Reads a JSON text.
    public init(parsing text: String) throws(ProviderError) {
        var parser = JSONParser(Array(text.utf8))
        self = try parser.document()
    }

    /// The last member with a name, or nothing where there is none or this is not an object.
    public subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// What kind of value this is, for messages.
    public var kind: String {
        switch self {
        case .null: "null"
        case .bool: "a boolean"
        case .integer, .number: "a number"
        case .string: "a string"
        case .array: "an array"
        case .object: "an object"
        }
    }

    /// Whether two values are the same; numbers are compared by value, strings by their code points.
    ///
    /// A Swift string equals another one in which an accent is a character of its own; JSON text does not.
    public static func == (left: JSONValue, right: JSONValue) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.bool(let left), .bool(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.integer(let whole), .number(let number)), (.number(let number), .integer(let whole)):
            Int64(exactly: number) == whole
        case (.string(let left), .string(let right)): left.utf8.elementsEqual(right.utf8)
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)): left == right
        default: false
        }
    }

    /// Hashes numbers by value, as they are compared.
    public func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .bool(let bool): hasher.combine(bool)
        case .integer(let whole): hasher.combine(Double(whole))
        case .number(let number): hasher.combine(number)
        case .string(let string): hasher.combine(string)
        case .array(let array): hasher.combine(array)
        case .object(let members): hasher.combine(members)
        }
    }
}
