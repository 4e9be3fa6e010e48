internal import HoldfastProviderKit

/// What an SQLSTATE means to the host.
///
/// Source: PostgreSQL 15, appendix A.
struct PostgresFailure: Hashable, Sendable {
    /// Five characters; empty when no server has answered.
    let sqlState: String
    /// One sentence, as the server said it.
    let message: String
    /// Whether the server ended the session with it.
    var isFatal = false

    /// Whether the same transaction, run again, may succeed: it lost against another.
    var isRetried: Bool { sqlState == "40001" || sqlState == "40P01" || sqlState == "CR000" }

    /// Whether what was known of the rows is not what the server has; raised by our own guard.
    var isGuard: Bool { sqlState == "22012" }

    /// Says the failure in the words of the host.
    ///
    /// - Parameter mayBeApplied: whether a commit was sent whose answer is not known.
    /// - Returns: its code, its flags, and the server's message.
    func error(mayBeApplied: Bool = false) -> ProviderError {
        let (code, flags) = meaning
        var all = flags
        if isFatal { all.formUnion([.storeDead, .retryable]) }
        if mayBeApplied { all.formUnion([.maybeApplied, .storeDead]) }
        return ProviderError(
            code, message, flags: all, sqlState: sqlState,
            retryAfterMilliseconds: code == .exhausted ? 1000 : isRetried ? 20 : 0)
    }

    private var meaning: (ProviderError.Code, ProviderError.Flags) {
        switch sqlState {
        // Lost against another transaction; a lock that was not to be waited for.
        case "40001", "40P01", "CR000", "55P03", "55006": (.unavailable, .retryable)
        // Cancelled: by the deadline, or by statement_timeout.
        case "57014", "25P03", "57P05": (.timeout, .retryable)
        // Shut down, crashed, starting up; a standby where a primary was; all end with another connection.
        case "57P01", "57P02", "57P03", "57P04", "25006", "": (.unavailable, [.retryable, .storeDead])
        case "54000", "54001", "54011", "54023": (.invalid, [])
        case "42501", "42P01", "42703", "3D000", "3F000": (.permission, [])
        case "XX001", "XX002", "58P01", "58P02": (.corrupt, [])
        default: classMeaning
        }
    }

    private var classMeaning: (ProviderError.Code, ProviderError.Flags) {
        switch String(sqlState.prefix(2)) {
        case "08": (.unavailable, [.retryable, .storeDead])
        case "53": (.exhausted, .retryable)
        case "28": (.permission, [])
        case "57", "55", "58": (.unavailable, .retryable)
        case "40": (.unavailable, .retryable)
        case "22", "23": (.invalid, [])
        case "0A": (.unsupported, [])
        default: (.internal, [])
        }
    }
}
