public import HoldfastModel
import HoldfastSupport

/// What an operator does to a chain that is not open: forget a log, check it, salvage it.
public struct LogRepair: Sendable {
    /// What a salvage found and did.
    public struct Report: Hashable, Sendable {
        /// What reading the whole log found.
        public var findings: [LogFinding]
        /// How many readable entries were merged into the providers.
        public var mergedEntryCount: UInt64
        /// Ranges of entries that could not be read and that no provider had applied: what is lost.
        public var lostRanges: [ClosedRange<UInt64>]
        /// The LSN that the next write gets.
        public var nextLSN: UInt64
        /// Providers that could not be reached: the log stays damaged until they can, and the salvage is run again.
        public var missedProviders: [String]

        /// Makes a report.
        public init(
            findings: [LogFinding], mergedEntryCount: UInt64, lostRanges: [ClosedRange<UInt64>],
            nextLSN: UInt64,
            missedProviders: [String]
        ) {
            self.findings = findings
            self.mergedEntryCount = mergedEntryCount
            self.lostRanges = lostRanges
            self.nextLSN = nextLSN
            self.missedProviders = missedProviders
        }
    }

    private let settings: ChainSettings
    private let environment: ChainEnvironment

    /// Works on the chain that these settings describe; nobody may have it open.
    public init(_ settings: ChainSettings, _ environment: ChainEnvironment = ChainEnvironment()) {
        self.settings = settings
        self.environment = environment
    }

    private var context: CallContext {
        CallContext(deadline: environment.clock.monotonicNanoseconds + settings.timeout.nanoseconds)
    }

    /// Reads the whole log.
    ///
    /// - Returns: one finding for each part of it.
    /// - Throws: `unavailable` when another process holds the log.
    public func verify() async throws(HoldfastError) -> [LogFinding] {
        let log = try await Chain.openLog(settings, environment)
        do throws(HoldfastError) {
            let findings = try await log.verify(.unbounded)
            await log.close()
            return findings
        } catch {
            await log.close()
            throw error
        }
    }

    /// Removes the marks of a log that is gone for good, so that nobody waits for it any more.
    ///
    /// - Parameter id: the identity of the log, as the refusal to start names it.
    /// - Returns: the names of the providers that held a mark of it.
    /// - Throws: `notFound` when no provider knows the log, `unavailable` when one cannot be reached.
    public func forget(_ id: String) async throws(HoldfastError) -> [String] {
        var holders: [String] = []
        for provider in [settings.primary] + settings.backups {
            let store = try await provider.connect(context)
            do throws(HoldfastError) {
                if try await forget(id, in: store) { holders.append(provider.name) }
            } catch {
                await store.close()
                throw error
            }
            await store.close()
        }
        guard !holders.isEmpty else {
            throw HoldfastError(.notFound, "no provider of \(settings.name) knows the log \(id)")
        }
        return holders
    }

    private func forget(_ id: String, in store: any Store) async throws(HoldfastError) -> Bool {
        let address = MarkCodec.address(chain: settings.name, log: id)
        guard let record = try await store.read([ReadRequest(address)], context)[0].first else {
            return false
        }
        var tombstone = record
        tombstone.version = record.version.successor
        tombstone.value = .empty
        tombstone.flags = .removed
        let connection = Connection(store: store, chain: settings.name)
        _ = try await connection.applyPlainly([Change(.put, tombstone)], context)
        try await store.flush(context)
        return true
    }

    // MARK: salvage

    /// Merges every entry that can be read into every provider, then makes a damaged log writable again.
    ///
    /// What cannot be read is not lost as long as one provider has applied it: the others are copied from that one. Where
    /// a provider cannot be reached, the log stays as it is: that provider may be the one.
    ///
    /// - Returns: what was found and done.
    /// - Throws: `unavailable` when the log is held by another process or no provider can be reached.
    public func salvage() async throws(HoldfastError) -> Report {
        let log = try await Chain.openLog(settings, environment)
        do throws(HoldfastError) {
            let report = try await salvage(log)
            await log.close()
            return report
        } catch {
            await log.close()
            throw error
        }
    }

    /// A provider that takes part in a salvage.
    private struct Member {
        let name: String
        let connection: Connection
        /// What it had applied before.
        let mark: UInt64
    }

    private func salvage(_ log: any LogStore) async throws(HoldfastError) -> Report {
        let findings = try await log.verify(.unbounded)
        let (members, missed) = try await connectMembers(log.info.incarnation)
        let (entries, holes, last) = try await readableEntries(of: log)
        let voided = Self.voided(entries)
        for member in members { try await merge(entries, voided, into: member) }
        let furthest = members.max { $0.mark < $1.mark }
        let applied = furthest?.mark ?? 0
        if let furthest, holes.contains(where: { $0.lowerBound <= applied }) {
            for member in members where member.mark < applied && member.name != furthest.name {
                let copy = Resync(source: furthest.connection.store, target: member.connection)
                let context = self.context
                _ = try await copy.run { context }
            }
        }
        var next = last + 1
        if missed.isEmpty {
            next = max(next, try await log.salvage(.unbounded))
            for member in members { try await writeMark(next - 1, of: log.info.incarnation, to: member) }
            // Everything is in every provider, and what is missing in the log would stop whoever reads it.
            try await log.trim(before: next, context)
        }
        for member in members { await member.connection.store.close() }
        let lost = holes.compactMap { hole in
            hole.upperBound > applied ? max(hole.lowerBound, applied + 1)...hole.upperBound : nil
        }
        return Report(
            findings: findings, mergedEntryCount: UInt64(entries.count), lostRanges: lost, nextLSN: next,
            missedProviders: missed)
    }

    private func connectMembers(_ log: String) async throws(HoldfastError) -> ([Member], missed: [String]) {
        var members: [Member] = []
        var missed: [String] = []
        for provider in [settings.primary] + settings.backups {
            do throws(HoldfastError) {
                let connection = Connection(store: try await provider.connect(context), chain: settings.name)
                let marks = try await connection.view(context).0.marks
                let mark = marks.first { $0.log == log }?.lsn ?? 0
                members.append(Member(name: provider.name, connection: connection, mark: mark))
            } catch {
                environment.report(
                    .warning,
                    "\(settings.name): \(provider.name) takes no part in the salvage: \(error)")
                missed.append(provider.name)
            }
        }
        guard !members.isEmpty else {
            throw HoldfastError(
                .unavailable, "no provider of \(settings.name) can be reached, nothing was salvaged")
        }
        return (members, missed)
    }

    private typealias Entries = [(lsn: UInt64, entry: LogEntry)]

    /// Every entry that can be read, and the ranges that cannot.
    private func readableEntries(
        of log: any LogStore
    ) async throws(HoldfastError) -> (Entries, holes: [ClosedRange<UInt64>], last: UInt64) {
        let bounds = try await log.bounds(.unbounded)
        var entries: Entries = []
        var holes: [ClosedRange<UInt64>] = []
        var next = bounds.first
        while next <= bounds.last {
            var read: Entries = []
            do throws(HoldfastError) {
                let records = try await log.read(from: next, byteCountMax: 4 << 20, .unbounded)
                for record in records where record.lsn >= next {
                    read.append((record.lsn, try LogEntryCodec.decode(record.payload)))
                }
            } catch {
                guard error.code == .corrupt else { throw error }
            }
            entries += read
            if let first = read.first, let last = read.last {
                if first.lsn > next { Self.add(next...(first.lsn - 1), to: &holes) }
                next = last.lsn + 1
            } else {
                Self.add(next...next, to: &holes)
                next += 1
            }
        }
        return (entries, holes, bounds.last)
    }

    private static func add(_ hole: ClosedRange<UInt64>, to holes: inout [ClosedRange<UInt64>]) {
        if let last = holes.last, last.upperBound + 1 == hole.lowerBound {
            holes[holes.count - 1] = last.lowerBound...hole.upperBound
        } else {
            holes.append(hole)
        }
    }

    private static func voided(_ entries: Entries) -> Set<UInt64> {
        var voided: Set<UInt64> = []
        for (_, entry) in entries {
            switch entry.body {
            case .abort(let target): voided.insert(target)
            case .changes(_, let supersedes): if let supersedes { voided.insert(supersedes) }
            }
        }
        return voided
    }

    private func merge(_ entries: Entries, _ voided: Set<UInt64>, into member: Member)
        async throws(HoldfastError)
    {
        var batch: [Change] = []
        for (lsn, entry) in entries where lsn > member.mark && !voided.contains(lsn) {
            guard case .changes(let changes, _) = entry.body else { continue }
            batch += changes.lazy.filter { $0.kind != .check }.map(\.unconditional)
            guard batch.count >= settings.batchChangeCountMax else { continue }
            _ = try await member.connection.applyPlainly(batch, context)
            batch.removeAll()
        }
        _ = try await member.connection.applyPlainly(batch, context)
    }

    private func writeMark(_ lsn: UInt64, of log: String, to member: Member) async throws(HoldfastError) {
        let store = member.connection.store
        let address = MarkCodec.address(chain: settings.name, log: log)
        let old = try await store.read([ReadRequest(address)], context)[0].first?.version ?? .zero
        let now = UInt64(max(0, environment.clock.unixMilliseconds))
        var clock = VersionClock(node: environment.random.next() & Version.nodeMax, last: old)
        let mark = Mark(log: log, lsn: lsn, incarnation: store.info.incarnation, phase: .serving)
        let change = MarkCodec.change(mark, chain: settings.name, version: clock.next(at: now))
        _ = try await member.connection.applyPlainly([change], context)
        try await store.flush(context)
    }
}
