import FileLog
import HoldfastProviderKit
import Testing

/// What a log must hold after whatever happened: everything acknowledged, and nothing that nobody wrote.
struct LogModel {
    /// What was acknowledged.
    private(set) var acknowledged: [UInt64: [UInt8]] = [:]
    /// What may be there, by LSN: batches whose append failed and said so.
    private(set) var possible: [UInt64: [[UInt8]]] = [:]
    /// Entries below were trimmed.
    private(set) var first: UInt64 = 1
    private(set) var last: UInt64 = 0
    private var salt: UInt64 = 0

    /// Appends a batch and remembers what became of it.
    ///
    /// - Returns: whether it was acknowledged.
    @discardableResult
    mutating func append(_ sizes: [Int], to log: FileLog) -> Bool {
        salt += 1
        let next = log.bounds.last + 1
        let entries = sizes.enumerated().map { entry(next + UInt64($0), byteCount: $1, salt: salt << 32) }
        do throws(ProviderError) {
            let first = try log.append(entries)
            #expect(first == next)
            for (index, bytes) in entries.enumerated() {
                acknowledged[first + UInt64(index)] = bytes
                possible[first + UInt64(index)] = nil
            }
            last = first + UInt64(entries.count) - 1
            return true
        } catch {
            #expect([.unavailable, .exhausted, .permission].contains(error.code), "\(error)")
            // Where the power went or the disk failed, a refusal must be exact: nothing there unless it says "maybe".
            guard error.flags.contains(.maybeApplied) else { return false }
            for (index, bytes) in entries.enumerated() {
                possible[next + UInt64(index), default: []].append(bytes)
            }
            return false
        }
    }

    /// Appends a batch that nothing may refuse.
    mutating func mustAppend(_ sizes: [Int], to log: FileLog) {
        let isAcknowledged = append(sizes, to: log)
        #expect(isAcknowledged)
    }

    /// Trims, and remembers how far where it succeeded.
    mutating func trim(before lsn: UInt64, _ log: FileLog) {
        do throws(ProviderError) {
            try log.trim(before: lsn)
            first = max(first, min(lsn, last + 1))
        } catch {
            mayBeFirst = max(mayBeFirst, min(lsn, last + 1))
        }
    }

    private var mayBeFirst: UInt64 = 1

    /// Compares, and takes over what is there.
    mutating func check(_ log: FileLog, _ context: String) throws {
        #expect(log.damage == nil, "false alarm: \(log.damage?.message ?? "") \(context)")
        let bounds = log.bounds
        #expect(
            bounds.first == first || bounds.first <= mayBeFirst,
            "first \(bounds.first) of \(first) \(context)")
        #expect(bounds.last >= last, "lost \(bounds.last + 1) to \(last) \(context)")
        first = bounds.first
        let held = try log.entries()
        for lsn in first..<max(first, bounds.last + 1) {
            let bytes = held[lsn]
            if let expected = acknowledged[lsn] {
                #expect(bytes == expected, "LSN \(lsn) \(context)")
            } else {
                #expect(
                    possible[lsn, default: []].contains { $0 == bytes }, "nobody wrote LSN \(lsn) \(context)")
                acknowledged[lsn] = bytes
            }
        }
        #expect(held.count == Int(bounds.last + 1 - first), "\(context)")
        last = bounds.last
        possible = [:]
    }
}

/// What a process does with a log until something stops it.
struct LogWorkload {
    /// Batches of all kinds, trims, reopens; 40 to 60 calls of the disk each.
    static func run(_ bench: LogBench, _ model: inout LogModel) {
        for round in 0..<3 {
            guard let log = try? bench.open(seed: UInt64(round)) else { return }
            for step in 0..<10 {
                let sizes = (0..<(step % 3) + 1).map { (step * 211 + round * 97 + $0 * 1301) % 5000 }
                model.append(step == 7 ? [30_000] : sizes, to: log)
                bench.clock.advance(milliseconds: 1100)
                if step % 4 == 1 { log.tidy() }
                if step == 5 { model.trim(before: UInt64(round * 15), log) }
            }
            log.tidy()
            log.close()
        }
    }
}
