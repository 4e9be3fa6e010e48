internal import CSQLite
private import Glibc
internal import HoldfastProviderKit

extension SQLiteLog: SalvageableLog {
    /// Reads the whole file: its structure, then each entry.
    func verify(into sink: inout FindingSink, call: CallContext) throws(ProviderError) {
        let file = try file
        try file.connection.begin(call)
        defer { file.connection.end() }
        var runs = SQLiteLogRuns(after: file.trimmed, path: options.path)
        do throws(SQLiteError) {
            try file.checkIdentity()
            if let finding = try file.connection.firstFinding() {
                file.note(damage: finding)
                if !sink.push(LogFinding(kind: .damaged, file: options.path, message: finding)) { return }
            }
            var isWanted = true
            try file.forEach(from: 0) { lsn, entry, isWhole in
                for finding in runs.visit(lsn, byteCount: entry.count, isWhole: isWhole) where isWanted {
                    if finding.kind == .damaged { file.note(damage: finding.message) }
                    isWanted = sink.push(finding)
                }
                return isWanted
            }
            if isWanted, let finding = runs.finish() { _ = sink.push(finding) }
        } catch {
            guard error.meaning == .corrupt else { throw file.connection.failure(error) }
            // What lies behind a damaged page cannot be reached: that is the finding, not a failure of the
            // search.
            file.note(damage: error.message)
            if let finding = runs.finish() { _ = sink.push(finding) }
            _ = sink.push(LogFinding(kind: .damaged, file: options.path, message: error.message))
        }
    }

    /// Copies what is whole into a new file, sets the damaged one aside and takes its place.
    ///
    /// The identity of the log and the LSNs stay; those that are lost are never given again.
    func salvage(call: CallContext) throws(ProviderError) -> UInt64 {
        let stamp = host.unixMilliseconds
        var target = options
        target.path = "\(options.path).salvaged-\(stamp)"
        target.isCreated = true
        try copy(to: target, call: call)
        let aside = "\(options.path).damaged-\(stamp)"
        try reopen(
            after: { () throws(ProviderError) in
                try move(options.path, to: aside)
                try move(target.path, to: options.path)
                try Directory.sync(Directory.parent(of: options.path))
            }, call: call)
        host.log(.warning, source: "sqlite", "the damaged log \(options.path) was set aside as \(aside)")
        return try file.last + 1
    }

    private func copy(to target: SQLiteOptions, call: CallContext) throws(ProviderError) {
        let file = try file
        let copy = try SQLiteLogFile(target, limits: limits, host: host, call: call)
        try file.connection.perform(call) { () throws(SQLiteError) in
            var failure: SQLiteError?
            var last = file.last
            do throws(SQLiteError) {
                try file.forEach(from: 0) { lsn, entry, isWhole in
                    guard isWhole else { return true }
                    last = max(last, lsn)
                    do throws(SQLiteError) {
                        try copy.append(CollectionOfOne((lsn: lsn, entry: entry)))
                        return true
                    } catch {
                        failure = error
                        return false
                    }
                }
            } catch {
                // Behind a damaged page nothing can be read; what came before it is copied.
                guard error.meaning == .corrupt else { throw error }
            }
            if let failure { throw failure }
            try copy.adopt(incarnation: file.incarnation, trimmed: file.trimmed, last: last)
        }
    }

    /// Renames a closed database; its WAL is there only where closing could not copy it.
    private func move(_ path: String, to target: String) throws(ProviderError) {
        for suffix in ["-wal", "-shm", ""] where unsafe rename(path + suffix, target + suffix) != 0 {
            let code = errno
            if code == ENOENT, !suffix.isEmpty { continue }
            throw Directory.failure(code, "rename \(path)\(suffix) to \(target)\(suffix)")
        }
    }
}
