/// How many records a query found, as a backend hands it to the sink: `{"count":17}`.
package struct SelectCount: Hashable, Sendable {
    package let count: UInt64

    package init(_ count: UInt64) { self.count = count }

    /// The JSON text.
    package var json: [UInt8] { Array("{\"count\":\(count)}".utf8) }

    /// Reads it.
    package init(parsing text: [UInt8]) throws(SelectError) {
        let reader = try SelectReader(text)
        guard let place = try reader.members(reader.root, "a count")["count"] else {
            throw reader.wrong(reader.root, "a count", "an object with \"count\"")
        }
        count = UInt64(try reader.integer(place, "count", atMost: .max))
    }
}
