import HoldfastProviderKit
import HoldfastSupport

/// The end of the segment that a new process goes on writing.
struct LogTail {
    /// How many cut ends are kept.
    private static let keptCountMax = 8
    private static let prefix = "torn-"

    private let directory: LogDirectory
    private let environment: LogEnvironment

    init(_ directory: LogDirectory, _ environment: LogEnvironment) {
        self.directory = directory
        self.environment = environment
    }

    /// Keeps a copy of what a crash left behind, for whoever wants to look; the oldest copies go.
    func keep(_ torn: TornTail) {
        do throws(FileSystemError) {
            let bytes = try directory.contents(LogFormat.segmentName(torn.segment))
            guard torn.offset < bytes.count else { return }
            let end = (bytes.lastIndex { $0 != 0 } ?? 0) + 1
            let name =
                "\(Self.prefix)\(environment.clock.unixMilliseconds)-\(LogFormat.segmentName(torn.segment))"
            try directory.replace(name, with: [UInt8](bytes[torn.offset..<max(end, torn.offset)]))
            let kept = try directory.files.list(directory.path).filter { $0.hasPrefix(Self.prefix) }.sorted()
            for name in kept.dropLast(Self.keptCountMax) { try directory.files.unlink(directory.file(name)) }
        } catch {
            environment.report(.warning, "no copy of a torn batch was kept: \(error)")
        }
    }

    /// Clears what stands behind the last entry, so that nothing of it can come to life.
    ///
    /// - Returns: where to go on, or nothing where a new segment must be begun.
    func resume(_ segment: LiveSegment) -> LogWriter.Segment? {
        let position = LogFormat.roundUp(segment.end, to: LogFormat.blockByteCount)
        guard position + LogFormat.blockByteCount <= segment.fileByteCount else { return nil }
        do throws(FileSystemError) {
            let bytes = try directory.contents(segment.name)
            // A torn record in the last block cannot be cleared without touching acknowledged bytes.
            guard bytes[segment.end..<position].allSatisfy({ $0 == 0 }) else { return nil }
            let file = try directory.files.open(directory.file(segment.name), .readWrite)
            do throws(FileSystemError) {
                try clear(bytes, from: position, in: file)
            } catch {
                directory.files.close(file)
                throw error
            }
            return LogWriter.Segment(header: segment.header, file: file, position: position)
        } catch {
            environment.report(.warning, "\(segment.name) is not written any more: \(error)")
            return nil
        }
    }

    private func clear(_ bytes: [UInt8], from position: Int, in file: OpenFile) throws(FileSystemError) {
        let zeros = [UInt8](repeating: 0, count: LogFormat.blockByteCount)
        var offset = position
        var isChanged = false
        while offset < bytes.count {
            let rest = unsafe bytes.span.bytes.extracting(offset..<bytes.count)
            offset += ZeroBytes.prefix(of: rest) & ~(LogFormat.blockByteCount - 1)
            guard offset < bytes.count else { break }
            let count = min(zeros.count, bytes.count - offset)
            try unsafe directory.files.writeAll(zeros.span.bytes.extracting(0..<count), to: file, at: offset)
            isChanged = true
            offset += count
        }
        if isChanged { try directory.files.sync(file) }
    }
}
