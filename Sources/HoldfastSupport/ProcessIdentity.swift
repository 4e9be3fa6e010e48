private import Glibc

/// What this process is called, for people who look for it.
public enum ProcessIdentity: Sendable {
    /// The name of the host and the number of the process, such as `node-3:4711`.
    public static var text: String {
        var buffer = [CChar](repeating: 0, count: 256)
        let isKnown = unsafe gethostname(&buffer, buffer.count - 1) == 0
        let name = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return "\(isKnown && !name.isEmpty ? name : "unknown"):\(getpid())"
    }
}
