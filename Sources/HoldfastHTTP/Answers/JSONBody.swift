internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport
internal import NIOCore

/// JSON text in the making.
///
/// The same shape as `JSONWriter`, for answers: values that are stored are put in byte for byte, straight from the memory
/// of the store. The text is an array until it goes out: a page has thousands of small parts, each of which costs several
/// times as much in a buffer, and copying the whole at the end costs next to nothing.
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
    private(set) var text: [UInt8] = []
    private var needsComma = false

    /// Makes an empty text.
    ///
    /// - Parameter capacity: how many bytes will be written, more or less.
    init(capacity: Int = 512) { text.reserveCapacity(capacity) }

    /// What was written, as it goes out.
    var buffer: ByteBuffer { ByteBuffer(bytes: text) }

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
        text.append(bracket)
        needsComma = false
    }

    /// Ends an object or an array.
    mutating func end(_ bracket: UInt8) {
        text.append(bracket)
        needsComma = true
    }

    /// Takes out what was written so far, and goes on writing behind it.
    mutating func takePart() -> ByteBuffer {
        defer { text.removeAll(keepingCapacity: true) }
        return buffer
    }

    private mutating func separate() {
        if needsComma { text.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}

extension JSONBody {
    /// Writes a value that is JSON already.
    mutating func value(json: Bytes) {
        separate()
        text.append(json)
    }

    /// Writes a value that is JSON already.
    mutating func value(json: [UInt8]) {
        separate()
        text += json
    }

    /// Writes a string.
    mutating func value(_ string: String) {
        separate()
        if string.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") })
        {
            text += JSONText.quoted(string.utf8)
        } else {
            text.append(UInt8(ascii: "\""))
            text += string.utf8
            text.append(UInt8(ascii: "\""))
        }
    }

    /// Writes a whole number.
    mutating func value(_ number: some FixedWidthInteger) {
        separate()
        text += String(number).utf8
    }

    /// Writes `true` or `false`.
    mutating func value(_ flag: Bool) {
        separate()
        text.append(text: flag ? "true" : "false")
    }

    /// Writes a version or an id: a string of 32 hexadecimal digits.
    mutating func value(hex version: Version) {
        separate()
        text.append(UInt8(ascii: "\""))
        text.append(hex: version)
        text.append(UInt8(ascii: "\""))
    }

    /// Writes a point in time, as RFC 3339 has it.
    mutating func value(_ time: Timestamp) {
        separate()
        text.append(UInt8(ascii: "\""))
        text.append(time: time)
        text.append(UInt8(ascii: "\""))
    }

    /// Writes `null`.
    mutating func null() {
        separate()
        text.append(text: "null")
    }
}

extension JSONBody {
    /// Writes the name of a member; its value must follow.
    ///
    /// - Parameter name: a literal that needs no escapes.
    mutating func name(_ name: StaticString) {
        separate()
        text.append(UInt8(ascii: "\""))
        text.append(text: name)
        text.append(text: "\":")
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
