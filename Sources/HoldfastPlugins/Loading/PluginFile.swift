private import Glibc
internal import HoldfastModel

/// A plugin's file that is open, and that nobody but root and this user can have written.
///
/// The file is opened first and everything is asked of the descriptor, so that no answer is about another file.
final class PluginFile: Sendable {
    /// The path behind all links.
    let path: String
    /// Open for reading as long as this value lives.
    let descriptor: Int32
    /// Tells this state of this file from every other.
    let identity: Identity

    /// Which file it is, and when it was last changed.
    struct Identity: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
        let byteCount: Int64
        let modified: [Int]
    }

    /// Opens and checks a file.
    ///
    /// - Throws: `permission` when others could have written it or its directories, `invalid` when it is not a shared
    ///   library of this machine; each sentence says how to put it right.
    init(path given: String, user: UInt32 = geteuid()) throws(HoldfastError) {
        guard let path = resolve(given) else {
            throw Self.refusal(given, "cannot be opened: \(systemError(errno))", .invalid)
        }
        try PluginOwnership.checkDirectories(of: path, user: user)
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw Self.refusal(
                path, "cannot be opened: \(systemError(errno))", errno == EACCES ? .permission : .invalid)
        }
        self.path = path
        self.descriptor = descriptor
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            identity = Identity(status)
            throw Self.refusal(path, "is not a regular file; install the library itself there", .invalid)
        }
        identity = Identity(status)
        try PluginOwnership.checkFile(path, status, user: user)
        if let reason = ElfHeader.refusal(of: bytes(count: ElfHeader.byteCount)) {
            throw Self.refusal(path, "\(reason); install a build for this machine", .invalid)
        }
    }

    deinit { close(descriptor) }

    /// Whether the path still names the file that was checked, unchanged.
    var isUnchanged: Bool {
        var status = stat()
        return unsafe stat(path, &status) == 0 && Identity(status) == identity
    }

    /// Lends the whole content to a closure.
    func withContent<Result>(
        _ body: (UnsafeRawBufferPointer) throws(HoldfastError) -> Result
    ) throws(HoldfastError) -> Result {
        let count = Int(identity.byteCount)
        let content = UnsafeMutableRawBufferPointer.allocate(byteCount: max(count, 1), alignment: 16)
        defer { unsafe content.deallocate() }
        var done = 0
        while done < count {
            let got = unsafe pread(descriptor, content.baseAddress?.advanced(by: done), count - done, done)
            if got < 0, errno == EINTR { continue }
            guard got > 0 else {
                throw Self.refusal(path, "cannot be read: \(systemError(errno))", .unavailable)
            }
            done += got
        }
        return try unsafe body(UnsafeRawBufferPointer(rebasing: content[0..<count]))
    }

    private func bytes(count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let got = unsafe pread(descriptor, &bytes, count, 0)
        return Array(bytes.prefix(max(got, 0)))
    }

    /// The sentence of every refusal: which file, which rule, which remedy.
    static func refusal(_ path: String, _ reason: String, _ code: HoldfastError.Code) -> HoldfastError {
        HoldfastError(code, "plugin \(path) \(reason)", flags: [])
    }
}

extension PluginFile.Identity {
    fileprivate init(_ status: stat) {
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
        byteCount = Int64(status.st_size)
        modified = [
            status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec, status.st_ctim.tv_nsec,
        ]
    }
}

/// The text of an `errno`.
func systemError(_ number: Int32) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard unsafe strerror_r(number, &buffer, buffer.count) == 0 else { return "errno \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
