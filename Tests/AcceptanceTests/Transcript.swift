import Holdfast
import HoldfastModel

/// Runs one set of cases against a store, and writes down what a user saw, ids replaced by their order of appearance.
struct Transcript {
    private(set) var lines: [String] = []
    private var names: [Version: String] = [:]
    private let store: HistoryStore

    init(_ store: HistoryStore) { self.store = store }

    private mutating func name(_ id: Version) -> String {
        if let name = names[id] { return name }
        names[id] = "#\(names.count + 1)"
        return "#\(names.count)"
    }

    private mutating func note(
        _ what: String, _ body: (inout Transcript) async throws(HoldfastError) -> String
    ) async {
        do throws(HoldfastError) {
            let seen = try await body(&self)
            lines.append("\(what): \(seen)")
        } catch {
            lines.append("\(what): error \(error.code)")
        }
    }

    /// Runs every case.
    mutating func run() async {
        await documents()
        await lists()
        await batches()
        await scans()
        await conversations()
    }

    private mutating func documents() async {
        let documents = store.documents("docs")
        await note("get missing") { _ throws(HoldfastError) in
            try await documents.get("a").content.bytes.description
        }
        await note("put") { _ throws(HoldfastError) in
            _ = try await documents.put(.json(#"{"n":1,"n":2,"big":9223372036854775808,"x":1.0}"#), at: "a")
            return try await documents.get("a").content.bytes.description
        }
        await note("put if absent again") { _ throws(HoldfastError) in
            _ = try await documents.put(.json("2"), at: "a", if: .absent)
            return "stored"
        }
        await note("put if version") { _ throws(HoldfastError) in
            let version = try await documents.get("a").content.version
            _ = try await documents.put(.json("3"), at: "a", if: .version(version))
            return try await documents.get("a").content.bytes.description
        }
        await note("put if an old version") { _ throws(HoldfastError) in
            _ = try await documents.put(.json("4"), at: "a", if: .version(Version(high: 1, low: 1)))
            return "stored"
        }
        await note("bytes") { _ throws(HoldfastError) in
            _ = try await documents.put(.bytes(Bytes([0, 255, 0, 10])), at: "# / .. % _ * é 🙂")
            return "\(try await documents.get("# / .. % _ * é 🙂").content.bytes.array)"
        }
        await note("delete") { _ throws(HoldfastError) in
            _ = try await documents.delete("a")
            return try await documents.get("a").content.bytes.description
        }
        await note("put after delete") { _ throws(HoldfastError) in
            _ = try await documents.put(.json("5"), at: "a", if: .absent)
            return try await documents.get("a").content.bytes.description
        }
    }

    private mutating func lists() async {
        let lists = store.lists("lists")
        func all(_ key: String) async throws(HoldfastError) -> String {
            try await lists.page(of: key, ListRange(.ascending, limit: 100)).elements.map(\.bytes.description)
                .joined(separator: ",")
        }
        await note("append") { me throws(HoldfastError) in
            let receipt = try await lists.append((1...5).map { .json(Bytes("\($0)")) }, to: "l")
            return receipt.versions.map { me.name($0) }.joined()
        }
        await note("append with a key, twice") { me throws(HoldfastError) in
            let first = try await lists.append(.json("6"), to: "l", WriteOptions(idempotencyKey: "k"))
            let second = try await lists.append(.json("6"), to: "l", WriteOptions(idempotencyKey: "k"))
            return "\(first.versions == second.versions) \(second.isReplay) \(try await all("l"))"
        }
        await note("latest two") { _ throws(HoldfastError) in
            try await lists.page(of: "l", ListRange(.latest, limit: 2)).elements.map(\.bytes.description)
                .joined(separator: ",")
        }
        await note("limit 0") { _ throws(HoldfastError) in
            "\(try await lists.page(of: "l", ListRange(.latest, limit: 0)).elements.count)"
        }
        await note("negative limit") { _ throws(HoldfastError) in
            "\(try await lists.page(of: "l", ListRange(.latest, limit: -1)).elements.count)"
        }
        await note("page between") { _ throws(HoldfastError) in
            let items = try await lists.page(of: "l", ListRange(.ascending, limit: 100)).elements
            let page = try await lists.page(
                of: "l", ListRange(.descending, after: items[0].id, before: items[4].id))
            return page.elements.map(\.bytes.description).joined(separator: ",")
        }
        await note("edit and remove") { _ throws(HoldfastError) in
            let items = try await lists.page(of: "l", ListRange(.ascending, limit: 100)).elements
            _ = try await lists.edit(items[1].id, in: "l", to: .json("22"))
            _ = try await lists.remove(items[2].id, from: "l")
            return try await all("l")
        }
        await note("edit what is not there") { _ throws(HoldfastError) in
            _ = try await lists.edit(Version(milliseconds: 1, counter: 1, node: 1), in: "l", to: .json("0"))
            return "stored"
        }
        await note("trim") { _ throws(HoldfastError) in
            _ = try await lists.trim("l", to: .count(2))
            return try await all("l")
        }
        await note("replace") { _ throws(HoldfastError) in
            _ = try await lists.replace("l", with: [.json("7"), .json("8")])
            return try await all("l")
        }
        await note("clear, append") { _ throws(HoldfastError) in
            _ = try await lists.clear("l")
            let empty = try await all("l")
            _ = try await lists.append(.json("9"), to: "l")
            return "\(empty)|\(try await all("l"))"
        }
    }

    private mutating func batches() async {
        let store = store
        await note("batch") { _ throws(HoldfastError) in
            var batch = Batch()
            batch.put(.json("1"), at: "b1", in: "docs")
            batch.put(.json("2"), at: "b2", in: "docs")
            batch.append([.json("10")], to: "bl", in: "lists")
            _ = try await store.write(batch)
            return try await store.documents("docs").get("b2").content.bytes.description
        }
        await note("batch with a failing check") { _ throws(HoldfastError) in
            var batch = Batch()
            batch.put(.json("3"), at: "b1", in: "docs")
            batch.check("b2", in: "docs", is: .absent)
            _ = try await store.write(batch)
            return "stored"
        }
        await note("nothing of the failed batch") { _ throws(HoldfastError) in
            try await store.documents("docs").get("b1").content.bytes.description
        }
    }

    private mutating func scans() async {
        let documents = store.documents("people")
        await note("fill") { _ throws(HoldfastError) in
            for number in 0..<7 {
                let value = #"{"team":"\#(number.isMultiple(of: 2) ? "a" : "b")","n":\#(number)}"#
                _ = try await documents.put(.json(Bytes(value)), at: "p/\(number)")
            }
            return "done"
        }
        await note("scan by prefix, in pages of 3") { _ throws(HoldfastError) in
            var keys: [String] = []
            var cursor: Cursor?
            repeat {
                let page = try await documents.scan(Scan(prefix: "p/"), limit: 3, after: cursor)
                keys += page.elements.map(\.key)
                cursor = page.next
            } while cursor != nil
            return keys.joined(separator: ",")
        }
        await note("scan with a filter") { _ throws(HoldfastError) in
            let page = try await documents.scan(Scan(where: [Filter("team", equals: "b")]))
            return page.elements.map(\.key).joined(separator: ",")
        }
        await note("scan descending") { _ throws(HoldfastError) in
            try await documents.scan(Scan(order: .descending), limit: 2).elements.map(\.key).joined(
                separator: ",")
        }
    }

    private mutating func conversations() async {
        let conversations = store.conversations()
        await note("conversation") { _ throws(HoldfastError) in
            for turn in 0..<4 {
                _ = try await conversations.append(
                    Bytes(#"{"role":"user","content":"turn \#(turn)"}"#), to: "s1")
            }
            _ = try await conversations.append(Bytes(#"{"role":"user","content":"other"}"#), to: "s2")
            return try await conversations.history(of: "s1", limit: 2).elements.map(\.json.description)
                .joined(separator: " ")
        }
        await note("sessions") { _ throws(HoldfastError) in
            try await conversations.sessions().elements.map { "\($0.id)=\($0.messageCount)" }.joined(
                separator: ",")
        }
        await note("delete a session") { _ throws(HoldfastError) in
            _ = try await conversations.delete("s2")
            return try await conversations.sessions().elements.map(\.id).joined(separator: ",")
        }
    }
}
