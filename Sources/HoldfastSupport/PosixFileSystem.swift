private import CHoldfastSupport
private import Glibc

/// The file system of the operating system.
public struct PosixFileSystem: FileSystem {
    /// Makes it.
    public init() {}

    /// Opens with `open`, close-on-exec; a new file is for its owner only.
    public func open(_ path: String, _ mode: FileOpenMode) throws(FileSystemError) -> OpenFile {
        let flags: Int32 =
            switch mode {
            case .read: O_RDONLY
            case .readWrite: O_RDWR
            case .create: O_RDWR | O_CREAT
            }
        let descriptor = try retrying(.open, path) { unsafe Glibc.open(path, flags | O_CLOEXEC, 0o600) }
        return OpenFile(descriptor: descriptor, path: path)
    }

    /// Closes with `close`, and lets go of the lock before.
    ///
    /// A child that was just forked still holds a copy of the descriptor until it executes its program; closing alone
    /// would leave the lock with it.
    public func close(_ file: OpenFile) {
        _ = flock(file.descriptor, LOCK_UN)
        // What close reports is about data that was never synced; whoever needs durability has called sync.
        _ = Glibc.close(file.descriptor)
    }

    /// Reads with `pread` until the buffer is full or the file ends.
    public func read(
        _ file: OpenFile, into buffer: inout MutableRawSpan, at offset: Int
    ) throws(FileSystemError) -> Int {
        try unsafe buffer.withUnsafeMutableBytes { (bytes) throws(FileSystemError) -> Int in
            let (base, count) = (bytes.baseAddress, bytes.count)
            var done = 0
            while done < count {
                let got = try retrying(.read, file.path) {
                    unsafe pread(file.descriptor, base?.advanced(by: done), count - done, offset + done)
                }
                guard got > 0 else { break }
                done += got
            }
            return done
        }
    }

    /// Writes once with `pwrite`.
    public func write(_ bytes: RawSpan, to file: OpenFile, at offset: Int) throws(FileSystemError) -> Int {
        try unsafe bytes.withUnsafeBytes { (bytes) throws(FileSystemError) -> Int in
            let (base, count) = (bytes.baseAddress, bytes.count)
            return try retrying(.write, file.path) {
                unsafe pwrite(file.descriptor, base, count, offset)
            }
        }
    }

    /// Syncs with `fdatasync`.
    public func sync(_ file: OpenFile) throws(FileSystemError) {
        // Not retried, not even after EINTR: the error may have been reported for good.
        guard fdatasync(file.descriptor) == 0 else {
            throw FileSystemError(.sync, path: file.path, number: errno)
        }
    }

    /// Syncs a directory with `fsync`.
    public func syncDirectory(_ path: String) throws(FileSystemError) {
        let descriptor = try retrying(.open, path) {
            unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        }
        defer { _ = Glibc.close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw FileSystemError(.syncDirectory, path: path, number: errno)
        }
    }

    /// Reserves with `posix_fallocate`.
    public func allocate(_ file: OpenFile, size: Int) throws(FileSystemError) {
        // posix_fallocate answers with the number instead of setting errno.
        var result = EINTR
        while result == EINTR { result = posix_fallocate(file.descriptor, 0, size) }
        guard result == 0 else { throw FileSystemError(.allocate, path: file.path, number: result) }
    }

    /// Cuts with `ftruncate`.
    public func truncate(_ file: OpenFile, size: Int) throws(FileSystemError) {
        _ = try retrying(.truncate, file.path) { ftruncate(file.descriptor, size) }
    }

    /// Asks with `statx` twice, for nothing but what tells files apart.
    public func isThere(_ file: OpenFile) -> Bool {
        unsafe hf_is_at(file.descriptor, file.path) == 1
    }

    /// Asks with `fstat`.
    public func size(_ file: OpenFile) throws(FileSystemError) -> Int {
        var status = stat()
        guard unsafe fstat(file.descriptor, &status) == 0 else {
            throw FileSystemError(.size, path: file.path, number: errno)
        }
        return Int(status.st_size)
    }

    /// Renames with `rename`.
    public func rename(_ path: String, to newPath: String) throws(FileSystemError) {
        guard unsafe Glibc.rename(path, newPath) == 0 else {
            throw FileSystemError(.rename, path: path, number: errno)
        }
    }

    /// Removes with `unlink`.
    public func unlink(_ path: String) throws(FileSystemError) {
        guard unsafe Glibc.unlink(path) == 0 else {
            throw FileSystemError(.unlink, path: path, number: errno)
        }
    }

    /// Lists with `readdir`.
    public func list(_ directory: String) throws(FileSystemError) -> [String] {
        guard let stream = unsafe opendir(directory) else {
            throw FileSystemError(.list, path: directory, number: errno)
        }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else { break }
            let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw FileSystemError(.list, path: directory, number: errno) }
        return names
    }

    /// Makes with `mkdir`, mode 0700.
    public func makeDirectory(_ path: String) throws(FileSystemError) {
        guard unsafe mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw FileSystemError(.makeDirectory, path: path, number: errno)
        }
    }

    /// Locks with `flock`, exclusively and without waiting.
    public func lock(_ file: OpenFile) throws(FileSystemError) -> Bool {
        while flock(file.descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EWOULDBLOCK { return false }
            guard errno == EINTR else { throw FileSystemError(.lock, path: file.path, number: errno) }
        }
        return true
    }

    /// Calls until a signal does not interrupt; a negative answer is an error.
    private func retrying<Answer: SignedInteger>(
        _ operation: FileSystemError.Operation, _ path: String, _ call: () -> Answer
    ) throws(FileSystemError) -> Answer {
        while true {
            let answer = call()
            if answer >= 0 { return answer }
            guard errno == EINTR else { throw FileSystemError(operation, path: path, number: errno) }
        }
    }
}
