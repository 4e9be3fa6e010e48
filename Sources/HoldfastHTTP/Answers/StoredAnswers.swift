internal import HTTPTypes
internal import Holdfast
internal import HoldfastChain
internal import HoldfastModel
internal import HummingbirdCore
internal import NIOCore

extension JSONBody {
    /// Writes an item of a list.
    mutating func value(_ item: Item) {
        object { body in body.members(of: item) }
    }

    /// Writes an item together with the key of its list.
    mutating func keyedValue(_ item: Item) {
        object { body in
            body.member("key", item.key)
            body.members(of: item)
        }
    }

    private mutating func members(of item: Item) {
        stamp(hex: item.id, item.version, item.appendedAt, editedAt: item.editedAt)
        member("expiresAt", item.expiresAt)
        stored(item.bytes, item.format)
    }

    /// Writes what every item has, whatever it is an item of: its place, its version, its times.
    mutating func stamp(hex id: Version, _ version: Version, _ time: Timestamp, editedAt: Timestamp?) {
        member("id", hex: id)
        member("version", hex: version)
        member("time", time)
        member("editedAt", editedAt)
    }

    /// Writes a document.
    mutating func value(_ document: Document) {
        object { body in
            body.member("key", document.key)
            body.member("version", hex: document.version)
            body.member("time", document.writtenAt)
            body.member("expiresAt", document.expiresAt)
            body.stored(document.bytes, document.format)
        }
    }

    /// Writes a value byte for byte, as `value`; any bytes as `base64`; nothing where only keys were asked for.
    mutating func stored(_ bytes: Bytes, _ format: Value.Format) {
        switch format {
        case .json:
            // No JSON text is empty.
            guard !bytes.isEmpty else { return }
            member("value", json: bytes)
        case .bytes: member("base64", Base64.encode(bytes))
        }
    }
}

extension Reply {
    /// Pages whose values have more bytes than this together are sent in parts.
    static let wholeByteCountMax = 256 << 10

    /// A page: `{"data":[…],"next":"…"}`.
    ///
    /// A page of many bytes is sent while it is made, so that it is never in memory twice.
    ///
    /// - Parameters:
    ///   - page: what to write.
    ///   - next: the cursor of the page that follows.
    ///   - byteCount: how many bytes an element has, more or less.
    ///   - write: writes one element.
    /// - Returns: an answer that says who gave the page.
    static func page<Element, Next>(
        _ page: Page<Element, Next>, next: String?, byteCount: (Element) -> Int,
        _ write: @escaping @Sendable (inout JSONBody, Element) -> Void
    ) -> Reply {
        let byteCount = page.elements.reduce(64) { $0 + byteCount($1) }
        var reply: Reply
        if byteCount <= wholeByteCountMax {
            var body = JSONBody(capacity: byteCount)
            body.beginPage()
            for element in page.elements { write(&body, element) }
            body.endPage(next: next)
            reply = .json(body)
        } else {
            let elements = page.elements
            reply = Reply(
                .ok,
                .stream { writer in
                    var body = JSONBody(capacity: wholeByteCountMax / 4)
                    body.beginPage()
                    for element in elements {
                        write(&body, element)
                        guard body.text.count > wholeByteCountMax / 4 else { continue }
                        try await writer.write(body.takePart())
                    }
                    body.endPage(next: next)
                    try await writer.write(body.takePart())
                }, type: MediaType.json)
        }
        reply.note(source: page.source, page.degradations)
        return reply
    }

    /// What a write answers.
    ///
    /// - Parameters:
    ///   - receipt: of the write.
    ///   - status: 200, or 201 where something was made for certain.
    ///   - write: writes the members of the answer.
    /// - Returns: an answer that says which level was reached.
    static func receipt(
        _ receipt: Receipt, _ status: HTTPResponse.Status = .ok, _ write: (inout JSONBody) -> Void
    ) -> Reply {
        var body = JSONBody()
        body.object { body in write(&body) }
        var reply = Reply.json(body, status)
        reply.note(level: receipt.level, isReplay: receipt.isReplay, receipt.degradations)
        return reply
    }

    /// A stored value as it stands, or 304 where its reader has it.
    static func stored(
        _ bytes: Bytes, _ format: Value.Format = .json, version: Version, time: Timestamp,
        editedAt: Timestamp? = nil, expiresAt: Timestamp? = nil, to call: Call, source: String,
        _ degradations: [Degradation]
    ) -> Reply {
        var reply: Reply
        if call.isFresh(version) {
            reply = Reply(.notModified)
            reply.note(tag: version)
        } else {
            reply = stored(
                bytes, format, version: version, time: time, editedAt: editedAt, expiresAt: expiresAt)
        }
        reply.note(source: source, degradations)
        return reply
    }

    /// An item of a list as it stands, or 304 where its reader has it.
    static func stored(_ answer: Answer<Item>, to call: Call) -> Reply {
        let item = answer.content
        return stored(
            item.bytes, item.format, version: item.version, time: item.appendedAt, editedAt: item.editedAt,
            expiresAt: item.expiresAt, to: call, source: answer.source, answer.degradations)
    }

    /// A stored value as it stands; what is known of it is in the headers.
    static func stored(
        _ bytes: Bytes, _ format: Value.Format, version: Version, time: Timestamp, editedAt: Timestamp? = nil,
        expiresAt: Timestamp?
    ) -> Reply {
        var buffer = ByteBufferAllocator().buffer(capacity: bytes.count)
        buffer.write(bytes)
        var reply = Reply(
            .ok, .buffer(buffer), type: format == .json ? MediaType.json : MediaType.bytes)
        reply.note(tag: version)
        reply.note(.holdfastTime, time)
        reply.note(.holdfastEditedAt, editedAt)
        reply.note(.holdfastExpiresAt, expiresAt)
        return reply
    }
}

extension JSONBody {
    fileprivate mutating func beginPage() {
        begin(UInt8(ascii: "{"))
        name("data")
        begin(UInt8(ascii: "["))
    }

    fileprivate mutating func endPage(next: String?) {
        end(UInt8(ascii: "]"))
        name("next")
        if let next { value(next) } else { null() }
        end(UInt8(ascii: "}"))
    }
}
