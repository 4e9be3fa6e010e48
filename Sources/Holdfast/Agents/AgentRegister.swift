internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

/// Documents of an agent that have names, in the order in which the names came.
///
/// A document for each name, and a list with one item for each name. The list gives the order; and since every new name
/// changes it, who removes all names of an agent knows that there is no other. Items go by a drop, never one by one: so the
/// last id that readers see is the one that the store holds conditions against.
struct AgentRegister: Sendable {
    let agents: Agents
    let place: Agents.Place
    let agent: String
    /// Of the list.
    let key: String

    /// One name, and the item that holds it.
    struct Entry: Hashable, Sendable {
        let id: Version
        let name: String
    }

    /// All names, oldest first, and the last id of the list.
    struct Contents: Sendable {
        var entries: [Entry] = []
        var last = Version.zero
        var source = ""
        var degradations: [Degradation] = []
    }

    init(_ agents: Agents, _ place: Agents.Place, _ agent: String) throws(HoldfastError) {
        self.agents = agents
        self.place = place
        self.agent = agent
        key = try agents.key(agent)
    }

    var namespace: String { place.rawValue }
    var documents: Documents { agents.documents(place) }

    /// The key of the document of a name.
    func key(of name: String) -> String { CompositeKey(agent, name).text }

    func contents(_ options: CallOptions) async throws(HoldfastError) -> Contents {
        var contents = Contents()
        var range: ListRange? = ListRange(.ascending, limit: Scan.streamPageCount)
        while let asked = range {
            let page = try await agents.lists(place).page(of: key, asked, options)
            for item in page {
                guard let name = (try? JSONNode(item.bytes.array))?.string else {
                    throw HoldfastError(
                        .corrupt, "item \(item.id) of \(namespace) at \"\(key)\" is no name")
                }
                contents.entries.append(Entry(id: item.id, name: name))
            }
            contents.last = page.last?.id ?? contents.last
            contents.source = page.source
            contents.degradations += page.degradations.filter { !contents.degradations.contains($0) }
            range = page.next
        }
        return contents
    }

    /// The documents of names, or nothing where there is none.
    func get(_ names: [String], _ options: CallOptions) async throws(HoldfastError) -> [Document?] {
        var found: [Document?] = []
        var rest = names[...]
        while !rest.isEmpty {
            let part = rest.prefix(Scan.streamPageCount)
            found += try await documents.get(part.map(key(of:)), options).content
            rest = rest.dropFirst(part.count)
        }
        return found
    }

    /// The steps that store a value under a name.
    ///
    /// - Parameters:
    ///   - value: what.
    ///   - name: which name.
    ///   - version: of the document that is there, or nothing.
    ///   - isRetryable: whether the steps must be as many as those of the other case, so that a retry with the same
    ///     idempotency key is told from another request.
    ///   - batch: where to add them; the first step is the document's.
    func put(
        _ value: Value, at name: String, replacing version: Version?, isRetryable: Bool,
        in batch: inout Batch
    ) {
        batch.put(
            value, at: key(of: name), in: namespace, if: version.map { .version($0) } ?? .absent)
        if version == nil {
            batch.append(.json(Bytes(JSONText.quoted(name.utf8))), to: key, in: namespace)
        } else if isRetryable {
            // There never is a document at the key of the list.
            batch.check(key, in: namespace, is: .absent)
        }
    }

    /// The steps that remove names and their documents, and hold only while no name was added.
    func clear(_ contents: Contents, in batch: inout Batch) {
        batch.checkLast(contents.last, of: key, in: namespace)
        for entry in contents.entries { batch.delete(key(of: entry.name), in: namespace) }
        batch.erase(key, in: namespace)
    }
}

extension BatchReceipt {
    /// The same answer, of what one step wrote.
    func receipt(ofStep position: Int) -> Receipt {
        receipt(versions: position < results.count ? results[position] : [])
    }
}
