import FileLog
import HoldfastProviderKit
import HoldfastSupport
import Synchronization

/// A log on a simulated disk, with a clock that tests move.
struct LogBench: Sendable {
    static let path = "/log"

    var options: FileLogOptions
    let disk: SimulatedDisk
    let clock = ManualClock()

    init(_ disk: SimulatedDisk = SimulatedDisk(), segmentByteCount: Int = 65536, byteCountMax: Int = 0) {
        self.disk = disk
        options = FileLogOptions(path: Self.path)
        options.segmentByteCount = segmentByteCount
        options.byteCountMax = byteCountMax
    }

    /// The same on a copy of the disk.
    func copied() -> LogBench {
        var copy = LogBench(disk.copy())
        copy.options = options
        return copy
    }

    func open(seed: UInt64 = 1) throws(ProviderError) -> FileLog {
        let generator = Guarded(SeededGenerator(seed: seed &+ UInt64(disk.callCount) &* 0x9E37))
        let environment = LogEnvironment(
            files: disk, clock: clock, random: RandomSource { generator.withLock { $0.next() } },
            processID: 1234, report: { _, _ in })
        return try FileLog.open(options, environment, hasThread: false)
    }

    /// The path of a segment's file.
    func segment(_ number: UInt64) -> String { "\(Self.path)/\(LogFormat.segmentName(number))" }

    var checkpoint: String { "\(Self.path)/\(LogFormat.checkpointName)" }

    /// The numbers of the segments that are there.
    var segmentNumbers: [UInt64] {
        ((try? disk.list(Self.path)) ?? []).compactMap { LogFormat.segmentNumber($0) }.sorted()
    }
}

/// A clock that stands still until it is moved.
final class ManualClock: HostClock {
    private let now = Atomic<Int64>(1_000_000_000)

    var monotonicNanoseconds: Int64 { now.load(ordering: .sequentiallyConsistent) }
    var unixMilliseconds: Int64 { 1_700_000_000_000 + monotonicNanoseconds / 1_000_000 }

    func wait(until deadline: Int64) async {}

    func advance(milliseconds: Int64) { now.add(milliseconds * 1_000_000, ordering: .sequentiallyConsistent) }
}

extension FileLog {
    /// Appends copies of entries.
    @discardableResult
    func append(_ entries: [[UInt8]]) throws(ProviderError) -> UInt64 {
        let owned = entries.map { bytes in
            bytes.withUnsafeBytes { OwnedBytes(copying: BorrowedBytes($0)) }
        }
        return try append(Batch(count: owned.count) { owned[$0].borrowed })
    }

    /// All entries from an LSN on.
    func entries(from lsn: UInt64 = 1, byteCountMax: UInt64 = .max) throws(ProviderError) -> [UInt64: [UInt8]]
    {
        var entries: [UInt64: [UInt8]] = [:]
        try read(from: lsn, byteCountMax: byteCountMax) { lsn, entry in
            entries[lsn] = entry.array
            return true
        }
        return entries
    }

    /// All that is found.
    func findings() throws(ProviderError) -> [LogFinding] {
        var findings: [LogFinding] = []
        try verify { finding in
            findings.append(finding)
            return true
        }
        return findings
    }
}

/// An entry that belongs to its LSN and is like no other.
func entry(_ lsn: UInt64, byteCount: Int = 40, salt: UInt64 = 0) -> [UInt8] {
    var generator = SeededGenerator(seed: lsn &* 1_000_003 &+ salt)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(byteCount + 8)
    while bytes.count < byteCount { withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) } }
    bytes.removeLast(bytes.count - byteCount)
    return bytes
}
