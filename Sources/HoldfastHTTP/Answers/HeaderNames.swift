internal import HTTPTypes

extension HTTPField.Name {
    /// The provider that answered a read.
    static let holdfastSource = known("Holdfast-Source")
    /// The level that a write has reached.
    static let holdfastLevel = known("Holdfast-Level")
    /// What the answer had to do without, separated by commas.
    static let holdfastDegraded = known("Holdfast-Degraded")
    /// `true` where the answer is that of an earlier write with the same idempotency key.
    static let holdfastReplay = known("Holdfast-Replay")
    /// When a value was written.
    static let holdfastTime = known("Holdfast-Time")
    /// When a value was edited last.
    static let holdfastEditedAt = known("Holdfast-Edited-At")
    /// When a value goes by itself.
    static let holdfastExpiresAt = known("Holdfast-Expires-At")
    /// `index` or `scan`: how a search found its hits.
    static let holdfastSearchedBy = known("Holdfast-Searched-By")
    /// The lock under which a write is made: its name, percent-encoded, a semicolon and the fence.
    static let holdfastFence = known("Holdfast-Fence")
    /// `false` keeps OpenAI's clients from trying again by themselves.
    static let shouldRetry = known("X-Should-Retry")
    /// What names a request in answers and logs.
    static let requestID = known("X-Request-Id")
    /// Client-chosen text: a second write with it changes nothing.
    static let idempotencyKey = known("Idempotency-Key")
    /// How a write is made safe, and how long it may take.
    static let preferences = known("Prefer")

    /// The id of the last event that a client has.
    static let lastEventID = known("Last-Event-ID")
    /// `no` keeps proxies from collecting an answer before they pass it on.
    static let accelBuffering = known("X-Accel-Buffering")

    private static func known(_ text: String) -> HTTPField.Name {
        guard let name = HTTPField.Name(text) else { preconditionFailure("\(text) is no name of a header") }
        return name
    }
}
