internal import HoldfastModel
internal import HoldfastSupport

/// How often an agent's messages were changed behind their end, and what its snapshots hold of them.
///
/// A snapshot does not copy the messages that the list has as well: it names how many of the list's first messages it
/// has. Before those are changed, they are copied once into an archive, which all snapshots that need them then name.
/// The head is written whenever the past changes or a snapshot names a part of it, always on the condition that nobody
/// did so meanwhile: that keeps the two apart.
struct MessageHead: Hashable, Sendable {
    /// The first so many messages of the list, or of an archive.
    struct Part: Hashable, Sendable {
        /// Zero for the list, else the number of an archive.
        let archive: Int
        var count: Int
        /// Of the list: the id of the last of them, which shows that nobody else has taken some away.
        var last: Version?
    }

    /// Numbers archives.
    private(set) var rewriteCount = 0
    /// The archives that exist.
    private(set) var archives: [Int] = []
    /// By the name of a snapshot, where its messages are, oldest first.
    var snapshots: [Bytes: [Part]] = [:]

    init() {}

    /// Notes that the list's messages from a position on are changed.
    ///
    /// - Parameters:
    ///   - position: how many messages stay as they are.
    ///   - ids: of the messages that are there now. A snapshot whose last is not where it was is damaged, and stays so.
    /// - Returns: the number of a new archive and how many of the old messages from the position on it must hold, or
    ///   nothing where no snapshot needs them; and the archives that nobody needs any more.
    mutating func rewrite(from position: Int, ids: [Version]) -> (
        archive: (number: Int, count: Int)?, unused: [Int]
    ) {
        rewriteCount += 1
        var neededCount = 0
        for (name, parts) in snapshots {
            guard let live = parts.first, live.archive == 0, live.count > position,
                live.count <= ids.count, ids[live.count - 1] == live.last
            else { continue }
            neededCount = max(neededCount, live.count - position)
            var moved = parts
            moved[0] = Part(archive: 0, count: position, last: position > 0 ? ids[position - 1] : nil)
            moved.insert(Part(archive: rewriteCount, count: live.count - position), at: 1)
            snapshots[name] = moved.filter { $0.count > 0 }
        }
        let needed = Set(snapshots.values.joined().map(\.archive))
        let unused = archives.filter { !needed.contains($0) }
        archives.removeAll { !needed.contains($0) }
        guard neededCount > 0 else { return (nil, unused) }
        archives.append(rewriteCount)
        return ((rewriteCount, neededCount), unused)
    }
}

extension MessageHead {
    /// Reads what ``json`` wrote.
    ///
    /// - Throws: `corrupt` for anything else.
    init(parsing json: Bytes) throws(HoldfastError) {
        let damage = HoldfastError(.corrupt, "the head of an agent's messages cannot be read")
        guard let node = try? JSONNode(json.array), let count = node["rewrites"]?.integer,
            let archives = node["archives"]?.elements.map(\.integer), let snapshots = node["snapshots"]
        else { throw damage }
        rewriteCount = Int(clamping: count)
        self.archives = archives.compactMap { $0.map { Int(clamping: $0) } }
        for (name, value) in snapshots.members {
            var parts: [Part] = []
            for element in value.elements {
                let numbers = element.elements.compactMap(\.integer)
                guard numbers.count == 2 else { throw damage }
                let last = element.elements.last?.string.flatMap { Version($0) }
                parts.append(
                    Part(archive: Int(clamping: numbers[0]), count: Int(clamping: numbers[1]), last: last))
            }
            self.snapshots[Bytes(name)] = parts
        }
    }

    /// The head as it is stored.
    var json: Bytes {
        var writer = JSONWriter()
        writer.object { head in
            head.member("rewrites", rewriteCount)
            head.member("archives") { $0.array { array in for number in archives { array.value(number) } } }
            head.member("snapshots") { value in
                value.object { object in
                    for (name, parts) in snapshots.sorted(by: { $0.key < $1.key }) {
                        object.member(name.description) { Self.write(parts, to: &$0) }
                    }
                }
            }
        }
        return Bytes(writer.bytes)
    }

    private static func write(_ parts: [Part], to writer: inout JSONWriter) {
        writer.array { array in
            for part in parts {
                array.array { pair in
                    pair.value(part.archive)
                    pair.value(part.count)
                    if let last = part.last { pair.value(last.description) }
                }
            }
        }
    }
}
