package import HoldfastModel

/// A message between two processes that is read: never past its end, and never more than it holds.
package struct WireReader: Sendable {
    private var reader: ByteReader

    /// Reads a message; values share its storage.
    package init(_ bytes: Bytes) { reader = ByteReader(bytes, noun: "a message of the daemon") }

    /// Fails unless everything was read.
    package func end() throws(HoldfastError) {
        guard reader.remaining == 0 else { throw Self.unknown("end: \(reader.remaining) bytes to spare") }
    }

    /// Reads a number.
    package mutating func number<Number: FixedWidthInteger>(
        _ type: Number.Type = Number.self
    ) throws(HoldfastError) -> Number {
        try reader.read(type)
    }

    /// Reads a truth value.
    package mutating func flag() throws(HoldfastError) -> Bool {
        switch try number(UInt8.self) {
        case 0: false
        case 1: true
        case let other: throw Self.unknown("truth value \(other)")
        }
    }

    /// Reads a version.
    package mutating func version() throws(HoldfastError) -> Version { try reader.readVersion() }

    /// Reads bytes.
    package mutating func bytes() throws(HoldfastError) -> Bytes {
        try reader.readBytes(Int(try number(UInt32.self)))
    }

    /// Reads text.
    package mutating func text() throws(HoldfastError) -> String {
        guard let text = try bytes().validatedString else { throw Self.unknown("text that is not UTF-8") }
        return text
    }

    /// Reads a floating-point number.
    package mutating func double() throws(HoldfastError) -> Double {
        Double(bitPattern: try number(UInt64.self))
    }

    /// Reads a duration.
    package mutating func duration() throws(HoldfastError) -> Duration {
        .nanoseconds(try number(Int64.self))
    }

    /// Reads what may be there.
    package mutating func optional<Value>(
        _ body: (inout WireReader) throws(HoldfastError) -> Value
    ) throws(HoldfastError) -> Value? {
        try flag() ? try body(&self) : nil
    }

    /// Reads as many as there are said to be.
    package mutating func array<Element>(
        _ body: (inout WireReader) throws(HoldfastError) -> Element
    ) throws(HoldfastError) -> [Element] {
        var elements: [Element] = []
        for _ in 0..<(try number(UInt32.self)) {
            // Each element has at least one byte, so a wrong count ends with the message.
            elements.append(try body(&self))
        }
        return elements
    }

    /// What is thrown for a message that no writer writes.
    static func unknown(_ what: String) -> HoldfastError {
        HoldfastError(
            .invalid, "a message of the daemon has the unknown \(what); use the same version on both sides")
    }
}
