internal import HoldfastProviderKit

extension RedisStore: BatchStore {
    // A round trip costs the same for one change as for hundreds.
    var preferredChangeCount: UInt32 { 512 }

    /// Applies a batch in one script, in one round trip.
    func apply(_ changes: ChangeBuffer, call: CallContext) throws(ProviderError) {
        guard !changes.isEmpty else { return }
        try purgeNowAndThen(call)
        let batch = RedisBatch(changes)
        let now = host.unixMilliseconds
        let arguments = RedisArguments(count: batch.argumentCount + 5, byteCount: batch.byteCount) {
            [self] pipeline in
            pipeline.append(names.prefix)
            pipeline.append(identity)
            pipeline.append(now)
            pipeline.append(changes.isAtomic ? "1" : "0")
            batch.add(to: &pipeline)
        }
        try connection.run(RedisScripts.apply, call: call, writes: true, arguments) {
            reply throws(ProviderError) in try resolve(changes, reply.bytes)
        }
        if let complaint = batch.complaint { call.report(complaint) }
    }

    private func resolve(_ changes: ChangeBuffer, _ answers: BorrowedBytes) throws(ProviderError) {
        let bytes = answers.array
        let width = Version.byteCount + 1
        guard bytes.count == changes.count * width else {
            var error = RedisReply.strange("\(bytes.count) bytes about \(changes.count) changes")
            error.flags.insert(.maybeApplied)
            throw error
        }
        for (index, change) in changes.enumerated() {
            let answer = bytes[index * width..<(index + 1) * width]
            let seen = answer.dropFirst().reduce(into: (high: UInt64(0), low: UInt64(0))) { half, byte in
                half.high = half.high << 8 | half.low >> 56
                half.low = half.low << 8 | UInt64(byte)
            }
            let version = Version(high: seen.high, low: seen.low)
            switch answer.first {
            case UInt8(ascii: "A"): change.resolve(.applied)
            case UInt8(ascii: "U"): change.resolve(.unchanged)
            case UInt8(ascii: "C"): change.resolve(.conflict(seen: version))
            case UInt8(ascii: "S"): change.resolve(.stale(seen: version))
            case UInt8(ascii: "N"): change.resolve(.notFound)
            default: change.resolve(.invalid)
            }
        }
    }
}

/// The changes of one batch as arguments of the script that applies them.
private struct RedisBatch {
    private struct Place: Hashable {
        let namespace: BorrowedBytes
        let key: BorrowedBytes
    }

    private let changes: ChangeBuffer
    /// The keys that the changes are about, each once.
    private var places: [Place] = []
    /// The number of the key of each change, from 1.
    private var numbers: [UInt32] = []
    /// The changes that no store like this can hold.
    private var refused: Set<Int> = []
    /// Why a change is invalid.
    private(set) var complaint: ProviderError?
    /// About how many bytes the arguments have.
    private(set) var byteCount = 512

    init(_ changes: ChangeBuffer) {
        self.changes = changes
        var known: [Place: UInt32] = [:]
        for (index, change) in changes.enumerated() {
            let record = change.record
            let place = Place(namespace: record.address.namespace, key: record.address.key)
            let number = known[place] ?? UInt32(places.count + 1)
            if number > places.count {
                known[place] = number
                places.append(place)
                byteCount += place.namespace.count + place.key.count + 32
            }
            numbers.append(number)
            byteCount += record.value.count + 96
            refuse(index, change)
        }
    }

    var argumentCount: Int { places.count * 2 + changes.count * 2 }

    private mutating func refuse(_ index: Int, _ change: Change) {
        if change.kind == nil {
            complaint = ProviderError(.invalid, "a change of a kind that this plugin does not know")
        } else if change.kind == .put, change.record.value.count > RedisStore.valueByteCountMax {
            complaint = ProviderError(
                .invalid,
                "a value has \(change.record.value.count) bytes, this store takes "
                    + "\(RedisStore.valueByteCountMax)")
        } else {
            return
        }
        refused.insert(index)
    }

    func add(to pipeline: inout RedisPipeline) {
        pipeline.append(places.count)
        for place in places {
            pipeline.append(place.namespace)
            pipeline.append(place.key)
        }
        for (index, change) in changes.enumerated() {
            let isRefused = refused.contains(index)
            let record = change.record
            var header: [UInt8] = []
            header.append(isRefused ? 0 : UInt8(clamping: change.kind?.rawValue ?? 0))
            header.append(UInt8(change.conditions.rawValue & 7))
            header.append(UInt8(record.flags.rawValue & 3))
            header.append(bigEndian: numbers[index])
            header.append(record.id)
            header.append(record.version)
            header.append(change.expected)
            header.append(bigEndian: record.expiresAt)
            pipeline.append(header)
            pipeline.append(isRefused ? .empty : record.value)
        }
    }
}
