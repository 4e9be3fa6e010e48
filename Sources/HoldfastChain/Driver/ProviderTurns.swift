import HoldfastModel
import HoldfastSupport

/// Which providers of a chain are away, so that each turn for the better is told once.
///
/// What goes wrong is told where it does; this is the other half: that it serves again, that it has caught up.
struct ProviderTurns: Sendable {
    /// How a provider stands, as its operator has heard.
    enum Standing: Hashable, Sendable {
        case serving
        /// It has failed, and has not shown since that it is back; monotonic nanoseconds.
        case away(since: Int64)
        /// It is back, and lacks what the log held then.
        case behind(LogSequenceNumber)
    }

    var primary = Standing.serving
    var backups: [Standing]
    var log = Standing.serving

    init(backupCount: Int) { backups = Array(repeating: .serving, count: backupCount) }

    /// Nanoseconds in a form for people.
    static func time(_ nanoseconds: Int64) -> String {
        let milliseconds = nanoseconds / 1_000_000
        return milliseconds < 10_000 ? "\(milliseconds) ms" : "\(milliseconds / 1000) s"
    }
}

extension Chain {
    /// Compares how the core's providers are with what was told; after every event, so cheap where nothing has changed.
    func noteTurns() {
        notePrimaryTurn()
        for index in core.backups.indices { noteBackupTurn(index) }
    }

    private func notePrimaryTurn() {
        let isUp = core.primary.phase == .up
        switch turns.primary {
        case .away(let since) where isUp:
            turns.primary = .serving
            reportReturn(of: settings.primary.name, since) { "is back and has caught up, after \($0)" }
        case .serving where !isUp && (core.primary.isDown || core.primary.failureCount > 0):
            turns.primary = .away(since: environment.clock.monotonicNanoseconds)
        default: break
        }
    }

    private func noteBackupTurn(_ index: Int) {
        let state = core.backups[index]
        guard state.failureCount == 0, state.holdReason == nil else {
            if case .away = turns.backups[index] { return }
            turns.backups[index] = .away(since: environment.clock.monotonicNanoseconds)
            return
        }
        guard state.phase != .connecting else { return }
        let name = settings.backups[index].name
        let last = core.ledger.last
        switch turns.backups[index] {
        case .serving: break
        case .away(let since) where state.hasApplied(last):
            turns.backups[index] = .serving
            reportReturn(of: name, since) { "is back and has caught up, after \($0)" }
        case .away(let since):
            let count = last - min(last, state.mark)
            let isTold = reportReturn(of: name, since) { "is back, after \($0), \(count) entries behind" }
            turns.backups[index] = isTold ? .behind(last) : .serving
        case .behind(let target) where state.hasApplied(target):
            turns.backups[index] = .serving
            report("\(name) has caught up", .info)
        case .behind: break
        }
    }

    /// The log has failed; what it said is told where it did.
    ///
    /// - Parameter time: since when it has, in monotonic nanoseconds; nothing is now.
    func logTurnedAway(since time: Int64? = nil) {
        guard turns.log == .serving else { return }
        turns.log = .away(since: time ?? environment.clock.monotonicNanoseconds)
    }

    /// The log has taken an entry.
    func logTurnedBack() {
        guard case .away(let since) = turns.log else { return }
        turns.log = .serving
        reportReturn(of: settings.log.name, since) { "takes entries again, after \($0)" }
    }

    /// Reports that a provider is back, with how long it was away, unless it goes and comes all the time.
    @discardableResult
    private func reportReturn(of name: String, _ since: Int64, _ words: (String) -> String) -> Bool {
        let now = environment.clock.monotonicNanoseconds
        guard reports.admitsReturn(of: name, after: now - since, at: now) else { return false }
        report("\(name) \(words(ProviderTurns.time(now - since)))", .info)
        return true
    }
}
