/// JSON text in the making; values that are JSON already are put in as they are.
///
/// ```swift
/// var writer = JSONWriter()
/// writer.object { object in
///     object.member("id", "run-1")
///     object.member("events") { $0.array { array in for event in events { array.value(json: event.array) } } }
/// }
/// ```
package struct JSONWriter: Sendable {
    /// What was written; one JSON text once everything that was begun has ended.
    package private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// Makes an empty text.
    package init() {}

    /// Writes an object whose members a function writes.
    package mutating func object<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try enclose(UInt8(ascii: "{"), UInt8(ascii: "}"), body)
    }

    /// Writes an array whose elements a function writes.
    package mutating func array<Failure: Error>(
        _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        try enclose(UInt8(ascii: "["), UInt8(ascii: "]"), body)
    }

    private mutating func enclose<Failure: Error>(
        _ open: UInt8, _ close: UInt8, _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        separate()
        bytes.append(open)
        needsComma = false
        try body(&self)
        bytes.append(close)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }
}

extension JSONWriter {
    /// Writes a value that is JSON already.
    ///
    /// - Parameter json: one JSON value, which nobody checks.
    package mutating func value(json: some Collection<UInt8>) {
        separate()
        bytes += json
    }

    /// Writes a string.
    package mutating func value(_ text: String) { value(json: JSONText.quoted(text.utf8)) }

    /// Writes a whole number.
    package mutating func value(_ number: some FixedWidthInteger) { value(json: Array(String(number).utf8)) }

    /// Writes a number; what JSON has no number for becomes `null`.
    package mutating func value(_ number: Double) {
        guard number.isFinite else { return null() }
        value(json: Array("\(number)".utf8))
    }

    /// Writes `true` or `false`.
    package mutating func value(_ flag: Bool) { value(json: Array((flag ? "true" : "false").utf8)) }

    /// Writes `null`.
    package mutating func null() { value(json: Array("null".utf8)) }
}

extension JSONWriter {
    /// Writes a member whose value a function writes, exactly one.
    package mutating func member<Failure: Error>(
        _ name: String, _ body: (inout JSONWriter) throws(Failure) -> Void
    ) throws(Failure) {
        begin(name)
        try body(&self)
    }

    /// Writes a member whose value is JSON already.
    package mutating func member(_ name: String, json: some Collection<UInt8>) {
        begin(name)
        value(json: json)
    }

    /// Writes a member that is a string; nothing is left out.
    package mutating func member(_ name: String, _ text: String?) {
        guard let text else { return }
        begin(name)
        value(text)
    }

    /// Writes a member that is a whole number; nothing is left out.
    package mutating func member(_ name: String, _ number: (some FixedWidthInteger)?) {
        guard let number else { return }
        begin(name)
        value(number)
    }

    /// Writes a member that is a number.
    package mutating func member(_ name: String, _ number: Double) {
        begin(name)
        value(number)
    }

    /// Writes a member that is `true` or `false`.
    package mutating func member(_ name: String, _ flag: Bool) {
        begin(name)
        value(flag)
    }

    private mutating func begin(_ name: String) {
        separate()
        bytes += JSONText.quoted(name.utf8)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }
}
