internal import HoldfastProviderKit

/// One page of a scan as the script answers it.
struct RedisScanPage {
    /// What a page has of a key.
    enum Entry {
        case floor(Version)
        case record(RedisRecord)
    }

    private let reply: RedisReply

    init(_ reply: RedisReply) { self.reply = reply }

    /// Passes on every entry until nobody wants more.
    ///
    /// - Returns: where to go on, or nothing where there is no more.
    /// - Throws: `corrupt` for an answer that is not one of the script, or a damaged record.
    func visit(
        _ body: (BorrowedAddress, Entry) throws(ProviderError) -> Bool
    ) throws(ProviderError) -> RedisScanPlace? {
        var address: BorrowedAddress?
        var index = 0
        func entry(_ entry: Entry) throws(ProviderError) -> Bool {
            guard let address else { throw RedisReply.strange("a record without its key") }
            return try body(address, entry)
        }
        while index < reply.count {
            let letter = try reply.bytes(index).array.first ?? 0
            var isMore = true
            switch letter {
            case UInt8(ascii: "K"):
                address = BorrowedAddress(
                    namespace: try reply.bytes(index + 1), key: try reply.bytes(index + 2))
                index += 3
            case UInt8(ascii: "F"):
                guard let version = Version(try reply.bytes(index + 1)) else {
                    throw ProviderError(.corrupt, "a stored floor does not have \(Version.byteCount) bytes")
                }
                isMore = try entry(.floor(version))
                index += 2
            case UInt8(ascii: "D"):
                let record = try RedisRecord(
                    document: reply.bytes(index + 1), value: reply.bytes(index + 2))
                isMore = try entry(.record(record))
                index += 3
            case UInt8(ascii: "I"):
                isMore = try entry(.record(RedisRecord(item: reply.bytes(index + 1))))
                index += 2
            case UInt8(ascii: "C"):
                return RedisScanPlace(
                    namespace: OwnedBytes(copying: try reply.bytes(index + 1)),
                    key: OwnedBytes(copying: try reply.bytes(index + 2)),
                    id: Version(try reply.bytes(index + 3)) ?? .zero)
            case UInt8(ascii: "E"): return nil
            default: throw RedisReply.strange("a scan with the letter \(letter)")
            }
            if !isMore { return nil }
        }
        throw RedisReply.strange("a scan without an end")
    }
}

@available(*, unavailable) extension RedisScanPage: Sendable {}
@available(*, unavailable) extension RedisScanPage.Entry: Sendable {}

/// Hands the pages of a scan to the host, and keeps count.
struct RedisScan {
    private let query: ScanQuery
    private let host: HostServices
    /// Where the next page begins.
    var place: RedisScanPlace?
    /// How many more places the host wants.
    private(set) var remaining: UInt64
    /// Whether the host has what it wants, or there is no more.
    private(set) var isOver = false
    /// The key whose floor or document was passed on last, if it was that.
    private var lastHead: OwnedAddress?

    private struct OwnedAddress: Hashable {
        let namespace: OwnedBytes
        let key: OwnedBytes

        init(_ address: BorrowedAddress) {
            namespace = OwnedBytes(copying: address.namespace)
            key = OwnedBytes(copying: address.key)
        }
    }

    init(_ query: ScanQuery, _ host: HostServices) {
        self.query = query
        self.host = host
        remaining = query.limit
    }

    /// The next page.
    func plan(_ count: Int) -> RedisScanPlan { RedisScanPlan(query, after: place, count: count) }

    /// Passes a page on.
    mutating func take(_ reply: RedisReply, into sink: inout RecordSink) throws(ProviderError) {
        var sinkIsOver = false
        let next = try RedisScanPage(reply).visit { address, entry throws(ProviderError) in
            let isMore = push(entry, of: address, into: &sink)
            sinkIsOver = !isMore
            return isMore
        }
        place = next
        isOver = sinkIsOver || next == nil
    }

    private mutating func push(
        _ entry: RedisScanPage.Entry, of address: BorrowedAddress, into sink: inout RecordSink
    ) -> Bool {
        let outgoing: OutgoingRecord
        var isHead = false
        switch entry {
        case .floor(let version):
            outgoing = OutgoingRecord(address, version: version, flags: .floor)
            isHead = true
        case .record(let record):
            if !query.matches.isEmpty {
                guard record.flags.isDisjoint(with: [.bytes, .removed]),
                    host.matches(record.value, query.matches)
                else { return true }
            }
            outgoing = record.outgoing(address, isBare: query.scope.contains(.keysOnly))
            isHead = record.id.isZero
        }
        // A floor and the document of its key have the same place, so no page may end between them.
        let own = isHead && query.scope.contains(.raw) ? OwnedAddress(address) : nil
        if own == nil || own != lastHead {
            guard remaining > 0 else { return false }
            remaining -= 1
        }
        lastHead = own
        let isWanted = sink.push(outgoing)
        return isWanted && (remaining > 0 || query.scope.contains(.raw))
    }
}

@available(*, unavailable) extension RedisScan: Sendable {}
