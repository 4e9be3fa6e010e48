import HoldfastModel

extension WireWriter {
    mutating func write(_ options: CallOptions) {
        write(optional: options.timeout) { $0.write($1) }
    }

    mutating func write(_ address: Address) {
        write(address.namespace)
        write(address.key)
    }

    mutating func write(_ request: WriteRequest) {
        write(optional: request.timeout) { $0.write($1) }
        write(optional: request.ack) { $0.write($1.rawValue) }
        write(optional: request.idempotencyKey) { writer, key in
            writer.write(key.scope)
            writer.write(key.text)
        }
        write(array: request.changes) { $0.write($1) }
    }

    mutating func write(_ change: Change) {
        write(change.kind.rawValue)
        write(change.isItem)
        switch change.condition {
        case .none: write(UInt8(0))
        case .version(let version):
            write(UInt8(1))
            write(version)
        case .newest: write(UInt8(2))
        case .exists: write(UInt8(3))
        }
        write(change.record)
    }

    mutating func write(_ record: Record) {
        write(record.address)
        write(record.id)
        write(record.version)
        write(record.value)
        write(record.expiresAt)
        write(record.flags.rawValue)
    }

    mutating func write(_ request: ReadRequest) {
        write(request.address)
        write(optional: request.range) { writer, range in
            writer.write(range.after)
            writer.write(range.before)
            writer.write(range.limit)
            writer.write(range.reversed)
        }
    }

    mutating func write(_ query: Query) {
        write(query.namespace)
        write(query.keyPrefix)
        write(array: query.matches) { writer, match in
            writer.write(match.field)
            writer.write(match.json)
        }
        write(query.scope.rawValue)
        write(optional: query.after) { writer, cursor in
            writer.write(cursor.address)
            writer.write(cursor.id)
        }
        write(query.limit)
    }
}

extension WireWriter {
    mutating func write(_ call: DomainCall) {
        write(call.operation)
        write(call.arguments)
        write(array: call.parts) { writer, part in
            writer.write(part.name)
            writer.write(part.query)
            switch part.rule {
            case .whole: writer.write(UInt8(0))
            case .anyOrder: writer.write(UInt8(1))
            case .ofRecords(let other):
                writer.write(UInt8(2))
                writer.write(UInt8(clamping: other))
            case .rows: writer.write(UInt8(3))
            case .none: writer.write(UInt8(4))
            }
        }
    }
}

extension WireWriter {
    mutating func write(_ degradations: [Degradation]) {
        write(array: degradations) { writer, degradation in
            switch degradation {
            case .primaryDown: writer.write(UInt8(1))
            case .fallback(let name):
                writer.write(UInt8(2))
                writer.write(name)
            case .hostLocal: writer.write(UInt8(3))
            case .logDamaged: writer.write(UInt8(4))
            case .idMayChange: writer.write(UInt8(5))
            case .backupBehind(let name):
                writer.write(UInt8(6))
                writer.write(name)
            case .contentsApart: writer.write(UInt8(7))
            }
        }
    }

    mutating func write(_ error: HoldfastError) {
        write(error.code.description)
        write(error.message)
        write(error.flags.rawValue)
        write(optional: error.retryAfter) { $0.write($1) }
        write(optional: error.location) { writer, location in
            writer.write(location.file)
            writer.write(Int64(location.line))
            writer.write(Int64(location.column))
        }
        write(error.vendorCode)
        write(optional: error.current) { $0.write($1) }
    }

    mutating func write(_ status: BackendStatus) {
        write(status.name)
        write(status.isWritable)
        write(status.isReadable)
        write(array: status.members) { writer, member in
            for text in [member.name, member.type, member.role, member.state] { writer.write(text) }
            writer.write(member.mark)
            writer.write(member.lag)
            writer.write(optional: member.lagDuration) { $0.write($1) }
            writer.write(optional: member.lastError) { $0.write($1) }
            writer.write(optional: member.lastErrorTime) { $0.write($1) }
            writer.write(array: member.figures.sorted { $0.key < $1.key }) { writer, figure in
                writer.write(figure.key)
                writer.write(figure.value)
            }
        }
    }

    mutating func write(_ report: BlobReport) {
        let figures = [
            report.blobCount, report.byteCount, report.unusedCount, report.unusedByteCount,
            report.removedCount, report.removedByteCount, report.recordCount,
        ]
        for figure in figures { write(Int64(figure)) }
    }

    mutating func write(_ indexes: [String: Set<String>]) {
        write(array: indexes.sorted { $0.key < $1.key }) { writer, index in
            writer.write(index.key)
            writer.write(array: index.value.sorted()) { $0.write($1) }
        }
    }
}
