import HoldfastModel

extension WireReader {
    mutating func checkFormat() throws(HoldfastError) {
        let format = try number(UInt8.self)
        guard format == BackendCall.format else { throw Self.unknown("format \(format)") }
    }

    mutating func callOptions() throws(HoldfastError) -> CallOptions {
        CallOptions(timeout: try optional { (reader) throws(HoldfastError) in try reader.duration() })
    }

    mutating func address() throws(HoldfastError) -> Address {
        let address = Address(namespace: try bytes(), key: try bytes())
        try Self.check(address)
        return address
    }

    private static func check(_ address: Address) throws(HoldfastError) {
        try Limits.validate(
            address.namespace, as: "namespace", byteCountMax: Limits.namespaceByteCountMax)
        try Limits.validate(address.key, as: "key", byteCountMax: Limits.keyByteCountMax)
    }

    mutating func writeRequest() throws(HoldfastError) -> WriteRequest {
        var request = WriteRequest([])
        request.timeout = try optional { (reader) throws(HoldfastError) in try reader.duration() }
        request.ack = try optional { (reader) throws(HoldfastError) in try reader.level() }
        request.idempotencyKey = try optional { (reader) throws(HoldfastError) in
            WriteRequest.IdempotencyKey(scope: try reader.address(), text: try reader.bytes())
        }
        request.changes = try array { (reader) throws(HoldfastError) in try reader.change() }
        return request
    }

    mutating func level() throws(HoldfastError) -> AckLevel {
        let word = try text()
        guard let level = AckLevel(rawValue: word) else { throw Self.unknown("level \(word)") }
        return level
    }

    mutating func change() throws(HoldfastError) -> Change {
        let code = try number(UInt32.self)
        guard let kind = Change.Kind(rawValue: code) else { throw Self.unknown("change \(code)") }
        let isItem = try flag()
        let condition: Change.Condition
        switch try number(UInt8.self) {
        case 0: condition = .none
        case 1: condition = .version(try version())
        case 2: condition = .newest
        case 3: condition = .exists
        case let code: throw Self.unknown("condition \(code)")
        }
        return Change(kind, try recordToStore(), if: condition, isItem: isItem)
    }

    /// Reads a record as it was answered; rows of a query have no key.
    mutating func record() throws(HoldfastError) -> Record {
        Record(
            namespace: try bytes(), key: try bytes(), id: try version(), version: try version(),
            value: try bytes(), expiresAt: try number(), flags: Record.Flags(rawValue: try number()))
    }

    private mutating func recordToStore() throws(HoldfastError) -> Record {
        let record = try record()
        try Self.check(record.address)
        guard record.value.count <= Limits.valueByteCountMax else {
            throw HoldfastError(
                .invalid,
                "value has \(record.value.count) bytes, expected at most \(Limits.valueByteCountMax)")
        }
        return record
    }

    mutating func records() throws(HoldfastError) -> [Record] {
        try array { (reader) throws(HoldfastError) in try reader.record() }
    }

    mutating func readRequest() throws(HoldfastError) -> ReadRequest {
        ReadRequest(
            try address(),
            range: try optional { (reader) throws(HoldfastError) in
                ReadRequest.Range(
                    after: try reader.version(), before: try reader.version(), limit: try reader.number(),
                    reversed: try reader.flag())
            })
    }

    mutating func query() throws(HoldfastError) -> Query {
        Query(
            namespace: try bytes(), keyPrefix: try bytes(),
            matches: try array { (reader) throws(HoldfastError) in
                Query.Match(field: try reader.text(), json: try reader.bytes())
            }, scope: Query.Scope(rawValue: try number()),
            after: try optional { (reader) throws(HoldfastError) in
                // The place need not hold a record, and so not keep its limits.
                Query.Cursor(
                    address: Address(namespace: try reader.bytes(), key: try reader.bytes()),
                    id: try reader.version())
            }, limit: try number())
    }
}

extension WireReader {
    mutating func domainCall() throws(HoldfastError) -> DomainCall {
        DomainCall(
            try text(), arguments: try bytes(),
            parts: try array { (reader) throws(HoldfastError) in
                DomainCall.Part(try reader.text(), try reader.bytes(), try reader.rule())
            })
    }

    private mutating func rule() throws(HoldfastError) -> DomainCall.Part.Rule {
        switch try number(UInt8.self) {
        case 0: return .whole
        case 1: return .anyOrder
        case 2: return .ofRecords(in: Int(try number(UInt8.self)))
        case 3: return .rows
        case 4: return DomainCall.Part.Rule.none
        case let code: throw Self.unknown("rule \(code)")
        }
    }
}

extension WireReader {
    mutating func receipt() throws(HoldfastError) -> WriteReceipt {
        WriteReceipt(
            versions: try array { (reader) throws(HoldfastError) in try reader.version() },
            isReplay: try flag(), level: try level(), degradations: try degradations())
    }

    mutating func degradations() throws(HoldfastError) -> [Degradation] {
        try array { (reader) throws(HoldfastError) -> Degradation in
            switch try reader.number(UInt8.self) {
            case 1: return .primaryDown
            case 2: return .fallback(try reader.text())
            case 3: return .hostLocal
            case 4: return .logDamaged
            case 5: return .idMayChange
            case 6: return .backupBehind(try reader.text())
            case 7: return .contentsApart
            case let code: throw Self.unknown("degradation \(code)")
            }
        }
    }

    mutating func error() throws(HoldfastError) -> HoldfastError {
        let word = try text()
        guard let code = HoldfastError.Code.allCases.first(where: { $0.description == word }) else {
            throw Self.unknown("error code \(word)")
        }
        var error = HoldfastError(code, try text(), flags: HoldfastError.Flags(rawValue: try number()))
        error.retryAfter = try optional { (reader) throws(HoldfastError) in try reader.duration() }
        error.location = try optional { (reader) throws(HoldfastError) in
            FileLocation(
                file: try reader.text(), line: Int(try reader.number(Int64.self)),
                column: Int(try reader.number(Int64.self)))
        }
        error.vendorCode = try number()
        error.current = try optional { (reader) throws(HoldfastError) in try reader.version() }
        return error
    }

    mutating func status() throws(HoldfastError) -> BackendStatus {
        BackendStatus(
            name: try text(), isWritable: try flag(), isReadable: try flag(),
            members: try array { (reader) throws(HoldfastError) in try reader.member() })
    }

    private mutating func member() throws(HoldfastError) -> BackendStatus.Member {
        var member = BackendStatus.Member(
            name: try text(), type: try text(), role: try text(), state: try text())
        member.mark = try number()
        member.lag = try number()
        member.lagDuration = try optional { (reader) throws(HoldfastError) in try reader.duration() }
        member.lastError = try optional { (reader) throws(HoldfastError) in try reader.text() }
        member.lastErrorTime = try optional { (reader) throws(HoldfastError) in try reader.number() }
        let figures = try array { (reader) throws(HoldfastError) in
            (try reader.text(), try reader.double())
        }
        member.figures = Dictionary(figures) { $1 }
        return member
    }

    mutating func blobReport() throws(HoldfastError) -> BlobReport {
        var report = BlobReport()
        let figures: [WritableKeyPath<BlobReport, Int>] = [
            \.blobCount, \.byteCount, \.unusedCount, \.unusedByteCount, \.removedCount, \.removedByteCount,
            \.recordCount,
        ]
        for figure in figures { report[keyPath: figure] = Int(clamping: try number(Int64.self)) }
        return report
    }

    mutating func wordIndexes() throws(HoldfastError) -> [String: Set<String>] {
        let indexes = try array { (reader) throws(HoldfastError) in
            (
                try reader.text(),
                Set(try reader.array { (reader) throws(HoldfastError) in try reader.text() })
            )
        }
        return Dictionary(indexes) { $1 }
    }
}
