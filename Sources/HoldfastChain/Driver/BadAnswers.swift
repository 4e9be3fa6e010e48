import HoldfastModel
import HoldfastSupport

/// What a provider that serves has answered and nobody can use: bytes that fail validation, defects of its plugin, parts
/// that it may not read.
///
/// One damaged record is no reason to do without all others, so it stays in use; but somebody must see to it.
struct BadAnswers: Sendable {
    /// The name of the figure in the status and in metrics.
    static let figure = "bad_answers_total"

    /// How many there were.
    private(set) var count = 0
    /// The last one over the connection of now.
    private(set) var last: (error: HoldfastError, time: Int64)?

    /// Takes note of an error, if it is about the answer and neither about the question nor about the connection.
    ///
    /// - Parameters:
    ///   - error: what a provider has thrown.
    ///   - time: Unix milliseconds.
    /// - Returns: whether it is one of these.
    mutating func note(_ error: HoldfastError, at time: Int64) -> Bool {
        guard error.code == .corrupt || error.code == .internal || error.code == .permission else {
            return false
        }
        count += 1
        last = (error, time)
        return true
    }

    /// Forgets the last one: over a new connection it may be mended.
    mutating func reconnected() { last = nil }
}

extension Chain {
    /// Takes note of what a provider has thrown at a reader.
    func noteAnswer(_ error: HoldfastError, of consumer: Consumer) {
        let isBad = badAnswers[consumer, default: BadAnswers()].note(
            error, at: environment.clock.unixMilliseconds)
        if isBad { report("\(name(of: consumer)) answers: \(error)") }
    }

    /// Asks whoever answers in place of the primary.
    func ask<Result: Sendable>(
        _ fallback: Fallback, _ question: (any Store) async throws(HoldfastError) -> Result
    ) async throws(HoldfastError) -> Result {
        do throws(HoldfastError) {
            return try await question(fallback.connection.store)
        } catch {
            noteAnswer(error, of: fallback.consumer)
            throw error
        }
    }

    /// The name in storage.yaml.
    func name(of consumer: Consumer) -> String {
        switch consumer {
        case .primary: settings.primary.name
        case .backup(let index): settings.backups[index].name
        case .log: settings.log.name
        }
    }
}
