import Glibc
import HoldfastModel

/// How many files and connections the process may have open at once.
enum DescriptorLimit: Sendable {
    /// What a daemon needs besides its connections: files of backends, plugins, connections to servers.
    private static let reserve = 128

    /// With fewer the threads of the network cannot start: three for each, and as many again for the backends.
    private static var countMin: Int { 64 + 6 * max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Refuses to serve where nothing would go well.
    static func check(_ limit: Int) throws(HoldfastError) {
        guard limit >= countMin else {
            throw HoldfastError(
                .exhausted,
                "this process may open \(limit) files, expected at least \(countMin): raise LimitNOFILE or `ulimit -n`"
            )
        }
    }

    /// Raises the limit as far as the process may.
    ///
    /// - Returns: what holds now.
    static func raise() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// What an operator should know where a limit is too low; nothing where it is not.
    static func warning(_ limit: Int, connectionCountMax: Int, addressCount: Int) -> String? {
        let needed = connectionCountMax * addressCount + reserve
        guard limit < needed else { return nil }
        return "this process may open \(limit) files, and \(addressCount) times server.connections_max, "
            + "\(connectionCountMax), may need \(needed): raise LimitNOFILE or `ulimit -n`, or lower connections_max"
    }
}
