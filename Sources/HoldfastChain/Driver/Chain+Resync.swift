import HoldfastModel
import HoldfastSupport

/// Copying a provider from another, and setting aside what a backup cannot hold.
extension Chain {
    /// Where entries are noted that a backup refused for good.
    static let quarantineNamespace: Bytes = "~quarantine"

    func resyncPrimary(_ generation: Int, from index: Int) {
        guard let target = primary, let source = backups[index] else {
            return run {
                $0.deliver(.primaryFailed(generation, HoldfastError(.unavailable, "no backup to copy from")))
            }
        }
        run { chain in
            do throws(HoldfastError) {
                // A backup that cannot be listed adds nothing to a log that is whole.
                guard source.store.info.capabilities.contains(.rawScan) || chain.core.logFirst > 1 else {
                    return chain.deliver(.primaryResynced(generation, mark: 0))
                }
                // The mark before the copy: what arrives meanwhile is replayed, and merging it twice changes nothing.
                let marks = try await source.view(chain.operationContext).0.marks
                let mark = marks.first { $0.log == chain.core.logID }?.lsn ?? 0
                try await chain.copy(
                    from: source, chain.settings.backups[index].name, to: target, chain.settings.primary.name)
                let own = Mark(
                    log: chain.core.logID, lsn: mark, incarnation: target.store.info.incarnation,
                    phase: .merging)
                _ = try await target.applyPlainly([chain.change(own)], chain.operationContext)
                chain.deliver(.primaryResynced(generation, mark: mark))
            } catch {
                chain.report("copying into the primary failed: \(error)")
                chain.deliver(.primaryFailed(generation, error))
            }
        }
    }

    func resyncBackup(_ index: Int, _ generation: Int, _ mark: Mark) {
        guard let target = backups[index], let source = primary else {
            let error = HoldfastError(.unavailable, "no primary to copy from")
            return run { $0.deliver(.backupFailed(index, generation: generation, error)) }
        }
        run { chain in
            do throws(HoldfastError) {
                // A primary that cannot be listed holds nothing but what its log has, as long as the log is whole.
                guard source.store.info.capabilities.contains(.rawScan) || chain.core.logFirst > 1 else {
                    return chain.deliver(.backupResynced(index, generation: generation, mark: 0))
                }
                try await chain.copy(
                    from: source, chain.settings.primary.name, to: target, chain.settings.backups[index].name)
                _ = try await target.applyPlainly([chain.change(mark)], chain.operationContext)
                chain.deliver(.backupResynced(index, generation: generation, mark: mark.lsn))
            } catch {
                chain.report("copying into a backup failed: \(error)")
                chain.deliver(.backupFailed(index, generation: generation, error))
            }
        }
    }

    /// Copies, and says so where there was something to copy: a chain that begins is copied too, empty as it is.
    private func copy(
        from source: Connection, _ sourceName: String, to target: Connection, _ targetName: String
    ) async throws(HoldfastError) {
        let (environment, name) = (environment, name)
        let count = try await Resync(source: source.store, target: target).run(
            isLong: { environment.report(.warning, "\(name): copying \(sourceName) into \(targetName)") }
        ) { self.operationContext }
        guard count > 0 else { return }
        environment.report(.warning, "\(name): copied \(sourceName) into \(targetName), records: \(count)")
    }

    /// Notes on the primary which entry a backup lacks, and why; the value itself is on the primary.
    func quarantine(_ index: Int, _ lsn: LogSequenceNumber, _ error: HoldfastError) {
        let backup = settings.backups[index].name
        environment.report(
            .warning,
            "\(name): backup \(backup) refuses entry \(lsn) for good: \(error.message); it is set aside")
        guard let primary else { return }
        run { chain in
            do throws(HoldfastError) {
                let changes = try await chain.readRange(from: lsn, through: lsn, excluding: []).changes
                let places = changes.map { "\($0.record.namespace)/\($0.record.key)/\($0.record.id)" }
                let version = chain.markClock.next(
                    at: UInt64(max(0, chain.environment.clock.unixMilliseconds)))
                let note = Record(
                    namespace: Self.quarantineNamespace, key: Bytes("\(chain.name)/\(backup)/\(lsn)"),
                    version: version, value: Bytes(([error.message] + places).joined(separator: "\n")),
                    flags: .bytes)
                _ = try await primary.applyPlainly([Change(.put, note)], chain.operationContext)
            } catch {
                // The count in the status and the report above remain.
                chain.environment.report(
                    .warning,
                    "\(chain.name): the note about entry \(lsn) could not be written: \(error)")
            }
        }
    }
}
