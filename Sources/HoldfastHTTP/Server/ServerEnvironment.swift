internal import Holdfast
internal import Logging

/// What all requests of a daemon share.
final class ServerEnvironment: Sendable {
    let live: LiveSettings
    let logger: Logger
    /// Hear of each request that has been answered.
    let observers: [any RequestObserver]
    /// Where the span of each request goes, or nothing.
    let tracer: TraceFile?

    init(live: LiveSettings, logger: Logger, observers: [any RequestObserver], tracer: TraceFile?) {
        self.live = live
        self.logger = logger
        self.observers = observers
        self.tracer = tracer
    }

    /// What bounds the daemon now.
    var settings: ServerSettings { live.current }
}

/// Hears of each request that has been answered: what metrics and access logs are made of.
package protocol RequestObserver: Sendable {
    /// Notes a request.
    ///
    /// - Parameter record: what is known of it; called on the task of the request, so it must be short.
    func observe(_ record: RequestRecord)
}

/// One request that has been answered.
package struct RequestRecord: Sendable {
    /// What names the request.
    package let requestID: String
    /// Such as `GET`.
    package let method: String
    /// The path of the route with its parameters in braces; nothing where no route was found.
    package let route: String?
    /// The status of the answer.
    package let status: Int
    /// The word of the error, or nothing.
    package let code: String?
    /// From the last byte of the headers to the last of the answer.
    package let duration: Duration
    /// Bytes of the request's body.
    package let requestByteCount: Int
    /// The name of the token, or how the caller came; nothing where nobody was let in.
    package let caller: String?
}
