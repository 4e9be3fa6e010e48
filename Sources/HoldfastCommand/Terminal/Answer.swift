import HoldfastConfiguration
import HoldfastModel

/// Where a command's answer goes: standard output, buffered, for people or for programs.
struct Answer: Sendable {
    private static let flushByteCount = 64 << 10

    /// Whether programs read it.
    let isJSON: Bool
    private let output: FileDescriptor
    private var buffer: [UInt8] = []

    /// Answers on standard output, or elsewhere.
    init(isJSON: Bool, on output: FileDescriptor = .standardOutput) {
        self.isJSON = isJSON
        self.output = output
    }

    /// Writes text as it is.
    mutating func write(_ text: String) throws(HoldfastError) { try write(Array(text.utf8)) }

    /// Writes bytes as they are.
    mutating func write(_ bytes: [UInt8]) throws(HoldfastError) {
        buffer += bytes
        if buffer.count >= Self.flushByteCount { try flush() }
    }

    /// Writes a line of text.
    mutating func line(_ text: String = "") throws(HoldfastError) { try write(text + "\n") }

    /// Writes a JSON value as a line.
    mutating func line(_ value: JSONValue) throws(HoldfastError) { try write(value.text + "\n") }

    /// Writes a value for programs or a text for people, and hands over everything.
    mutating func finish(_ value: @autoclosure () -> JSONValue, or text: @autoclosure () -> String)
        throws(HoldfastError)
    {
        if isJSON { try line(value()) } else { try write(text()) }
        try flush()
    }

    /// Hands over what is buffered.
    mutating func flush() throws(HoldfastError) {
        guard !buffer.isEmpty else { return }
        try output.write(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}
