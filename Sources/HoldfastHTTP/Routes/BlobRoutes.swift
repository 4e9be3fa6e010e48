internal import HTTPTypes
internal import Holdfast
internal import HoldfastChain
internal import HoldfastModel

/// Large contents that are kept apart: how many there are, and the removal of those that nothing refers to.
enum BlobRoutes: RouteFamily {
    private static let path = "/v1/admin/blobs"

    static let routes: [Route] = [
        Route(description: statusDescription, handler: status),
        Route(description: collectDescription, handler: collect),
    ]

    private static let statusDescription = RouteDescription(
        method: .get, path: path, id: "getBlobs",
        summary: "Counts large contents that are kept apart, and those that nothing refers to any more.",
        access: .admin, outcome: .json("How many there are, and what a collection would remove."),
        examples: [RouteExample(target: path, answer: #"{"dryRun":true,"blobs":"#)])

    private static let collectDescription = RouteDescription(
        method: .post, path: path, id: "collectBlobs",
        summary: "Removes large contents that nothing refers to any more.",
        access: .admin, parameters: [.query("dryRun", .flag, "Only counts what would be removed.")],
        outcome: .json("How many there were, and what was removed."),
        examples: [RouteExample(target: path, answer: #"{"dryRun":false,"blobs":"#)])

    private static func status(_ call: Call) async throws(HoldfastError) -> Reply {
        reply(try await call.store.blobs(), isDryRun: true)
    }

    private static func collect(_ call: Call) async throws(HoldfastError) -> Reply {
        let isDryRun = call.query.flag("dryRun")
        let report = try await call.store.collectBlobs(isDryRun: isDryRun)
        if !isDryRun { call.audit("collect blobs: \(report.removedCount) of \(report.blobCount) removed") }
        return reply(report, isDryRun: isDryRun)
    }

    private static func reply(_ report: BlobReport, isDryRun: Bool) -> Reply {
        var body = JSONBody()
        body.object { body in
            body.member("dryRun", isDryRun)
            body.member("blobs", report.blobCount)
            body.member("bytes", report.byteCount)
            body.member("unused", report.unusedCount)
            body.member("unusedBytes", report.unusedByteCount)
            body.member("removed", report.removedCount)
            body.member("removedBytes", report.removedByteCount)
            body.member("records", report.recordCount)
        }
        return .json(body)
    }
}
