internal import HoldfastModel
internal import HoldfastSupport

/// A write-ahead log made of one list and one document, for stores without the log role.
///
/// Each append is one item whose id is the LSN of its first entry. So a second process that appends finds its place
/// taken (the store answers that nothing changed), and is stopped before it can fork the log. The document holds the
/// log's identity and how far it was trimmed, so that a log without entries still knows its next LSN.
final class PrimitiveLog: @unchecked Sendable {
    // @unchecked: one lane calls it, one call at a time.

    /// One item of the list.
    private struct Group {
        let first: UInt64
        let count: Int
        let byteCount: Int
        var end: UInt64 { first + UInt64(count) }
    }

    /// Entries in one group at most; the lengths of more would be a value of their own.
    private static let entryCountMax = 4096

    /// The log's own name, a UUID.
    private(set) var identity = ""
    private let handle: StoreHandle
    private let list: Address
    private let root: Address
    private var rootVersion = Version.zero
    private var trimmedThrough: UInt64 = 0
    private var last: UInt64 = 0
    private var groups: [Group] = []
    private var byteCount: UInt64 = 0
    private var damage: HoldfastError?

    /// Reads what is there; blocks.
    ///
    /// - Parameters:
    ///   - handle: a store in any role.
    ///   - name: of the log in storage.yaml; several logs may share a store.
    ///   - frame: the memory that is lent.
    ///   - context: deadline.
    /// - Throws: what the store throws; a log that is damaged opens, and can be read as far as it is whole.
    init(
        _ handle: StoreHandle, name: String, _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) {
        self.handle = handle
        root = Address(namespace: "~holdfast", key: Bytes("log/\(name)"))
        list = Address(namespace: "~holdfast", key: Bytes("log/\(name)/entries"))
        let document = try handle.read([ReadRequest(root)], frame, context).first?.first
        if let document { try readRoot(document) }
        try readGroups(frame, context)
        guard document == nil else { return }
        if !groups.isEmpty {
            damage = corrupt("it has entries but no identity: the document \(root.key) is gone")
        }
        identity = Version(high: .random(in: 1 ... .max), low: .random(in: 1 ... .max)).description
        if damage == nil { try writeRoot(trimmedThrough: 0, frame, context) }
    }

    /// Appends entries; durable on return where the store can be.
    func append(
        _ entries: [Bytes], _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) -> UInt64 {
        if let damage { throw damage }
        let first = last + 1
        var changes: [Change] = []
        var added: [Group] = []
        var next = first
        for part in try split(entries) {
            let value = PrimitiveLogGroup.encode(part, first: next)
            let id = PrimitiveLogGroup.id(next)
            let record = Record(
                namespace: list.namespace, key: list.key, id: id, version: id, value: value, flags: .bytes)
            changes.append(Change(.put, record, isItem: true))
            added.append(Group(first: next, count: part.count, byteCount: value.count))
            next += UInt64(part.count)
        }
        try write(changes, first, frame, context)
        groups += added
        byteCount += added.reduce(0) { $0 + UInt64($1.byteCount) }
        last = next - 1
        return first
    }

    private func write(
        _ changes: [Change], _ first: UInt64, _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) {
        let atomic = changes.count > 1 && handle.info.capabilities.contains(.atomicBatch)
        var commit = GroupCommit(handle, frame)
        let request = GroupCommit.Request(changes: changes, atomic: atomic, context: context)
        var isStored = false
        do throws(HoldfastError) {
            let outcomes = try commit.apply([request])[0].get()
            if case .invalid(let reason)? = outcomes.first(where: { !$0.stands }) {
                // What stands before it must be looked at again; a single group has left nothing behind.
                let flags: HoldfastError.Flags =
                    outcomes.count > 1 && !atomic ? [.maybeApplied, .providerDead] : []
                throw HoldfastError(
                    .invalid, "\(handle.label): the log cannot store its entries: \(reason)", flags: flags)
            }
            guard outcomes.allSatisfy({ $0 == .applied }) else {
                throw HoldfastError(
                    .unavailable,
                    "\(handle.label): entry \(first) of the log is there already: another process appends "
                        + "to this log; give each its own", flags: [.maybeApplied, .providerDead])
            }
            isStored = true
            try handle.flush(frame, context)
        } catch {
            var error = error
            // Its owner opens the log anew, and sees what is there.
            if isStored || commit.callCount > 1 || error.flags.contains(.maybeApplied) {
                error.flags.formUnion([.maybeApplied, .providerDead])
            }
            throw error
        }
    }

    /// Reads whole entries, in order.
    func read(
        from lsn: UInt64, byteCountMax: Int, _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) -> [LogRecord] {
        let start = max(lsn, trimmedThrough + 1)
        guard start <= last else { return [] }
        var position = position(of: start)
        guard position < groups.count, groups[position].first <= start else {
            throw damage ?? corrupt("entry \(start) is not there")
        }
        var records: [LogRecord] = []
        var remaining = max(byteCountMax, 1)
        while position < groups.count, remaining > 0 {
            var wanted = 1
            var byteCount = groups[position].byteCount
            while position + wanted < groups.count, byteCount < remaining, wanted < 256 {
                byteCount += groups[position + wanted].byteCount
                wanted += 1
            }
            let after = PrimitiveLogGroup.id(groups[position].first).predecessor
            let range = ReadRequest.Range(after: after, limit: UInt64(wanted))
            let items = try handle.read([ReadRequest(list, range: range)], frame, context).first ?? []
            guard items.count == wanted else { throw corrupt("entry \(groups[position].first) is not there") }
            for (item, group) in zip(items, groups[position...]) {
                let found = try decode(item, group)
                // What is whole is given; whoever asks for what is missing hears of it.
                if let end = records.last?.lsn, end + 1 != found.first { return records }
                for (offset, entry) in found.entries.enumerated() where found.first + UInt64(offset) >= start
                {
                    guard remaining > 0 else { return records }
                    records.append(LogRecord(lsn: found.first + UInt64(offset), payload: entry))
                    remaining -= entry.count
                }
            }
            position += wanted
        }
        return records
    }

    /// What the log holds.
    var bounds: LogBounds {
        let first = groups.first.map { max($0.first, trimmedThrough + 1) } ?? last + 1
        return LogBounds(first: min(first, last + 1), last: last, byteCount: byteCount)
    }

    /// Lets go of every entry before an LSN.
    func trim(before lsn: UInt64, _ frame: CallFrame, _ context: CallContext) throws(HoldfastError) {
        let through = min(lsn, last + 1) - 1
        guard lsn > 0, through > trimmedThrough else { return }
        try writeRoot(trimmedThrough: through, frame, context)
        trimmedThrough = through
        let kept = position(of: lsn)
        guard kept > 0 else { return }
        let record = Record(
            namespace: list.namespace, key: list.key, version: PrimitiveLogGroup.id(groups[kept - 1].first))
        var commit = GroupCommit(handle, frame)
        let request = GroupCommit.Request(changes: [Change(.drop, record)], atomic: false, context: context)
        _ = try commit.apply([request])[0].get()
        byteCount -= groups[..<kept].reduce(0) { $0 + UInt64($1.byteCount) }
        groups.removeFirst(kept)
    }

    /// Reads everything again.
    func verify(_ frame: CallFrame, _ context: CallContext) throws(HoldfastError) -> [LogFinding] {
        var findings: [LogFinding] = []
        func report(
            _ kind: LogFinding.Kind, _ first: UInt64, _ last: UInt64, _ byteCount: UInt64, _ message: String
        ) {
            findings.append(
                LogFinding(
                    kind: kind, firstLSN: first, lastLSN: last, offset: 0, byteCount: byteCount,
                    file: "\(list.namespace)/\(list.key)", message: message))
        }
        if let damage { report(.damaged, 0, 0, 0, damage.message) }
        for group in groups {
            let after = PrimitiveLogGroup.id(group.first).predecessor
            let range = ReadRequest.Range(after: after, limit: 1)
            let item = try handle.read([ReadRequest(list, range: range)], frame, context).first?.first
            guard let item, (try? decode(item, group)) != nil else {
                report(
                    .damaged, group.first, group.end - 1, UInt64(group.byteCount),
                    "the group does not have its checksum")
                continue
            }
        }
        if findings.isEmpty, !groups.isEmpty {
            report(.segment, bounds.first, last, bounds.byteCount, "\(groups.count) groups are whole")
        }
        return findings
    }
}

extension PrimitiveLog {
    private func readGroups(_ frame: CallFrame, _ context: CallContext) throws(HoldfastError) {
        last = trimmedThrough
        var after = Version.zero
        while true {
            let request = ReadRequest(list, range: .init(after: after, limit: 64))
            let items = try handle.read([request], frame, context).first ?? []
            for item in items {
                after = item.id
                guard let first = PrimitiveLogGroup.lsn(item.id),
                    let group = PrimitiveLogGroup(item.value, first: first)
                else {
                    damage = damage ?? corrupt("the group \(item.id) does not have its checksum")
                    continue
                }
                if group.last <= trimmedThrough { continue }
                if groups.isEmpty ? first > trimmedThrough + 1 : first != last + 1 {
                    damage = damage ?? corrupt("entry \(last + 1) is missing before entry \(first)")
                }
                groups.append(Group(first: first, count: group.entries.count, byteCount: item.value.count))
                byteCount += UInt64(item.value.count)
                last = group.last
            }
            if items.count < 64 { return }
        }
    }

    /// The first group that ends behind an entry.
    private func position(of lsn: UInt64) -> Int {
        var low = 0
        var high = groups.count
        while low < high {
            let middle = (low + high) / 2
            if groups[middle].end <= lsn { low = middle + 1 } else { high = middle }
        }
        return low
    }

    private func decode(_ item: Record, _ group: Group) throws(HoldfastError) -> PrimitiveLogGroup {
        guard item.id == PrimitiveLogGroup.id(group.first),
            let found = PrimitiveLogGroup(item.value, first: group.first), found.entries.count == group.count
        else { throw corrupt("the group of entry \(group.first) does not have its checksum") }
        return found
    }

    /// Cuts entries into groups that the store takes.
    private func split(_ entries: [Bytes]) throws(HoldfastError) -> [ArraySlice<Bytes>] {
        let limit =
            handle.info.valueByteCountMax == 0 ? 64 << 20 : Int(clamping: handle.info.valueByteCountMax)
        var parts: [ArraySlice<Bytes>] = []
        var start = 0
        var byteCount = 12
        for (position, entry) in entries.enumerated() {
            let size = PrimitiveLogGroup.byteCount(of: entry)
            if handle.info.valueByteCountMax != 0, 12 + size > limit {
                throw HoldfastError(
                    .invalid,
                    "\(handle.label): an entry of \(entry.count) bytes is larger than the \(limit) bytes that the "
                        + "store takes as a value; use a log of its own, such as file-log")
            }
            if position > start, byteCount + size > limit || position - start >= Self.entryCountMax {
                parts.append(entries[start..<position])
                start = position
                byteCount = 12
            }
            byteCount += size
        }
        parts.append(entries[start...])
        return parts
    }

    private func readRoot(_ document: Record) throws(HoldfastError) {
        let text = document.value.array
        guard let name = try? JSONPointer.value(at: Array("/log".utf8), in: text),
            let trimmed = try? JSONPointer.value(at: Array("/trimmed".utf8), in: text),
            let through = UInt64(String(decoding: trimmed, as: UTF8.self))
        else { throw corrupt("the document \(root.key) is not the root of a log") }
        identity = String(decoding: name, as: UTF8.self)
        trimmedThrough = through
        rootVersion = document.version
    }

    private func writeRoot(
        trimmedThrough: UInt64, _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) {
        var clock = VersionClock(node: 0, last: rootVersion)
        let version = clock.next(at: UInt64(max(handle.clock.unixMilliseconds, 1)))
        let value = Bytes("{\"log\":\"\(identity)\",\"trimmed\":\(trimmedThrough)}")
        let record = Record(namespace: root.namespace, key: root.key, version: version, value: value)
        var commit = GroupCommit(handle, frame)
        let request = GroupCommit.Request(changes: [Change(.put, record)], atomic: false, context: context)
        let outcomes = try commit.apply([request])[0].get()
        guard outcomes == [.applied] else {
            throw HoldfastError(
                .unavailable,
                "\(handle.label): the root of the log was changed by another process; give each its own log",
                flags: [.retryable, .providerDead])
        }
        try handle.flush(frame, context)
        rootVersion = version
    }

    private func corrupt(_ reason: String) -> HoldfastError {
        HoldfastError(.corrupt, "\(handle.label): the log \(list.key) is damaged: \(reason)")
    }
}
