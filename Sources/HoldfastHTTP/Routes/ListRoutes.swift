internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// Lists: for each key of a namespace, items in the order of their arrival.
enum ListRoutes: RouteFamily {
    static let routes: [Route] = [
        Route(description: summariesDescription, handler: summaries),
        Route(description: pageDescription, handler: page),
        Route(description: appendDescription, handler: append),
        Route(description: replaceDescription, handler: replace),
        Route(description: clearDescription, handler: clear),
        Route(description: trimDescription, handler: trim),
        Route(description: itemDescription, handler: item),
        Route(description: editDescription, handler: edit),
        Route(description: removeDescription, handler: remove),
    ]

    private static func summaries(_ call: Call) async throws(HoldfastError) -> Reply {
        let page = try await call.store.lists(call["namespace"]).summaries(
            prefix: call.query["prefix"] ?? "", limit: call.query.integer("limit"),
            after: call.query["cursor"].map { Cursor($0) }, try call.callOptions)
        return .page(page, next: page.next?.description, byteCount: { $0.key.utf8.count + 200 }) {
            body, summary in
            body.object { body in
                body.member("key", summary.key)
                body.member("count", summary.itemCount)
                body.member("firstId", hex: summary.firstID)
                body.member("lastId", hex: summary.lastID)
                body.member("firstTime", summary.firstAppendedAt)
                body.member("lastTime", summary.lastAppendedAt)
            }
        }
    }

    private static func page(_ call: Call) async throws(HoldfastError) -> Reply {
        var range = ListRange(
            order(call.query["order"]), after: call.query.version("after"),
            before: call.query.version("before"), limit: call.query.integer("limit"))
        if let cursor = call.query.version("cursor") {
            if range.order == .ascending { range.after = cursor } else { range.before = cursor }
        }
        let page = try await call.store.lists(call["namespace"]).page(
            of: call["key"], range, try call.callOptions)
        let tag = lastID(page, range).map { PageTag(of: page, last: $0) }
        if let tag, call.isFresh(tag) {
            var reply = Reply(.notModified)
            reply.headers.append(HTTPField(name: .eTag, value: tag.text))
            reply.note(source: page.source, page.degradations)
            return reply
        }
        let next = page.next.flatMap { range.order == .ascending ? $0.after : $0.before }
        var reply = Reply.page(page, next: next.map(hex), byteCount: { $0.bytes.count + 180 }) { body, item in
            body.value(item)
        }
        if let tag { reply.headers.append(HTTPField(name: .eTag, value: tag.text)) }
        return reply
    }

    /// The last id of the list, where the page shows it.
    private static func lastID(_ page: Page<Item, ListRange>, _ range: ListRange) -> Version? {
        guard range.before == nil, range.after == nil else { return nil }
        return switch range.order {
        case .latest: page.elements.last?.id
        case .descending: page.elements.first?.id
        case .ascending: nil
        }
    }

    private static func append(_ call: Call) async throws(HoldfastError) -> Reply {
        let expected: Version? =
            switch try call.writeCondition() {
            case nil: nil
            case .absent: .zero
            case .version(let version): version
            }
        let values = try call.values()
        let receipt = try await call.store.lists(call["namespace"]).append(
            values, to: call["key"], ifLast: expected, try await call.writeOptions())
        return idsReply(receipt)
    }

    private static func replace(_ call: Call) async throws(HoldfastError) -> Reply {
        guard let elements = try BodyObject.elements(of: call.body.bytes) else {
            throw HoldfastError(.invalid, "the body is no array, expected an array of the items")
        }
        let expiry = call.query.seconds("ttl").map { Expiry.after($0) }
        let receipt = try await call.store.lists(call["namespace"]).replace(
            call["key"], with: elements.map { .json($0, expiry: expiry) }, try await call.writeOptions())
        return idsReply(receipt)
    }

    private static func clear(_ call: Call) async throws(HoldfastError) -> Reply {
        let receipt = try await call.store.lists(call["namespace"]).clear(
            call["key"], try await call.writeOptions())
        return Reply.receipt(receipt) { body in body.member("upTo", hex: receipt.id) }
    }

    private static func trim(_ call: Call) async throws(HoldfastError) -> Reply {
        let bounds: [TrimBound?] = [
            call.query.integer("count").map { .count($0) },
            call.query.integer("bytes").map { .byteCount($0) },
            call.query.seconds("age").map { .age($0) },
        ]
        let given = bounds.compactMap(\.self)
        guard given.count == 1 else {
            throw HoldfastError(
                .invalid, "\(given.count) of count, bytes and age are given, expected one of them")
        }
        let receipt = try await call.store.lists(call["namespace"]).trim(
            call["key"], to: given[0], try await call.writeOptions())
        guard let receipt else {
            var body = JSONBody()
            body.object { body in
                body.name("upTo")
                body.null()
            }
            return .json(body)
        }
        return Reply.receipt(receipt) { body in body.member("upTo", hex: receipt.id) }
    }

    private static func item(_ call: Call) async throws(HoldfastError) -> Reply {
        let answer = try await call.store.lists(call["namespace"]).item(
            try call.id(), of: call["key"], try call.callOptions)
        return .stored(answer, to: call)
    }

    private static func edit(_ call: Call) async throws(HoldfastError) -> Reply {
        let receipt = try await call.store.lists(call["namespace"]).edit(
            try call.id(), in: call["key"], to: call.value(), try await call.writeOptions())
        var reply = Reply.receipt(receipt) { body in
            body.member("version", hex: receipt.id)
            body.member("time", receipt.time)
        }
        reply.note(tag: receipt.id)
        return reply
    }

    private static func remove(_ call: Call) async throws(HoldfastError) -> Reply {
        let receipt = try await call.store.lists(call["namespace"]).remove(
            try call.id(), from: call["key"], try await call.writeOptions())
        return Reply.receipt(receipt) { body in body.member("version", hex: receipt.id) }
    }

    private static func idsReply(_ receipt: Receipt) -> Reply {
        var reply = Reply.receipt(receipt) { body in
            body.member("ids") { body in
                body.array { body in for id in receipt.versions { body.value(hex: id) } }
            }
            body.member("time", receipt.versions.isEmpty ? nil : receipt.time)
        }
        if !receipt.versions.isEmpty { reply.note(tag: receipt.id) }
        return reply
    }

    private static func order(_ word: String?) -> ListRange.Order {
        switch word {
        case "ascending": .ascending
        case "descending": .descending
        default: .latest
        }
    }

    private static func hex(_ version: Version) -> String {
        String(
            version.description.utf8.filter { $0 != UInt8(ascii: "-") }.map { Character(UnicodeScalar($0)) })
    }
}

extension Call {
    /// The id in the path.
    ///
    /// - Throws: `invalid` for what is none.
    func id() throws(HoldfastError) -> Version {
        guard let id = Version(self["id"]) else {
            throw HoldfastError(
                .invalid, "id is \"\(self["id"].prefix(80))\", expected 32 hexadecimal digits")
        }
        return id
    }

    /// What the body appends: each element of an array, any other JSON, or any bytes.
    func values() throws(HoldfastError) -> [Value] {
        let value = value()
        guard value.format == .json, let elements = try BodyObject.elements(of: value.bytes) else {
            return [value]
        }
        return elements.map { .json($0, expiry: value.expiry) }
    }
}
