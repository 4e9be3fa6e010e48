internal import HoldfastProviderKit

/// Commands on their way to the server, all in one round trip.
///
/// Source: the Redis serialization protocol, version 2: an array of bulk strings for each command.
struct RedisPipeline {
    /// The commands as they are sent.
    private(set) var bytes: [UInt8] = []
    /// How many commands there are.
    private(set) var count = 0

    /// No command.
    init() {}

    /// One command of plain words.
    init(_ words: String...) { command(words) }

    /// Adds a command of plain words.
    mutating func add(_ words: String...) { command(words) }

    private mutating func command(_ words: [String]) {
        begin(words.count)
        for word in words { append(word) }
    }

    /// Begins a command; so many arguments must follow, the name of the command included.
    mutating func begin(_ argumentCount: Int) {
        line(UInt8(ascii: "*"), argumentCount)
        count += 1
    }

    /// Adds an argument.
    mutating func append(_ text: String) {
        line(UInt8(ascii: "$"), text.utf8.count)
        bytes += text.utf8
        end()
    }

    /// Adds an argument.
    mutating func append(_ argument: [UInt8]) {
        line(UInt8(ascii: "$"), argument.count)
        bytes += argument
        end()
    }

    /// Adds an argument.
    mutating func append(_ argument: BorrowedBytes) {
        line(UInt8(ascii: "$"), argument.count)
        bytes.append(lent: argument)
        end()
    }

    /// Adds a number as text.
    mutating func append(_ number: some BinaryInteger) { append(String(number)) }

    /// Makes room, so that a large batch is not moved again and again.
    mutating func reserve(_ byteCount: Int) { bytes.reserveCapacity(bytes.count + byteCount) }

    private mutating func line(_ mark: UInt8, _ number: Int) {
        bytes.append(mark)
        bytes += String(number).utf8
        end()
    }

    private mutating func end() {
        bytes.append(UInt8(ascii: "\r"))
        bytes.append(UInt8(ascii: "\n"))
    }
}

extension [UInt8] {
    /// Appends lent bytes.
    mutating func append(lent: BorrowedBytes) {
        unsafe lent.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }

    /// Appends the 16 bytes of a version.
    mutating func append(_ version: Version) {
        unsafe version.withUnsafeBytes { unsafe append(contentsOf: $0) }
    }

    /// Appends a number, the highest byte first.
    mutating func append(bigEndian value: some FixedWidthInteger) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
    }
}
