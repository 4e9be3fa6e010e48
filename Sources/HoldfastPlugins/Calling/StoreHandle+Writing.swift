internal import CHoldfastProvider
internal import HoldfastModel

extension StoreHandle {
    /// Applies changes with one call of the batch table.
    ///
    /// - Parameters:
    ///   - changes: at most what ``StoreInfo`` allows in one batch.
    ///   - atomic: all or none.
    ///   - keepsConditions: false when the host has decided the conditions.
    ///   - frame: the memory that is lent.
    ///   - context: deadline and trace.
    /// - Returns: one outcome for each change.
    /// - Throws: nothing was applied, unless the error has the flag `maybeApplied`.
    func applyBatch(
        _ changes: some Collection<Change>, atomic: Bool, keepsConditions: Bool = true, _ frame: CallFrame,
        _ context: CallContext
    ) throws(HoldfastError) -> [ChangeOutcome] {
        let buffer = frame.changes
        buffer.fill(changes, keepsConditions: keepsConditions)
        let count = changes.count
        let flags = atomic ? UInt32(HF_BATCH_ATOMIC) : 0
        let stride = unsafe MemoryLayout<hf_change>.stride
        _ = try unsafe invoke("apply", frame, context, isWrite: true) { store, call, _ in
            unsafe extensions.batch?.apply?(store, call, buffer.start, count, stride, flags)
        }
        var outcomes: [ChangeOutcome] = []
        outcomes.reserveCapacity(count)
        for (position, change) in changes.enumerated() {
            let status = unsafe buffer.start[position].status
            let seen = unsafe Version(buffer.start[position].seen)
            outcomes.append(try outcome(status, seen, of: change, at: position, frame))
        }
        return outcomes
    }

    private func outcome(
        _ status: hf_status, _ seen: Version, of change: Change, at position: Int, _ frame: CallFrame
    ) throws(HoldfastError) -> ChangeOutcome {
        if status == ChangeBuffer.unset {
            throw broken("apply", .internal, "no status for change \(position)", flags: .maybeApplied)
        }
        switch ForeignStatus(status) {
        case .ok: return .applied
        case .unchanged: return .unchanged
        case .notFound: return change.kind == .drop ? .unchanged : .notFound
        case .failed(.conflict): return .conflict(seen: seen)
        case .failed(.stale): return .stale(seen: seen)
        case .failed(.invalid): return .invalid(frame.foreignError.message)
        case .failed(let code):
            let rule =
                "status \(code) for change \(position), which may only be refused as invalid, conflict or stale"
            throw broken("apply", code, rule, flags: .maybeApplied)
        case .stopped, .foreign:
            let rule = "status \(status) for change \(position), which the contract does not know"
            throw broken("apply", .internal, rule, flags: .maybeApplied)
        }
    }

    /// Applies one change with the primitive that is meant for it; its condition has been decided.
    func applyPrimitive(
        _ change: Change, _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) -> ChangeOutcome {
        let status: ForeignStatus
        do throws(HoldfastError) {
            switch change.kind {
            case .check: return .applied
            case .put where change.record.id.isZero:
                status = try unsafe put("set", functions.set, change.record, frame, context)
            case .put: status = try unsafe put("append", functions.append, change.record, frame, context)
            case .drop: status = try drop(change.record, frame, context)
            }
        } catch {
            // A refusal of this one change is its outcome, not a failure of the call.
            guard error.code == .invalid else { throw error }
            return .invalid(error.message)
        }
        return status == .ok ? .applied : .unchanged
    }

    private typealias Put =
        @convention(c) (OpaquePointer?, UnsafePointer<hf_call>?, UnsafePointer<hf_record>?) -> hf_status

    private func put(
        _ operation: String, _ function: Put?, _ record: Record, _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) -> ForeignStatus {
        var foreign = unsafe hf_record(record)
        let status = try unsafe invoke(operation, frame, context, isWrite: true) { store, call, _ in
            unsafe function?(store, call, &foreign)
        }
        withExtendedLifetime(record) {}
        return status
    }

    private func drop(_ record: Record, _ frame: CallFrame, _ context: CallContext) throws(HoldfastError)
        -> ForeignStatus
    {
        let status = try unsafe invoke("drop", frame, context, isWrite: true) { store, call, _ in
            unsafe functions.drop?(
                store, call, hf_bytes(record.namespace), hf_bytes(record.key), hf_version(record.version))
        }
        withExtendedLifetime(record) {}
        return status
    }
}

extension StoreHandle {
    /// Whether many changes travel in one call.
    var hasBatch: Bool { extensions.batch != nil }

    /// Whether what was applied can be made durable afterwards.
    var canFlush: Bool { extensions.flush != nil }

    /// How many changes the plugin likes in one call.
    var preferredChangeCount: Int {
        let preferred = Int(extensions.batch?.preferred_changes ?? 1)
        return preferred > 0 ? preferred : 512
    }
}
