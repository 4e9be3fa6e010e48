private import Glibc
internal import HoldfastProviderKit

/// A file that one process holds as long as it lives, with its process id inside for whoever comes second.
///
/// The lock is that of `flock(2)`: it ends with the descriptor, also when the process is killed, and it keeps
/// two openers inside one process apart. The file stays behind; removing it would let two processes hold two
/// locks.
final class ProcessLock {
    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Throws: `unavailable`, naming the process that holds it.
    init(path: String, of noun: String) throws(ProviderError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Directory.failure(errno, "open the lock file \(path)") }
        self.descriptor = descriptor
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            guard code == EWOULDBLOCK else { throw Directory.failure(code, "lock \(path)") }
            let holder = Self.holder(descriptor)
            let process =
                holder == getpid()
                ? "this process (\(getpid()))" : "process \(holder.map(String.init) ?? "?")"
            throw ProviderError(
                .unavailable,
                "\(noun) is held by \(process); a log belongs to one process, stop that one first",
                vendorCode: Int64(code))
        }
        let line = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, unsafe pwrite(descriptor, line, line.count, 0) == line.count
        else {
            throw Directory.failure(errno, "write the lock file \(path)")
        }
    }

    deinit {
        // A child that was just forked holds a copy of the descriptor until it executes its program.
        _ = flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    private static func holder(_ descriptor: Int32) -> Int32? {
        var buffer = [UInt8](repeating: 0, count: 16)
        let count = unsafe pread(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { return nil }
        return Int32(String(decoding: buffer[..<count].prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }
}
