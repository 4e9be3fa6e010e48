package import HoldfastProviderKit
import HoldfastSupport

extension FileLog {
    /// Sets damaged files aside, keeps what is whole, and opens the log again, writable.
    ///
    /// A log without damage stays as it is. Whatever happens on the way, the next salvage begins where this one ended:
    /// originals are copied and synced before anything takes their place, and each takes it in one rename.
    ///
    /// - Returns: the log to go on with; this one is closed.
    package func salvage() throws(ProviderError) -> FileLog {
        guard damage != nil else { return self }
        stop()
        do throws(ProviderError) {
            try LogSalvage(directory, environment, options).run()
            return Self.start(try LogOpening(options, environment, directory), hasThread: hasThread)
        } catch {
            directory.close()
            var error = error
            error.flags.insert(.storeDead)
            throw error
        }
    }
}
