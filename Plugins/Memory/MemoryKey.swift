internal import HoldfastProviderKit

/// A stored record, without its address.
struct StoredRecord: Sendable {
    let id: Version
    let version: Version
    let value: OwnedBytes
    let expiresAt: Int64
    let flags: RecordFlags

    /// Copies what a change puts.
    init(copying record: BorrowedRecord) {
        id = record.id
        version = record.version
        value = record.value.isEmpty ? .empty : OwnedBytes(copying: record.value)
        expiresAt = record.expiresAt
        flags = record.flags
    }

    /// The floor of a key, as a raw scan shows it.
    init(floor: Version) {
        id = .zero
        version = floor
        value = .empty
        expiresAt = 0
        flags = .floor
    }

    /// Whether a reader sees the record.
    func isVisible(at milliseconds: Int64) -> Bool {
        !flags.contains(.removed) && (expiresAt == 0 || expiresAt > milliseconds)
    }
}

/// Everything at one address, and the merge rule of `holdfast_provider.h`.
final class MemoryKey: @unchecked Sendable {
    // @unchecked: reached only under the lock of its space.
    private(set) var document: StoredRecord?
    private(set) var items = TrimmableList<StoredRecord>()
    private(set) var floor = Version.zero

    /// How to take one change back.
    enum Undo {
        case document(StoredRecord?)
        case item(StoredRecord)
        case newItem(Version)
        case drop(document: StoredRecord?, items: [StoredRecord], floor: Version)
    }

    /// Stores a record.
    ///
    /// - Returns: how to take it back, or nothing where the merge rule kept what was there.
    func put(_ record: StoredRecord) -> Undo? {
        guard !record.id.isZero else {
            guard record.version > floor, record.version > document?.version ?? .zero else { return nil }
            defer { document = record }
            return .document(document)
        }
        guard record.id > floor else { return nil }
        let position = position(of: record.id)
        if position < items.count, items[position].id == record.id {
            let stored = items[position]
            guard record.version > stored.version else { return nil }
            items[position] = record
            return .item(stored)
        }
        items.insert(record, at: position)
        return .newItem(record.id)
    }

    /// Removes the document up to a version and the items up to that id.
    ///
    /// - Returns: how to take it back, or nothing where nothing changed.
    func drop(upTo version: Version) -> Undo? {
        let count = items.partition { $0.id <= version }
        let takesDocument = document.map { $0.version <= version } ?? false
        guard version > floor || count > 0 || takesDocument else { return nil }
        let undo = Undo.drop(
            document: takesDocument ? document : nil, items: items.removeFirst(count), floor: floor)
        if takesDocument { document = nil }
        floor = max(floor, version)
        return undo
    }

    /// Takes the latest change back.
    func revert(_ undo: Undo) {
        switch undo {
        case .document(let stored): document = stored
        case .item(let stored): items[position(of: stored.id)] = stored
        case .newItem(let id): items.remove(at: position(of: id))
        case .drop(let removed, let front, let version):
            document = removed ?? document
            items.insertFirst(front)
            floor = version
        }
    }

    /// The item with an id, tombstones among them.
    func item(_ id: Version) -> StoredRecord? {
        let position = position(of: id)
        return position < items.count && items[position].id == id ? items[position] : nil
    }

    /// The indexes of the items inside a range.
    func indexes(in range: ListRange) -> Range<Int> {
        let lower = range.after.isZero ? 0 : items.partition { $0.id <= range.after }
        let upper = range.before.isZero ? items.count : items.partition { $0.id < range.before }
        return lower..<max(lower, upper)
    }

    /// Forgets what was removed or has expired before a time.
    ///
    /// - Returns: the records that are gone, and whether nothing at all is left.
    func purge(before milliseconds: Int64) -> (records: [StoredRecord], isEmpty: Bool) {
        func isOld(_ record: StoredRecord) -> Bool {
            if record.flags.contains(.removed) { return record.version.milliseconds < milliseconds }
            return record.expiresAt != 0 && record.expiresAt < milliseconds
        }
        var gone = items.removeAll(where: isOld)
        if let stored = document, isOld(stored) {
            gone.append(stored)
            document = nil
        }
        if floor.milliseconds < milliseconds { floor = .zero }
        return (gone, document == nil && items.isEmpty && floor.isZero)
    }

    private func position(of id: Version) -> Int {
        // The newest id goes to the end, so that is asked first.
        if let last = items.last, last.id < id { return items.count }
        return items.partition { $0.id < id }
    }
}

extension Version {
    /// The Unix time in milliseconds that a version carries.
    var milliseconds: Int64 { Int64(high >> 16) }
}
