import HoldfastProviderKit
import HoldfastSupport

/// Makes segments: keeps a spare ready, and turns trimmed ones into new ones.
///
///     nothing ──────► 17.tmp ──────► 17.segment (spare) ──────► begun ──────► trimmed
///        allocate, zero   header, sync, rename,        first batch      trim        │
///                         sync the directory                                        │
///                            ▲ rename, sync the directory, new salt                 │
///                            └───────────────────────────────────────────────────────┘
///
/// A file bears the name of a segment only while its header is durable. So a header that is not whole is damage, and a
/// segment is never begun before its name is durable.
final class SegmentSupply: Sendable {
    /// A file that no longer holds anything.
    struct Retired: Sendable {
        var number: UInt64
        var byteCount: Int
    }

    private struct State: Sendable {
        var spares: [SegmentHeader] = []
        var retired: [Retired]
        var nextNumber: UInt64
        var byteCount: Int
    }

    /// How many retired files are kept for new segments; more are removed.
    private static let retiredCountMax = 4
    private static let zeroChunk = [UInt8](repeating: 0, count: 1 << 20)

    private let directory: LogDirectory
    private let environment: LogEnvironment
    private let options: FileLogOptions
    private let identity: LogIdentity
    private let state: Guarded<State>

    /// Starts with what the directory holds.
    ///
    /// - Parameters:
    ///   - directory: locked.
    ///   - environment: the disk and the clocks.
    ///   - options: how large segments are, and all of them.
    ///   - identity: of the log.
    ///   - retired: files to make segments of.
    ///   - nextNumber: above every number in the directory.
    ///   - byteCount: what all files take.
    init(
        _ directory: LogDirectory, _ environment: LogEnvironment, _ options: FileLogOptions,
        identity: LogIdentity, retired: [Retired], nextNumber: UInt64, byteCount: Int
    ) {
        self.directory = directory
        self.environment = environment
        self.options = options
        self.identity = identity
        state = Guarded(State(retired: retired, nextNumber: nextNumber, byteCount: byteCount))
    }

    /// Whether no spare is ready.
    var isSpareMissing: Bool { state.withLock { $0.spares.isEmpty } }

    /// Takes a segment that has room for so many bytes behind its header.
    ///
    /// - Parameters:
    ///   - room: what must fit.
    ///   - isHeld: whether somebody still reads a retired segment.
    /// - Returns: its header; the file is there under its name.
    /// - Throws: `exhausted` where the disk or the log is full.
    func take(
        room: Int, isHeld: @Sendable (UInt64) -> Bool
    ) throws(ProviderError) -> SegmentHeader {
        // The lock is held while a segment is made, so that an append waits for the spare instead of making a second.
        try state.withLock { (state: inout sending State) throws(ProviderError) -> SegmentHeader in
            let needed = LogFormat.blockByteCount + LogFormat.roundUp(room, to: LogFormat.blockByteCount)
            if needed > options.segmentByteCount {
                // Segments follow one another by number, so a spare with a lower one gets another.
                state.retired += state.spares.map {
                    Retired(number: $0.number, byteCount: Int($0.byteCount))
                }
                state.spares = []
                return try make(&state, byteCount: needed, isHeld: isHeld)
            }
            if !state.spares.isEmpty { return state.spares.removeFirst() }
            return try make(&state, byteCount: options.segmentByteCount, isHeld: isHeld)
        }
    }

    /// Makes a spare where none is ready, and removes retired files that nobody will need.
    func prepare(isHeld: @Sendable (UInt64) -> Bool) throws(ProviderError) {
        try state.withLock { (state: inout sending State) throws(ProviderError) in
            if state.spares.isEmpty {
                state.spares.append(try make(&state, byteCount: options.segmentByteCount, isHeld: isHeld))
            }
            while let index = state.retired.firstIndex(where: {
                !isHeld($0.number)
                    && ($0.byteCount != options.segmentByteCount
                        || state.retired.count > Self.retiredCountMax)
            }) {
                try remove(&state, at: index)
            }
        }
    }

    /// Takes files back that no longer hold anything; that they do not must be durable.
    func retire(_ files: [Retired]) { state.withLock { $0.retired.append(contentsOf: files) } }

    /// Runs something while no file is made, taken again or removed.
    ///
    /// Whoever holds the writer may call it, never the other way round: an append takes its segment from here.
    func whilePaused<Result>(
        _ body: () throws(ProviderError) -> sending Result
    ) throws(ProviderError) -> sending Result {
        try state.withLock { (_: inout sending State) throws(ProviderError) -> Result in try body() }
    }

    private func make(
        _ state: inout State, byteCount: Int, isHeld: (UInt64) -> Bool
    ) throws(ProviderError) -> SegmentHeader {
        var free = state.retired.firstIndex { $0.byteCount == byteCount && !isHeld($0.number) }
        if free == nil, options.byteCountMax > 0 {
            while state.byteCount + byteCount > options.byteCountMax,
                let other = state.retired.firstIndex(where: { !isHeld($0.number) })
            {
                try remove(&state, at: other)
            }
            free = nil
            guard state.byteCount + byteCount <= options.byteCountMax else {
                throw ProviderError(
                    .exhausted,
                    "the log \(options.path) takes \(state.byteCount) bytes and needs \(byteCount) more, "
                        + "option \"max_size\" is \(options.byteCountMax)",
                    retryAfterMilliseconds: UInt32(LogFormat.retryMilliseconds))
            }
        }
        let header = SegmentHeader(
            flags: free == nil ? .zeroed : [], salt: UInt32(truncatingIfNeeded: environment.random.next()),
            identity: identity, number: state.nextNumber, byteCount: byteCount,
            madeAt: environment.clock.unixMilliseconds)
        state.nextNumber += 1
        do throws(FileSystemError) {
            if let free {
                let old = state.retired.remove(at: free)
                state.byteCount -= old.byteCount
                try recycle(old, into: header)
            } else {
                try create(header)
            }
            state.byteCount += byteCount
            return header
        } catch {
            try? directory.files.unlink(directory.file(LogFormat.temporaryName(header.number)))
            try? directory.files.unlink(directory.file(LogFormat.segmentName(header.number)))
            throw ProviderError(error)
        }
    }

    private func create(_ header: SegmentHeader) throws(FileSystemError) {
        let temporary = directory.file(LogFormat.temporaryName(header.number))
        let file = try directory.files.open(temporary, .create)
        defer { directory.files.close(file) }
        try directory.files.truncate(file, size: 0)
        try directory.files.allocate(file, size: Int(header.byteCount))
        if Int(header.byteCount) == options.segmentByteCount {
            // Blocks that were written once are synced in a third of the time: no extent changes its state.
            var offset = 0
            while offset < Int(header.byteCount) {
                let count = min(Self.zeroChunk.count, Int(header.byteCount) - offset)
                try unsafe directory.files.writeAll(
                    Self.zeroChunk.span.bytes.extracting(0..<count), to: file, at: offset)
                offset += count
            }
        }
        try finish(header, file, temporary)
    }

    private func recycle(_ old: Retired, into header: SegmentHeader) throws(FileSystemError) {
        let temporary = directory.file(LogFormat.temporaryName(header.number))
        try directory.files.rename(directory.file(LogFormat.segmentName(old.number)), to: temporary)
        // Before the header is touched: a power loss must not leave a header that is half-written under the old name.
        try directory.sync()
        let file = try directory.files.open(temporary, .readWrite)
        defer { directory.files.close(file) }
        try finish(header, file, temporary)
    }

    private func finish(
        _ header: SegmentHeader, _ file: OpenFile, _ temporary: String
    ) throws(FileSystemError) {
        let block = header.encodedBlock()
        try unsafe directory.files.writeAll(block.span.bytes, to: file, at: 0)
        try directory.files.sync(file)
        try directory.files.rename(temporary, to: directory.file(LogFormat.segmentName(header.number)))
        try directory.sync()
    }

    private func remove(_ state: inout State, at index: Int) throws(ProviderError) {
        let old = state.retired[index]
        do throws(FileSystemError) {
            try directory.files.unlink(directory.file(LogFormat.segmentName(old.number)))
        } catch {
            guard error.isNotFound else { throw ProviderError(error) }
        }
        state.retired.remove(at: index)
        state.byteCount -= old.byteCount
    }
}
