internal import CHoldfastProvider
private import Glibc
internal import HoldfastModel

/// Takes the items of one list, in the order that was asked for.
///
/// A list is what is read most. Every item has the key that was asked for, so values alone are copied: those of one sink
/// call into one allocation, which its records share.
final class ItemCollector: StoreCollector {
    private let address: Address
    private let range: ReadRequest.Range
    private let now: Int64
    private var last: Version?

    /// Starts with no items.
    ///
    /// - Parameters:
    ///   - address: of the list.
    ///   - range: which items were asked for.
    ///   - now: Unix milliseconds; what is past its expiry is left out.
    init(_ address: Address, _ range: ReadRequest.Range, now: Int64) {
        self.address = address
        self.range = range
        self.now = now
    }

    override func take(_ foreign: UnsafePointer<hf_record>?, count: Int, stride: Int) -> Int32 {
        guard violation == nil, count != 0 else { return violation == nil ? 0 : 1 }
        guard let start = unsafe start(of: foreign, count: count, stride: stride) else { return 1 }
        var byteCount = 0
        for position in 0..<count {
            let item = unsafe (start + position * stride).assumingMemoryBound(to: hf_record.self)
            if let problem = unsafe Self.sizeProblem(item) { return stop(.internal, problem) }
            guard unsafe Self.isSame(item.pointee.ns, address.namespace),
                unsafe Self.isSame(item.pointee.key, address.key)
            else { return stop(.corrupt, "a record of another key") }
            byteCount += unsafe item.pointee.value.size
        }
        let values = unsafe Self.values(start, count: count, stride: stride, byteCount: byteCount)
        // Taken out and put back as a whole: an element at a time, each would be checked for who else looks.
        var items = records
        records = []
        defer { records = items }
        items.reserveCapacity(items.count + count)
        var taken = last
        var offset = 0
        for position in 0..<count {
            let item = unsafe (start + position * stride).assumingMemoryBound(to: hf_record.self)
            // A plugin that changes an item meanwhile gets no more than was copied.
            let end = unsafe min(offset + item.pointee.value.size, byteCount)
            let value = offset..<max(offset, end)
            offset = value.upperBound
            let (id, version) = unsafe (Version(item.pointee.id), Version(item.pointee.version))
            let flags = unsafe Record.Flags(rawValue: item.pointee.flags & 0b111)
            let expiresAt = unsafe item.pointee.expires_ms
            if let problem = problem(id, version, flags, after: taken, count: items.count) {
                return stop(.corrupt, problem)
            }
            taken = id
            guard expiresAt == 0 || expiresAt > now else { continue }
            items.append(
                Record(
                    namespace: address.namespace, key: address.key, id: id, version: version,
                    value: values[value], expiresAt: expiresAt, flags: flags))
        }
        last = taken
        return 0
    }

    private static func isSame(_ foreign: hf_bytes, _ own: Bytes) -> Bool {
        guard unsafe foreign.size == own.count else { return false }
        guard let data = unsafe foreign.data else { return own.isEmpty }
        return unsafe own.withUnsafeBytes { own in
            unsafe own.baseAddress.map { unsafe memcmp(data, $0, own.count) == 0 } ?? true
        }
    }

    private static func values(
        _ start: UnsafeRawPointer, count: Int, stride: Int, byteCount: Int
    ) -> Bytes {
        unsafe Bytes(count: byteCount) { target in
            var offset = 0
            for position in 0..<count {
                let item = unsafe (start + position * stride).assumingMemoryBound(to: hf_record.self)
                unsafe CopyPool.copy(item.pointee.value, to: target, at: &offset)
            }
            unsafe CopyPool.clear(target, from: offset)
        }
    }

    /// What is wrong with an item as an answer to the question.
    private func problem(
        _ id: Version, _ version: Version, _ flags: Record.Flags, after last: Version?, count: Int
    ) -> String? {
        if UInt64(count) >= range.limit { return "more than the \(range.limit) records that were asked for" }
        if version.isZero { return "a record without a version" }
        if !flags.isDisjoint(with: [.removed, .floor]) { return "a tombstone, which readers never see" }
        if id.isZero { return "a document where items were asked for" }
        if !range.contains(id) { return "an item outside the range" }
        guard let last else { return nil }
        return (range.reversed ? id < last : id > last) ? nil : "items out of order"
    }
}
