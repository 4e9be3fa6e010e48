package import HoldfastProviderKit
package import HoldfastSupport

/// What a log needs from outside: a disk, clocks, randomness, and somebody to tell.
package struct LogEnvironment: Sendable {
    /// The disk.
    let files: any FileSystem
    /// The clocks.
    let clock: any HostClock
    /// Salts and identities come from here.
    let random: RandomSource
    /// Takes lines for the host's log.
    let report: @Sendable (HostServices.LogLevel, String) -> Void
    /// What stands in the lock file.
    let processID: Int32

    /// Gathers them.
    package init(
        files: any FileSystem, clock: any HostClock, random: RandomSource, processID: Int32,
        report: @escaping @Sendable (HostServices.LogLevel, String) -> Void
    ) {
        self.files = files
        self.clock = clock
        self.random = random
        self.processID = processID
        self.report = report
    }
}

extension ProviderError {
    /// Translates a failure of the disk.
    ///
    /// - Parameters:
    ///   - error: the failure.
    ///   - isMaybeApplied: whether bytes of the request may have reached the disk.
    init(_ error: FileSystemError, isMaybeApplied: Bool = false) {
        let code: Code = error.isOutOfSpace ? .exhausted : error.isPermission ? .permission : .unavailable
        var flags: Flags = code == .permission ? [] : .retryable
        if isMaybeApplied { flags.insert(.maybeApplied) }
        self.init(
            code, "\(error)", flags: flags,
            vendorCode: Int64(error.number),
            retryAfterMilliseconds: code == .permission ? 0 : UInt32(LogFormat.retryMilliseconds))
    }
}
