internal import HoldfastModel
internal import HoldfastSupport

/// An object whose members are named by the data, each with a count.
struct JSONCounts {
    private var members: [(name: String, count: Int)] = []

    mutating func add(_ name: String, _ count: Int) { members.append((name, count)) }

    /// The object.
    var json: Bytes {
        var writer = JSONWriter()
        writer.object { object in for member in members { object.member(member.name, member.count) } }
        return Bytes(writer.bytes)
    }
}
