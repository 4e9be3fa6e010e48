internal import HTTPTypes
internal import Holdfast
internal import HoldfastChain
internal import HoldfastModel
internal import HummingbirdCore
internal import NIOCore

/// What a route answers.
struct Reply: Sendable {
    /// Writes a body part by part; ends it by returning.
    typealias Stream = @concurrent @Sendable (inout any ResponseBodyWriter) async throws -> Void

    /// The body.
    enum Body: Sendable {
        case none
        /// Ready, with its length.
        case buffer(ByteBuffer)
        /// Made while it is sent, in chunks.
        case stream(Stream)
    }

    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: Body

    /// Makes an answer.
    init(_ status: HTTPResponse.Status, _ body: Body = .none, type: String? = nil) {
        self.status = status
        self.body = body
        headers = HTTPFields()
        headers.reserveCapacity(8)
        if let type { headers.append(HTTPField(name: .contentType, value: type)) }
    }

    /// An answer of JSON.
    static func json(_ body: JSONBody, _ status: HTTPResponse.Status = .ok) -> Reply {
        Reply(status, .buffer(body.buffer), type: MediaType.json)
    }

    /// The media types of answers.
    enum MediaType {
        static let json = "application/json"
        static let problem = "application/problem+json"
        static let bytes = "application/octet-stream"
        static let events = "text/event-stream"
    }
}

extension Reply {
    /// The same answer with one more header.
    func with(_ name: HTTPField.Name, _ value: String) -> Reply {
        var reply = self
        reply.headers.append(HTTPField(name: name, value: value))
        return reply
    }

    /// Says which provider answered a read, and what it had to do without.
    mutating func note(source: String, _ degradations: [Degradation]) {
        if !source.isEmpty { headers.append(HTTPField(name: .holdfastSource, value: source)) }
        note(degradations)
    }

    /// Says the same of something that was looked for and is not there.
    mutating func note(_ trail: AnswerTrail) {
        guard headers.value(of: .holdfastSource) == nil else { return }
        let (source, degradations) = trail.noted
        note(source: source, degradations)
    }

    /// Says which level a write has reached, and what it had to do without.
    mutating func note(level: AckLevel, isReplay: Bool, _ degradations: [Degradation]) {
        headers.append(HTTPField(name: .holdfastLevel, value: level.rawValue))
        if isReplay { headers.append(HTTPField(name: .holdfastReplay, value: "true")) }
        note(degradations)
    }

    private mutating func note(_ degradations: [Degradation]) {
        guard !degradations.isEmpty else { return }
        let words = degradations.map(\.description).joined(separator: ", ")
        headers.append(HTTPField(name: .holdfastDegraded, value: words))
    }

    /// Says which version was read or written, as the tag of the entity.
    mutating func note(tag version: Version) {
        var tag: [UInt8] = []
        tag.append(text: "\"")
        tag.append(hex: version)
        tag.append(text: "\"")
        headers.append(HTTPField(name: .eTag, value: String(decoding: tag, as: UTF8.self)))
    }

    /// Gives a point in time in a header.
    mutating func note(_ name: HTTPField.Name, _ time: Timestamp?) {
        guard let time else { return }
        var text: [UInt8] = []
        text.append(time: time)
        headers.append(HTTPField(name: name, value: String(decoding: text, as: UTF8.self)))
    }
}
