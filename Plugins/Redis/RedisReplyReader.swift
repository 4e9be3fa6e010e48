internal import CHiredis
internal import HoldfastProviderKit

/// How many elements an array may have: far more than any answer to this plugin.
private let elementCountMax: Int32 = 1 << 20

/// What hiredis makes answers with.
private let ownFunctions: redisReplyObjectFunctions = {
    guard let reader = unsafe redisReaderCreate() else { return redisReplyObjectFunctions() }
    defer { unsafe redisReaderFree(reader) }
    return unsafe reader.pointee.fn.pointee
}()

/// The same, without the memory for an array that only announces to be large; never freed.
// nonisolated(unsafe): written here once, and only read from then on.
nonisolated(unsafe) private let boundedFunctions: UnsafeMutablePointer<redisReplyObjectFunctions> = {
    let functions = UnsafeMutablePointer<redisReplyObjectFunctions>.allocate(capacity: 1)
    unsafe functions.initialize(to: ownFunctions)
    unsafe functions.pointee.createArray = { @Sendable task, count in
        guard count <= elementCountMax else { return nil }
        return unsafe ownFunctions.createArray?(task, count)
    }
    return unsafe functions
}()

/// Makes answers of the bytes that come from the server.
@safe final class RedisReplyReader {
    private let reader: UnsafeMutablePointer<redisReader>

    /// Makes a reader.
    ///
    /// - Returns: nothing where there is no memory.
    init?() {
        guard let reader = unsafe redisReaderCreate() else { return nil }
        unsafe self.reader = reader
        unsafe reader.pointee.fn = boundedFunctions
        // A large answer would have the buffer freed and made anew for each of its parts.
        unsafe reader.pointee.maxbuf = 1 << 20
    }

    deinit { unsafe redisReaderFree(reader) }

    /// Whether bytes have come that belong to no answer yet.
    var hasRest: Bool { unsafe reader.pointee.len > reader.pointee.pos || reader.pointee.ridx >= 0 }

    /// Takes bytes that have come.
    ///
    /// - Returns: whether there was memory for them.
    func feed(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let start = bytes.baseAddress else { return true }
        let characters = unsafe start.assumingMemoryBound(to: CChar.self)
        return unsafe redisReaderFeed(reader, characters, bytes.count) == REDIS_OK
    }

    /// Lends the next whole answer.
    ///
    /// - Returns: whether there was one.
    /// - Throws: what `body` throws, or `unavailable` for bytes that are no answer.
    func next(_ body: (RedisReply) throws(ProviderError) -> Void) throws(ProviderError) -> Bool {
        var answer: UnsafeMutableRawPointer?
        guard unsafe redisReaderGetReply(reader, &answer) == REDIS_OK else { throw failure }
        guard let answer = unsafe answer else { return false }
        defer { unsafe freeReplyObject(answer) }
        try unsafe body(RedisReply(answer.assumingMemoryBound(to: redisReply.self)))
        return true
    }

    private var failure: ProviderError {
        let text = unsafe withUnsafeBytes(of: reader.pointee.errstr) { bytes in
            unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        return ProviderError(
            .unavailable, "what answers does not speak the protocol of Redis: \(text)",
            flags: [.retryable, .storeDead])
    }
}

@available(*, unavailable) extension RedisReplyReader: Sendable {}
