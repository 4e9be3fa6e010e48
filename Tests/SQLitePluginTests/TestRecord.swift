import CHoldfastProvider

/// A record, or the address and version of a drop or check, with memory of its own.
struct TestRecord: Equatable, CustomStringConvertible {
    var ns = "n"
    var key = "k"
    var id: UInt64 = 0
    var version: UInt64 = 0
    var value: [UInt8] = []
    var expires: Int64 = 0
    var flags: UInt32 = 0

    init(
        _ key: String = "k", ns: String = "n", id: UInt64 = 0, version: UInt64? = nil, _ value: String = "",
        expires: Int64 = 0, flags: Int = 0
    ) {
        self.init(
            key, ns: ns, id: id, version: version, bytes: Array(value.utf8), expires: expires, flags: flags)
    }

    init(
        _ key: String = "k", ns: String = "n", id: UInt64 = 0, version: UInt64? = nil, bytes: [UInt8],
        expires: Int64 = 0, flags: Int = 0
    ) {
        self.ns = ns
        self.key = key
        self.id = id
        self.version = version ?? id
        value = bytes
        self.expires = expires
        self.flags = UInt32(flags)
    }

    init(_ record: hf_record) {
        ns = record.ns.text
        key = record.key.text
        id = record.id.number
        version = record.version.number
        value = record.value.array
        expires = record.expires_ms
        flags = record.flags
    }

    var text: String { String(decoding: value, as: UTF8.self) }
    var description: String { "\(ns)/\(key)#\(id)@\(version)=\(text)\(flags == 0 ? "" : "!\(flags)")" }

    func lent(_ arena: TestArena) -> hf_record {
        var record = hf_record()
        record.struct_size = UInt32(MemoryLayout<hf_record>.size)
        record.flags = flags
        record.ns = arena.bytes(ns)
        record.key = arena.bytes(key)
        record.id = hf_version(id)
        record.version = hf_version(version)
        record.value = arena.bytes(value)
        record.expires_ms = expires
        return record
    }
}

extension hf_version {
    /// A UUIDv7 whose milliseconds are the number; zero is no version.
    init(_ number: UInt64) {
        self.init()
        guard number > 0 else { return }
        withUnsafeMutableBytes(of: &self) { bytes in
            bytes.storeBytes(of: (number << 16 | 0x7000).bigEndian, as: UInt64.self)
            bytes.storeBytes(of: (UInt64(2) << 62).bigEndian, toByteOffset: 8, as: UInt64.self)
        }
    }

    var number: UInt64 {
        withUnsafeBytes(of: self) { UInt64(bigEndian: $0.load(as: UInt64.self)) >> 16 }
    }
}

/// A change and, after the call, what became of it.
struct TestChange {
    var kind = HF_CHANGE_PUT
    var record: TestRecord
    var conditions = 0
    var expected: UInt64 = 0

    static func put(_ record: TestRecord, if conditions: Int = 0, expected: UInt64 = 0) -> TestChange {
        TestChange(kind: HF_CHANGE_PUT, record: record, conditions: conditions, expected: expected)
    }

    static func drop(_ key: String = "k", ns: String = "n", upTo: UInt64, if conditions: Int = 0)
        -> TestChange
    {
        TestChange(
            kind: HF_CHANGE_DROP, record: TestRecord(key, ns: ns, version: upTo), conditions: conditions)
    }

    static func check(_ record: TestRecord, if conditions: Int, expected: UInt64 = 0) -> TestChange {
        TestChange(kind: HF_CHANGE_CHECK, record: record, conditions: conditions, expected: expected)
    }

    func lent(_ arena: TestArena) -> hf_change {
        var change = hf_change()
        change.kind = UInt32(kind)
        change.flags = UInt32(conditions)
        change.record = record.lent(arena)
        change.expected = hf_version(expected)
        change.status = 99
        return change
    }
}

/// What became of a change.
struct TestOutcome: Equatable {
    var status: Int
    var seen: UInt64 = 0

    static let applied = TestOutcome(status: HF_OK)
    static let unchanged = TestOutcome(status: HF_UNCHANGED)
    static let notFound = TestOutcome(status: HF_NOT_FOUND)
    static let invalid = TestOutcome(status: HF_E_INVALID)
    static func conflict(_ seen: UInt64) -> TestOutcome { TestOutcome(status: HF_E_CONFLICT, seen: seen) }
    static func stale(_ seen: UInt64) -> TestOutcome { TestOutcome(status: HF_E_STALE, seen: seen) }
}
