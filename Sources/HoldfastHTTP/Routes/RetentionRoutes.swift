internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// Retention at once, for an operator who does not want to wait.
enum RetentionRoutes: RouteFamily {
    static let routes: [Route] = [Route(description: description, handler: run)]

    private static let description = RouteDescription(
        method: .post, path: "/v1/admin/retention", id: "runRetention",
        summary: "Applies the retention policies of storage.yaml, and answers what was removed.",
        access: .admin,
        parameters: [
            .query(
                "dryRun", .flag,
                "Only counts what would be removed; so does `dry_run` in storage.yaml, whatever is asked for."
            )
        ], outcome: .json("How much of each namespace was removed, or would be."),
        examples: [
            RouteExample(target: "/v1/admin/retention?dryRun=true", answer: #"{"dryRun":true,"namespaces":["#)
        ])

    private static func run(_ call: Call) async throws(HoldfastError) -> Reply {
        let (retention, isDryRun) = try call.store.configuredRetention()
        let report = try await retention.run(isDryRun: isDryRun || call.query.flag("dryRun"))
        if !report.isDryRun { call.audit("apply retention: \(report.removedItemCount) items removed") }
        var body = JSONBody()
        body.object { body in
            body.member("dryRun", report.isDryRun)
            body.member("namespaces") { body in
                body.array { body in for namespace in report.namespaces { body.value(namespace) } }
            }
        }
        return .json(body)
    }
}

extension JSONBody {
    fileprivate mutating func value(_ report: RetentionReport.NamespaceReport) {
        object { body in
            body.member("namespace", report.namespace)
            body.member("lists", report.listCount)
            body.member("heldLists", report.heldListCount)
            body.member("items", report.itemCount)
            body.member("trimmedLists", report.trimmedListCount)
            body.member("removed", report.removedItemCount)
            body.member("busyWith", report.busyWith)
        }
    }
}
