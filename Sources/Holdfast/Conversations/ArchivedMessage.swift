internal import HoldfastModel
internal import HoldfastSupport

/// A message as the archive of its session holds it: its JSON as it is, framed by its id and version.
///
/// `{"id":"…","version":"…","message":…}`. One that was never stored before, because a trimming took it at once, has
/// neither. One that is too large for a frame, or no JSON, is stored as it is, marked as bytes.
enum ArchivedMessage {
    /// Bytes that a frame adds at most.
    static let frameByteCountMax = 128

    static func value(of item: Item, expiry: Expiry?, byteCountMax: Int) -> Value {
        guard item.format == .json else { return .bytes(item.bytes, expiry: expiry) }
        return value(
            item.bytes, id: item.id, version: item.version, expiry: expiry, byteCountMax: byteCountMax)
    }

    static func value(
        _ message: Bytes, id: Version? = nil, version: Version? = nil, expiry: Expiry? = nil,
        byteCountMax: Int
    ) -> Value {
        guard message.count <= byteCountMax - frameByteCountMax else {
            return .bytes(message, expiry: expiry)
        }
        var writer = JSONWriter()
        writer.object { object in
            object.member("id", id?.description)
            object.member("version", version?.description)
            object.member("message", json: message.array)
        }
        return .json(Bytes(writer.bytes), expiry: expiry)
    }

    /// The message that an item of an archive holds.
    static func message(in item: Item) throws(HoldfastError) -> Message {
        try message(item.bytes, item.format, storedAs: item.id, at: item.key)
    }

    /// The message that a document holds.
    static func message(in document: Document) throws(HoldfastError) -> Message {
        try message(document.bytes, document.format, storedAs: document.version, at: document.key)
    }

    private static func message(
        _ bytes: Bytes, _ format: Value.Format, storedAs version: Version, at key: String
    ) throws(HoldfastError) -> Message {
        guard format == .json else {
            let isJSON = (try? JSONNode(bytes.array)) != nil
            return Message(
                id: version, version: version, json: bytes, format: isJSON ? .json : .bytes)
        }
        guard let node = try? JSONNode(bytes.array), let message = node["message"] else {
            throw HoldfastError(.corrupt, "what was kept at \"\(key)\" holds no message")
        }
        let id = node["id"]?.string.flatMap { Version($0) } ?? version
        return Message(
            id: id, version: node["version"]?.string.flatMap { Version($0) } ?? id,
            json: bytes[message.offset..<message.offset + message.bytes.count])
    }
}
