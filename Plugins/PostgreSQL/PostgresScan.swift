internal import HoldfastProviderKit

/// The floor of a key, as a scan meets it.
struct PostgresScanFloor: Hashable, Sendable {
    let place: PostgresScanPlace
    let version: Version

    init(_ result: PostgresResult, _ row: Int) throws(ProviderError) {
        place = PostgresScanPlace(
            namespace: OwnedBytes(copying: result.bytes(row, 0)),
            key: OwnedBytes(copying: result.bytes(row, 1)),
            id: .zero)
        version = try result.version(row, 3)
    }
}

/// Merges the records and the floors of a scan, page by page, and keeps count.
///
/// A page of records and a page of floors are read together. Behind the end of the one that ends first, nothing
/// of the other is passed on, unless the first has ended for good: the next page begins at what was passed on.
struct PostgresScan {
    private let query: ScanQuery
    private let host: HostServices
    private let isReversed: Bool
    /// The last record or floor that was seen; the scan goes on behind it.
    var place: PostgresScanPlace?
    /// How many more places the host wants.
    private(set) var remaining: UInt64
    /// Whether the host has what it wants.
    private(set) var isOver = false

    private var floors: ArraySlice<PostgresScanFloor> = []
    /// The last floor of the page, where there may be more behind it.
    private var floorsEnd: PostgresScanPlace?
    /// Whether the page of floors has ended, and records behind it must wait for the next.
    private var isPageOver = false
    /// The key whose floor or document was passed on last, if it was that.
    private var lastHead: PostgresScanPlace?

    init(_ query: ScanQuery, _ host: HostServices) {
        self.query = query
        self.host = host
        isReversed = query.scope.contains(.reversed)
        remaining = query.limit
    }

    /// Begins a page without floors.
    mutating func beginPage() {
        floors = []
        floorsEnd = nil
        isPageOver = false
    }

    /// Takes the floors of a page.
    mutating func take(_ page: [PostgresScanFloor], isLast: Bool) {
        floors = page[...]
        floorsEnd = isLast ? nil : page.last?.place
    }

    /// Passes on a record, and the floors before it.
    mutating func visit(_ result: PostgresResult, _ row: Int, into sink: inout RecordSink)
        throws(ProviderError)
    {
        if isOver || isPageOver { return }
        let own = PostgresScanPlace(
            namespace: OwnedBytes(copying: result.bytes(row, 0)),
            key: OwnedBytes(copying: result.bytes(row, 1)),
            id: try result.version(row, 2))
        while let floor = floors.first, comes(floor.place, before: own) {
            floors.removeFirst()
            push(floor, into: &sink)
            if isOver { return }
            place = floor.place
        }
        if let floorsEnd, isReversed ? own.precedes(floorsEnd) : floorsEnd.precedes(own) {
            isPageOver = true
            return
        }
        let flags = result.flags(row, 4)
        let isMatch = query.matches.isEmpty || host.matches(result.bytes(row, 6), query.matches)
        if isMatch {
            let record = OutgoingRecord(
                BorrowedAddress(namespace: result.bytes(row, 0), key: result.bytes(row, 1)), id: own.id,
                version: try result.version(row, 3),
                value: query.scope.contains(.keysOnly) ? .empty : result.bytes(row, 6),
                expiresAt: result.integer(row, 5), flags: flags)
            push(record, at: own, into: &sink)
        }
        if !isOver { place = own }
    }

    /// Passes on what is left of the floors, as far as the records of the page reach.
    ///
    /// - Returns: whether there may be more.
    mutating func endPage(isLastOfRecords: Bool, into sink: inout RecordSink) -> Bool {
        if isOver { return false }
        if isPageOver { return true }
        while let floor = floors.first, isLastOfRecords || floor.place == place {
            floors.removeFirst()
            push(floor, into: &sink)
            if isOver { return false }
            place = floor.place
        }
        return !isLastOfRecords || floorsEnd != nil
    }

    private func comes(_ floor: PostgresScanPlace, before own: PostgresScanPlace) -> Bool {
        // In reverse the floor comes behind its document.
        isReversed
            ? own.precedes(floor) : floor == own || floor.precedes(own)
    }

    private mutating func push(_ floor: PostgresScanFloor, into sink: inout RecordSink) {
        let record = OutgoingRecord(
            BorrowedAddress(namespace: floor.place.namespace.borrowed, key: floor.place.key.borrowed),
            version: floor.version, flags: .floor)
        push(record, at: floor.place, into: &sink)
    }

    private mutating func push(
        _ record: OutgoingRecord, at own: PostgresScanPlace, into sink: inout RecordSink
    ) {
        // A floor and the document of its key have the same place, so no page may end between them.
        let isRaw = query.scope.contains(.raw)
        if !(isRaw && own.id.isZero && lastHead == own) {
            guard remaining > 0 else {
                isOver = true
                return
            }
            remaining -= 1
        }
        lastHead = isRaw && own.id.isZero ? own : nil
        if !sink.push(record) || (remaining == 0 && !isRaw) { isOver = true }
    }
}

@available(*, unavailable) extension PostgresScan: Sendable {}
