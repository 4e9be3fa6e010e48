import HoldfastProviderKit
import HoldfastSupport

/// What the files of a log hold.
struct LogContents {
    /// The segments, in no order.
    private(set) var segments: [ScannedSegment] = []
    /// The newest valid slot of the checkpoint.
    private(set) var checkpoint: Checkpoint?
    /// Slots of the checkpoint that do not validate; a slot that was never written is none.
    private(set) var hurtSlots: [Int] = []
    /// Files that were being made into segments.
    private(set) var temporaryNames: [String] = []
    /// A segment of a format that this code does not know.
    private var foreign: (name: String, version: UInt16)?
    private let path: String

    /// Reads everything.
    ///
    /// - Parameters:
    ///   - directory: locked.
    ///   - isSynced: whether files are made durable before they are believed: a process that was killed may have written
    ///     what a power loss would still take.
    /// - Throws: the failure of the disk.
    init(_ directory: LogDirectory, isSynced: Bool) throws(ProviderError) {
        path = directory.path
        do throws(FileSystemError) {
            let names = try directory.files.list(directory.path).sorted()
            if isSynced {
                for name in names where LogFormat.segmentNumber(name) != nil { try directory.sync(name) }
                if names.contains(LogFormat.checkpointName) { try directory.sync(LogFormat.checkpointName) }
                try directory.sync()
            }
            if names.contains(LogFormat.checkpointName) {
                try readCheckpoint(directory.contents(LogFormat.checkpointName))
            }
            for name in names {
                if LogFormat.isTemporary(name) { temporaryNames.append(name) }
                guard let number = LogFormat.segmentNumber(name) else { continue }
                let bytes = try directory.contents(name)
                segments.append(unsafe ScannedSegment(bytes.span.bytes, number: number))
                if let version = unsafe SegmentHeader.foreignVersion(bytes.span.bytes) {
                    foreign = (name, version)
                }
            }
        } catch {
            throw ProviderError(error)
        }
    }

    private mutating func readCheckpoint(_ bytes: [UInt8]) {
        checkpoint = unsafe Checkpoint.newest(bytes.span.bytes)
        for slot in 0..<Checkpoint.slotCount {
            let start = slot * LogFormat.blockByteCount
            let isThere = bytes.dropFirst(start).prefix(Checkpoint.encodedByteCount).contains { $0 != 0 }
            if isThere, unsafe Checkpoint(decoding: bytes.span.bytes, slot: slot) == nil {
                hurtSlots.append(slot)
            }
        }
    }

    /// Whose log it is, or nothing where there is no file that says so.
    var identity: LogIdentity? {
        checkpoint?.identity ?? segments.lazy.compactMap { $0.header?.identity }.first
    }

    /// A number above every one in the directory.
    var nextNumber: UInt64 {
        let highest = segments.map(\.number).max() ?? 0
        return max(highest, checkpoint?.tailSegment ?? 0, checkpoint?.firstSegment ?? 0) + 1
    }

    /// What all segments take.
    var byteCount: Int { segments.reduce(0) { $0 + $1.fileByteCount } }

    /// Refuses files of another log or of another version of the format.
    func refuseForeign() throws(ProviderError) {
        if let foreign {
            throw ProviderError(
                .unsupported,
                "\(path)/\(foreign.name) has format version \(foreign.version), this host reads "
                    + "\(LogFormat.version); open the log with the host that wrote it")
        }
        guard let identity else { return }
        for segment in segments {
            guard let header = segment.header, header.identity != identity else { continue }
            throw ProviderError(
                .corrupt,
                "\(path)/\(segment.name) belongs to the log \(header.identity), the others to \(identity); "
                    + "move it out of the directory")
        }
    }
}
