internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// Search for messages by their words.
enum SearchRoutes: RouteFamily {
    static let routes: [Route] = [Route(description: description, handler: search)]

    private static let description = RouteDescription(
        method: .get, path: "/v1/search", id: "searchMessages",
        summary:
            "Finds messages by the words in them, newest first; the header Holdfast-Searched-By says how.",
        access: .read,
        parameters: [
            .query(
                "q", .text,
                "Words that must all occur; in quotes, words that follow each other; -word must not occur; begin*."
            ),
            .query(
                "in", .text, "A namespace of lists; may be given again.",
                fallback: SearchScope.messageNamespaces.joined(separator: ", "), repeats: true),
            .query("session", .text, "Only this session of the conversations."),
            .query("key", .text, "Only the list at this key."), .prefix,
            .query("role", .text, "Only messages with this role."),
            .query("since", .text, "Only messages from this time on, as RFC 3339 has it."),
            .query("until", .text, "Only messages before this time."), .limit, .cursor,
        ],
        outcome: .json("A page of hits: each a message with its namespace, its key and its snippets.", .page),
        examples: [
            RouteExample(
                target: "/v1/search?q=deploy*%20-draft&session=example-search&limit=10",
                answer: #"{"data":["#)
        ])

    private static func search(_ call: Call) async throws(HoldfastError) -> Reply {
        guard let text = call.query["q"] else {
            throw HoldfastError(.invalid, "the query parameter \"q\" is missing, expected words to look for")
        }
        let page = try await call.store.search().messages(
            text, in: try scope(call), limit: call.query.integer("limit"),
            after: call.query["cursor"].map { Cursor($0) }, try call.callOptions)
        let reply = Reply.page(
            page.hits, next: page.hits.next?.description, byteCount: { $0.item.bytes.count + 700 }
        ) { body, hit in
            body.value(hit)
        }
        guard let method = page.searchedBy else { return reply }
        return reply.with(.holdfastSearchedBy, method.rawValue)
    }

    private static func scope(_ call: Call) throws(HoldfastError) -> SearchScope {
        var scope = SearchScope(prefix: call.query["prefix"] ?? "", role: call.query["role"])
        scope.key = call.query["key"]
        let namespaces = call.query.all("in")
        if !namespaces.isEmpty { scope.namespaces = namespaces }
        if let session = call.query["session"] {
            guard namespaces.isEmpty, scope.key == nil else {
                throw HoldfastError(
                    .invalid, "session is given beside in or key, expected it alone or the other two")
            }
            scope.namespaces = [Conversations.standardNamespace]
            scope.key = session
        }
        scope.since = try time(call, "since")
        scope.until = try time(call, "until")
        return scope
    }

    private static func time(_ call: Call, _ name: String) throws(HoldfastError) -> Timestamp? {
        guard let text = call.query[name] else { return nil }
        guard let time = Timestamp(text) else {
            throw HoldfastError(
                .invalid, "\(name) is \"\(text.prefix(80))\", expected a time such as 2026-05-15T15:00:00Z")
        }
        return time
    }
}

extension JSONBody {
    fileprivate mutating func value(_ hit: SearchHit) {
        object { body in
            body.member("namespace", hit.namespace)
            body.member("key", hit.item.key)
            body.member("id", hex: hit.item.id)
            body.member("version", hex: hit.item.version)
            body.member("time", hit.item.appendedAt)
            body.member("editedAt", hit.item.editedAt)
            body.member("expiresAt", hit.item.expiresAt)
            body.stored(hit.item.bytes, hit.item.format)
            body.member("snippets") { body in
                body.array { body in for snippet in hit.snippets { body.value(snippet) } }
            }
        }
    }

    private mutating func value(_ snippet: SearchSnippet) {
        object { body in
            body.member("pointer", snippet.pointer)
            body.member("text", snippet.text)
            body.member("isCutBefore", snippet.isCutBefore)
            body.member("isCutBehind", snippet.isCutBehind)
            body.member("marks") { body in
                body.array { body in
                    for mark in snippet.marks {
                        body.array { body in
                            body.value(mark.lowerBound)
                            body.value(mark.upperBound)
                        }
                    }
                }
            }
        }
    }
}
