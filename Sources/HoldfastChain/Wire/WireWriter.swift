package import HoldfastModel

/// A message between two processes in the making: little-endian numbers, and bytes behind their count.
package struct WireWriter: Sendable {
    private var buffer: [UInt8] = []

    /// Makes an empty message.
    package init() {}

    /// The message.
    package var bytes: Bytes { Bytes(buffer) }

    /// Writes a number.
    package mutating func write<Number: FixedWidthInteger>(_ number: Number) {
        for shift in stride(from: 0, to: Number.bitWidth, by: 8) {
            buffer.append(UInt8(truncatingIfNeeded: number >> shift))
        }
    }

    /// Writes a truth value.
    package mutating func write(_ flag: Bool) { write(UInt8(flag ? 1 : 0)) }

    /// Writes a version, as `memcmp` orders.
    package mutating func write(_ version: Version) {
        write(version.high.byteSwapped)
        write(version.low.byteSwapped)
    }

    /// Writes bytes behind their count.
    package mutating func write(_ bytes: Bytes) {
        write(UInt32(bytes.count))
        buffer += bytes.array
    }

    /// Writes text behind its count.
    package mutating func write(_ text: String) {
        write(UInt32(text.utf8.count))
        buffer += text.utf8
    }

    /// Writes a floating-point number.
    package mutating func write(_ number: Double) { write(number.bitPattern) }

    /// Writes a duration in nanoseconds; one that no clock holds becomes the longest.
    package mutating func write(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        let (sum, isTooLate) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
        write(isTooLong || isTooLate ? Int64.max : sum)
    }

    /// Writes whether there is something, and what.
    package mutating func write<Value>(
        optional value: Value?, _ body: (inout WireWriter, Value) -> Void
    ) {
        write(value != nil)
        if let value { body(&self, value) }
    }

    /// Writes how many there are, and each.
    package mutating func write<Element>(
        array elements: [Element], _ body: (inout WireWriter, Element) -> Void
    ) {
        write(UInt32(elements.count))
        for element in elements { body(&self, element) }
    }
}
