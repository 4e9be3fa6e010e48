internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport
internal import NIOCore

/// JSON text in the making, written once into the buffer that goes out.
///
/// The same shape as `JSONWriter`, for answers: values that are stored are put in byte for byte, straight from the memory
/// of the store.
///
/// ```swift
/// var body = JSONBody()
/// body.object { body in
///     body.member("id", hex: item.id)
///     body.member("value", json: item.bytes)
/// }
/// ```
struct JSONBody {
    /// What was written.
    private(set) var buffer: ByteBuffer
    private var needsComma = false

    /// Makes an empty text.
    ///
    /// - Parameter capacity: how many bytes will be written, more or less.
    init(capacity: Int = 512) { buffer = ByteBufferAllocator().buffer(capacity: capacity) }

    /// Writes an object whose members a function writes.
    mutating func object<Failure: Error>(_ body: (inout JSONBody) throws(Failure) -> Void) throws(Failure) {
        begin(UInt8(ascii: "{"))
        try body(&self)
        end(UInt8(ascii: "}"))
    }

    /// Writes an array whose elements a function writes.
    mutating func array<Failure: Error>(_ body: (inout JSONBody) throws(Failure) -> Void) throws(Failure) {
        begin(UInt8(ascii: "["))
        try body(&self)
        end(UInt8(ascii: "]"))
    }

    /// Begins an object or an array, for those that are written in parts.
    mutating func begin(_ bracket: UInt8) {
        separate()
        buffer.writeInteger(bracket)
        needsComma = false
    }

    /// Ends an object or an array.
    mutating func end(_ bracket: UInt8) {
        buffer.writeInteger(bracket)
        needsComma = true
    }

    /// Takes out what was written so far, and goes on writing behind it.
    mutating func takePart() -> ByteBuffer {
        let part = buffer
        buffer = ByteBufferAllocator().buffer(capacity: part.readableBytes)
        return part
    }

    private mutating func separate() {
        if needsComma { buffer.writeInteger(UInt8(ascii: ",")) }
        needsComma = true
    }
}

extension JSONBody {
    /// Writes a value that is JSON already.
    mutating func value(json: Bytes) {
        separate()
        buffer.write(json)
    }

    /// Writes a value that is JSON already.
    mutating func value(json: [UInt8]) {
        separate()
        buffer.append(json.span)
    }

    /// Writes a string.
    mutating func value(_ text: String) {
        separate()
        if text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            buffer.writeBytes(JSONText.quoted(text.utf8))
        } else {
            buffer.writeInteger(UInt8(ascii: "\""))
            buffer.writeString(text)
            buffer.writeInteger(UInt8(ascii: "\""))
        }
    }

    /// Writes a whole number.
    mutating func value(_ number: some FixedWidthInteger) {
        separate()
        buffer.writeString(String(number))
    }

    /// Writes `true` or `false`.
    mutating func value(_ flag: Bool) {
        separate()
        buffer.writeStaticString(flag ? "true" : "false")
    }

    /// Writes a version or an id: a string of 32 hexadecimal digits.
    mutating func value(hex version: Version) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeHex(version)
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    /// Writes a point in time, as RFC 3339 has it.
    mutating func value(_ time: Timestamp) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeTime(time)
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    /// Writes `null`.
    mutating func null() {
        separate()
        buffer.writeStaticString("null")
    }
}

extension JSONBody {
    /// Writes the name of a member; its value must follow.
    ///
    /// - Parameter name: a literal that needs no escapes.
    mutating func name(_ name: StaticString) {
        separate()
        buffer.writeInteger(UInt8(ascii: "\""))
        buffer.writeStaticString(name)
        buffer.writeStaticString("\":")
        needsComma = false
    }

    /// Writes a member whose value a function writes, exactly one.
    mutating func member<Failure: Error>(
        _ name: StaticString, _ body: (inout JSONBody) throws(Failure) -> Void
    ) throws(Failure) {
        self.name(name)
        try body(&self)
    }

    /// Writes a member whose value is JSON already.
    mutating func member(_ name: StaticString, json: Bytes) {
        self.name(name)
        value(json: json)
    }

    /// Writes a member that is a string; nothing is left out.
    mutating func member(_ name: StaticString, _ text: String?) {
        guard let text else { return }
        self.name(name)
        value(text)
    }

    /// Writes a member that is a whole number; nothing is left out.
    mutating func member(_ name: StaticString, _ number: (some FixedWidthInteger)?) {
        guard let number else { return }
        self.name(name)
        value(number)
    }

    /// Writes a member that is `true` or `false`.
    mutating func member(_ name: StaticString, _ flag: Bool) {
        self.name(name)
        value(flag)
    }

    /// Writes a member that is a version or an id; nothing is left out.
    mutating func member(_ name: StaticString, hex version: Version?) {
        guard let version else { return }
        self.name(name)
        value(hex: version)
    }

    /// Writes a member that is a point in time; nothing is left out.
    mutating func member(_ name: StaticString, _ time: Timestamp?) {
        guard let time else { return }
        self.name(name)
        value(time)
    }
}
