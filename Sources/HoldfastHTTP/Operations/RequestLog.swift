package import Logging

/// A line of the log for each request, at the level `debug`.
package struct RequestLog: RequestObserver {
    private let logger: Logger

    /// Makes an observer that writes to a logger.
    package init(_ logger: Logger) { self.logger = logger }

    /// Writes a line; what was asked for stands in it as its route, so that no line has what users call their things.
    package func observe(_ record: RequestRecord) {
        logger.debug(
            "\(record.method) \(record.route ?? "no route"): \(record.status)",
            metadata: [
                "request": "\(record.requestID)", "caller": "\(record.caller ?? "nobody")",
                "microseconds": "\(Int64(record.duration / .microseconds(1)))",
                "bytes": "\(record.requestByteCount)",
            ])
    }
}
