private import Glibc

/// A short wait between two attempts of one transaction.
enum PostgresPause {
    /// Waits longer the more attempts there were, and never as long as the other one does.
    static func wait(_ attempt: Int) {
        let ceiling = 1000 << min(attempt, 6)
        usleep(UInt32.random(in: 500...UInt32(ceiling)))
    }
}
