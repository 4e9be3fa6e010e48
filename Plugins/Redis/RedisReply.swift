internal import CHiredis
internal import HoldfastProviderKit

/// One answer of the server; its bytes live until the next one is read.
@safe struct RedisReply {
    private let reply: UnsafePointer<redisReply>

    init(_ reply: UnsafePointer<redisReply>) { unsafe self.reply = reply }

    private var type: Int32 { unsafe reply.pointee.type }

    /// Whether the server refused the command.
    var isError: Bool { type == REDIS_REPLY_ERROR }
    /// Whether there is nothing.
    var isNil: Bool { type == REDIS_REPLY_NIL }
    /// Whether this is text or bytes.
    var isText: Bool { type == REDIS_REPLY_STRING || type == REDIS_REPLY_STATUS || isError }
    /// Whether this is an array.
    var isArray: Bool { type == REDIS_REPLY_ARRAY }

    /// The bytes of a text; none for everything else.
    var bytes: BorrowedBytes {
        guard isText else { return .empty }
        return unsafe BorrowedBytes(start: UnsafeRawPointer(reply.pointee.str), count: reply.pointee.len)
    }

    /// A text, what is not UTF-8 replaced.
    var text: String { bytes.readable }

    /// A number, also one that came as text; 0 for everything else.
    var integer: Int64 {
        if type == REDIS_REPLY_INTEGER { return unsafe Int64(reply.pointee.integer) }
        return Int64(text) ?? 0
    }

    /// How many elements an array has.
    var count: Int { isArray ? unsafe reply.pointee.elements : 0 }

    /// An element of an array.
    ///
    /// - Throws: `corrupt` where there is none: the answer is not what the command gives.
    func element(_ index: Int) throws(ProviderError) -> RedisReply {
        guard index < count, let element = unsafe reply.pointee.element?[index] else {
            throw Self.strange("it has \(count) elements, number \(index + 1) was expected")
        }
        return unsafe RedisReply(element)
    }

    /// An element of an array that must be text.
    func bytes(_ index: Int) throws(ProviderError) -> BorrowedBytes {
        let element = try element(index)
        guard element.isText, !element.isError else { throw Self.strange("an element is not text") }
        return element.bytes
    }

    /// Says that an answer is not what it must be.
    static func strange(_ what: String) -> ProviderError {
        ProviderError(
            .corrupt, "the server answered what no Redis answers: \(what)", flags: [.storeDead, .retryable])
    }
}

@available(*, unavailable) extension RedisReply: Sendable {}
