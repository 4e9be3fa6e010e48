package import HoldfastChain
internal import HoldfastSupport

/// Who has answered the reads of a request, and what they had to do without.
///
/// An error carries neither; but who hears that something is not there must see whether it was the primary that has none.
package final class AnswerTrail: Sendable {
    /// Of the request that this task works on, where somebody wants to know.
    @TaskLocal package static var current: AnswerTrail?

    private let state = Guarded((source: "", degradations: [Degradation]()))

    /// Makes one that nothing was noted in.
    package init() {}

    /// The provider that answered last, empty where nobody was asked; and everything that an answer did without.
    package var noted: (source: String, degradations: [Degradation]) { state.withLock { $0 } }

    func note(_ source: String, _ degradations: [Degradation]) {
        state.withLock { state in
            state.source = source
            for degradation in degradations where !state.degradations.contains(degradation) {
                state.degradations.append(degradation)
            }
        }
    }
}
