import HoldfastModel

/// What the process says to the shell: the statuses of `sysexits.h`, so that scripts can tell apart what to do next.
///
/// Source: FreeBSD, sysexits(3).
struct ExitStatus: Hashable, Sendable {
    /// The number that the shell sees.
    let rawValue: Int32

    private init(_ rawValue: Int32) { self.rawValue = rawValue }

    /// All went well.
    static let success = ExitStatus(0)
    /// `EX_USAGE`: the command line is wrong.
    static let usage = ExitStatus(64)
    /// `EX_DATAERR`: input, or what is stored, is wrong.
    static let data = ExitStatus(65)
    /// `EX_NOINPUT`: what was asked for is not there.
    static let noInput = ExitStatus(66)
    /// `EX_UNAVAILABLE`: no backend took the request, or none can do it.
    static let unavailable = ExitStatus(69)
    /// `EX_SOFTWARE`: a defect in Holdfast or in a plugin.
    static let software = ExitStatus(70)
    /// `EX_IOERR`: standard output or a file cannot be written.
    static let inputOutput = ExitStatus(74)
    /// `EX_TEMPFAIL`: the same command may succeed later.
    static let temporary = ExitStatus(75)
    /// `EX_NOPERM`: an operator must act.
    static let permission = ExitStatus(77)
    /// `EX_CONFIG`: storage.yaml is wrong.
    static let configuration = ExitStatus(78)
    /// Taken back by the caller: 128 and the number of `SIGINT`.
    static let cancelled = ExitStatus(130)

    /// What a command that was run has ended with.
    static func ofCommand(_ status: Int32) -> ExitStatus { ExitStatus(status) }

    /// The status for an error.
    ///
    /// An error of code `invalid` that has a place in a file is one of storage.yaml; its status is 78.
    ///
    /// What could not be written for the caller of the command is 74, whatever the reason.
    init(_ error: HoldfastError) {
        guard !error.flags.contains(.isOutput) else {
            self = .inputOutput
            return
        }
        switch error.code {
        case .invalid: self = error.location == nil ? .data : .configuration
        case .notFound: self = .noInput
        case .conflict, .stale, .timeout, .exhausted: self = .temporary
        case .unsupported, .unavailable: self = .unavailable
        case .permission: self = .permission
        case .corrupt: self = .data
        case .cancelled: self = .cancelled
        default: self = .software
        }
    }
}

extension HoldfastError.Flags {
    /// Standard output, or a file that the command makes, could not be written; not a backend.
    static let isOutput = HoldfastError.Flags(rawValue: 1 << 31)
}
