import HoldfastSupport

/// A disk in memory that loses what was not synced, tears writes at sectors, and fails any call it is told to.
final class SimulatedDisk: FileSystem {
    static let sectorByteCount = 512

    /// What becomes of one call.
    enum Fault: Hashable, Sendable {
        /// It fails; a sync that fails drops what it should have written, and later syncs know nothing of it.
        case error(Int32)
        /// Half of it is written, and then the disk is full.
        case short
        /// The power goes: this call and all later ones fail.
        case powerCut
    }

    private let state = Guarded<DiskState>(DiskState())

    /// How many calls that change something were made.
    var callCount: Int { state.withLock { $0.calls } }

    /// Decides by the number of each call, from 0, what becomes of it.
    func plan(_ plan: @escaping @Sendable (Int) -> Fault?) {
        state.withLock {
            $0.plan = plan
            $0.calls = 0
        }
    }

    /// Ends every process: descriptors and locks are gone, what was written is there.
    func kill() { state.withLock { $0.kill() } }

    /// Cuts the power: what was not synced is there, or not, or garbage, each sector for itself.
    func cutPower(_ random: inout some RandomNumberGenerator) {
        let seed = random.next()
        state.withLock { state in
            var generator = SeededGenerator(seed: seed)
            state.kill()
            let kept = Int.random(in: 0...state.pending.count, using: &generator)
            for entry in state.pending.prefix(kept) { entry.apply(to: &state.durableNames) }
            state.pending = []
            state.names = state.durableNames
            let mood = Int.random(in: 0..<4, using: &generator)
            for number in state.files.keys.sorted() { state.files[number]?.settle(mood, &generator) }
        }
    }

    /// Cuts the power when exactly these sectors of a file, counted from the first dirty one, have reached the disk.
    func cutPower(path: String, keeping kept: @Sendable (Int) -> Bool) {
        state.withLock { state in
            state.kill()
            state.pending = []
            state.names = state.durableNames
            for number in state.files.keys {
                let isTarget = state.names[path] == number
                state.files[number]?.settle { isTarget && kept($0) }
            }
        }
    }

    /// How many sectors of a file no sync has covered.
    func dirtyCount(_ path: String) -> Int {
        state.withLock { state in state.names[path].flatMap { state.files[$0]?.dirty.count } ?? 0 }
    }

    /// A copy of everything, with what is not synced.
    func copy() -> SimulatedDisk {
        let copy = SimulatedDisk()
        let source = state.withLock { $0 }
        copy.state.withLock {
            $0 = source
            $0.kill()
        }
        return copy
    }

    /// Reads or changes the bytes of a file behind everybody's back.
    subscript(path: String) -> [UInt8] {
        get { state.withLock { state in state.names[path].flatMap { state.files[$0]?.bytes } ?? [] } }
        set {
            state.withLock { state in
                guard let number = state.names[path] else { return }
                state.files[number] = DiskFile(bytes: newValue, durable: newValue)
            }
        }
    }

    /// Removes a file behind everybody's back.
    func remove(_ path: String) {
        state.withLock {
            $0.names[path] = nil
            $0.durableNames[path] = nil
        }
    }

    // MARK: - FileSystem

    func open(_ path: String, _ mode: FileOpenMode) throws(FileSystemError) -> OpenFile {
        if mode == .create, state.withLock({ $0.names[path] == nil }) {
            try change(.open, path) { state, _ in
                state.files[state.nextFile] = DiskFile()
                state.names[path] = state.nextFile
                state.pending.append(.link(path, state.nextFile))
                state.nextFile += 1
            }
        }
        return try state.withLock { (state: inout sending DiskState) throws(FileSystemError) -> OpenFile in
            guard let number = state.names[path] else { throw FileSystemError(.open, path: path, number: 2) }
            state.nextDescriptor += 1
            state.open[state.nextDescriptor] = number
            return OpenFile(descriptor: state.nextDescriptor, path: path)
        }
    }

    func close(_ file: OpenFile) {
        state.withLock { state in
            guard let number = state.open.removeValue(forKey: file.descriptor),
                state.locked[number] == file.descriptor
            else { return }
            state.locked[number] = nil
        }
    }

    func read(
        _ file: OpenFile, into buffer: inout MutableRawSpan, at offset: Int
    ) throws(FileSystemError) -> Int {
        let bytes = try contents(file)
        let count = max(0, min(buffer.byteCount, bytes.count - offset))
        guard count > 0 else { return 0 }
        buffer.withUnsafeMutableBytes { target in
            bytes.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: target[..<count])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: source[offset..<offset + count]))
            }
        }
        return count
    }

    func write(_ bytes: RawSpan, to file: OpenFile, at offset: Int) throws(FileSystemError) -> Int {
        let source = bytes.withUnsafeBytes { [UInt8]($0) }
        return try change(.write, file.path) { state, fault in
            let count = fault == .short ? source.count / 2 : source.count
            guard let number = state.open[file.descriptor] else { return 0 }
            state.files[number]?.write(source.prefix(count), at: offset)
            if fault == .short { state.isFull = true }
            return count
        }
    }

    func sync(_ file: OpenFile) throws(FileSystemError) {
        try change(.sync, file.path) { state, _ in
            guard let number = state.open[file.descriptor] else { return }
            state.files[number]?.sync()
        }
    }

    func syncDirectory(_ path: String) throws(FileSystemError) {
        try change(.syncDirectory, path) { state, _ in
            for entry in state.pending { entry.apply(to: &state.durableNames) }
            state.pending = []
        }
    }

    func allocate(_ file: OpenFile, size: Int) throws(FileSystemError) {
        if try contents(file).count < size { try truncate(file, size: size) }
    }

    func truncate(_ file: OpenFile, size: Int) throws(FileSystemError) {
        try change(.truncate, file.path) { state, _ in
            guard let number = state.open[file.descriptor] else { return }
            state.files[number]?.truncate(size)
        }
    }

    func isThere(_ file: OpenFile) -> Bool {
        state.withLock { state in
            guard let number = state.open[file.descriptor] else { return false }
            return state.names[file.path] == number
        }
    }

    func size(_ file: OpenFile) throws(FileSystemError) -> Int { try contents(file).count }

    func rename(_ path: String, to newPath: String) throws(FileSystemError) {
        try change(.rename, path) { state, _ in
            DiskEntry.rename(path, newPath).apply(to: &state.names)
            state.pending.append(.rename(path, newPath))
        }
    }

    func unlink(_ path: String) throws(FileSystemError) {
        guard state.withLock({ $0.names[path] != nil }) else {
            throw FileSystemError(.unlink, path: path, number: 2)
        }
        try change(.unlink, path) { state, _ in
            state.names[path] = nil
            state.pending.append(.unlink(path))
        }
    }

    func list(_ directory: String) throws(FileSystemError) -> [String] {
        state.withLock { state in
            state.names.keys.filter { $0.hasPrefix(directory + "/") }
                .map { String($0.dropFirst(directory.utf8.count + 1)) }.filter { !$0.contains("/") }
        }
    }

    func makeDirectory(_ path: String) throws(FileSystemError) {}

    func lock(_ file: OpenFile) throws(FileSystemError) -> Bool {
        state.withLock { state in
            guard let number = state.open[file.descriptor], state.locked[number] == nil else { return false }
            state.locked[number] = file.descriptor
            return true
        }
    }

    private func contents(_ file: OpenFile) throws(FileSystemError) -> [UInt8] {
        try state.withLock { (state: inout sending DiskState) throws(FileSystemError) -> [UInt8] in
            guard !state.isCut, let number = state.open[file.descriptor], let inode = state.files[number]
            else {
                throw FileSystemError(.read, path: file.path, number: FileSystemError.inputOutput)
            }
            return inode.bytes
        }
    }

    private func change<Result: Sendable>(
        _ operation: FileSystemError.Operation, _ path: String,
        _ body: @Sendable (inout DiskState, Fault?) -> Result
    ) throws(FileSystemError) -> Result {
        try state.withLock { (state: inout sending DiskState) throws(FileSystemError) -> Result in
            var fault = state.isCut ? Fault.powerCut : state.plan(state.calls)
            if fault == nil, state.isFull, operation == .write { fault = .error(FileSystemError.noSpace) }
            state.calls += 1
            switch fault {
            case .powerCut:
                // The call that is cut may have had its effect, but nothing of it is durable.
                if !state.isCut, operation != .sync, operation != .syncDirectory { _ = body(&state, nil) }
                state.isCut = true
                throw FileSystemError(operation, path: path, number: FileSystemError.inputOutput)
            case .error(let number):
                if operation == .sync, let file = state.names[path] { state.files[file]?.dirty = [] }
                throw FileSystemError(operation, path: path, number: number)
            case nil, .short: return body(&state, fault)
            }
        }
    }
}
