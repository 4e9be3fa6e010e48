internal import Holdfast
internal import HoldfastModel

/// The metrics of a store: what it was asked for, and how its chain and each provider are.
struct StoreMetrics: Sendable {
    let status: BackendStatus
    let operations: OperationFigures

    /// Asks a store.
    init(_ store: HistoryStore) async {
        status = await store.status()
        operations = store.operations
    }

    /// Writes everything.
    ///
    /// - Parameters:
    ///   - text: takes it.
    ///   - isOfTenant: whether the store is one tenant's, who sees what it was asked for, and not how busy the others are.
    func write(to text: inout MetricsText, isOfTenant: Bool) {
        writeOperations(to: &text)
        if isOfTenant { return }
        writeChain(to: &text)
        writeMembers(to: &text)
        writeFigures(to: &text)
    }

    private var sorted: [(operation: OperationFigures.Operation, figures: OperationFigures.Figures)] {
        OperationFigures.Operation.allCases.compactMap { operation in
            operations.operations[operation].map { (operation, $0) }
        }
    }

    private func writeOperations(to text: inout MetricsText) {
        text.family(
            "holdfast_operations_total", "Calls of the backend that have ended, by how they ended.", .counter
        ) { family in
            for (operation, figures) in sorted {
                let failed = figures.failures.values.reduce(0, +)
                let label: MetricsText.Label = ("operation", operation.rawValue)
                family.sample([label, ("outcome", "ok")], figures.latency.count - failed)
                for (code, count) in figures.failures.sorted(by: { $0.key.description < $1.key.description })
                {
                    family.sample([label, ("outcome", code.description)], count)
                }
            }
        }
        text.family(
            "holdfast_operation_duration_seconds", "How long calls of the backend take.", .histogram
        ) { family in
            for (operation, figures) in sorted {
                family.histogram(
                    [("operation", operation.rawValue)],
                    bounds: LatencyHistogram.bounds.map { Double($0) / 1e9 }, counts: figures.latency.counts,
                    sum: Double(figures.latency.sum) / 1e9)
            }
        }
        text.family("holdfast_operations_running", "Calls of the backend that are under way.", .gauge) {
            family in
            for (operation, figures) in sorted {
                family.sample([("operation", operation.rawValue)], figures.runningCount)
            }
        }
        text.family(
            "holdfast_degraded_answers_total", "Answers that had to do without something, by what.", .counter
        ) { family in
            for (operation, figures) in sorted {
                for (word, count) in figures.degradations.sorted(by: { $0.key < $1.key }) {
                    family.sample([("operation", operation.rawValue), ("degradation", word)], count)
                }
            }
        }
        for (name, help, count) in [
            ("changes", "Changes that were stored.", operations.changeCount),
            ("written_bytes", "Bytes of values that were stored.", operations.writtenByteCount),
            ("records", "Records that were answered.", operations.recordCount),
            ("replays", "Writes answered with the answer of an earlier one.", operations.replayCount),
        ] {
            text.single("holdfast_\(name)_total", help, .counter, Double(count))
        }
    }

    private func writeChain(to text: inout MetricsText) {
        let labels: [MetricsText.Label] = [("chain", status.name)]
        text.family("holdfast_chain_writable", "Whether writes are taken.", .gauge) {
            $0.sample(labels, status.isWritable ? 1.0 : 0)
        }
        text.family("holdfast_chain_readable", "Whether reads are answered.", .gauge) {
            $0.sample(labels, status.isReadable ? 1.0 : 0)
        }
    }

    private func labels(of member: BackendStatus.Member) -> [MetricsText.Label] {
        [("chain", status.name), ("provider", member.name), ("type", member.type), ("role", member.role)]
    }

    private func writeMembers(to text: inout MetricsText) {
        text.family("holdfast_provider_up", "Whether a provider is up.", .gauge) { family in
            for member in status.members {
                family.sample(labels(of: member), member.state == "up" ? 1.0 : 0)
            }
        }
        text.family("holdfast_provider_state", "The state of a provider; the one that holds is 1.", .gauge) {
            family in
            for member in status.members {
                family.sample(labels(of: member) + [("state", member.state)], 1.0)
            }
        }
        text.family("holdfast_provider_mark", "The log position that a provider has applied.", .gauge) {
            family in
            for member in status.members { family.sample(labels(of: member), member.mark) }
        }
        text.family("holdfast_provider_lag_entries", "Log entries that a provider lacks.", .gauge) { family in
            for member in status.members where member.role != "log" {
                family.sample(labels(of: member), member.lag)
            }
        }
        text.family(
            "holdfast_provider_lag_seconds", "How long the oldest entry that a provider lacks has waited.",
            .gauge
        ) { family in
            for member in status.members where member.role != "log" {
                family.sample(
                    labels(of: member), member.lagDuration.map { $0 / .seconds(1) } ?? 0)
            }
        }
    }

    /// What plugins, lanes and logs count under names of their own.
    private func writeFigures(to text: inout MetricsText) {
        let names = Set(status.members.flatMap(\.figures.keys)).sorted()
        for name in names {
            let kind: MetricsText.Kind = name.hasSuffix("_total") ? .counter : .gauge
            text.family(
                "holdfast_provider_\(name)", Self.help[name] ?? "A figure of the provider.", kind
            ) { family in
                for member in status.members {
                    if let value = member.figures[name] { family.sample(labels(of: member), value) }
                }
            }
        }
    }

    private static let help = [
        "lanes": "Threads that serve a provider.", "queue_depth": "Calls that wait for a lane.",
        "queue_depth_max": "The most calls that ever waited for a lane.",
        "batches_total": "Batches handed to the plugin.", "calls_total": "Calls in those batches.",
        "items_total": "Changes, questions or entries in those batches.",
        "batch_items_max": "The most of them in one batch.",
        "stuck_calls": "Calls that are stuck in the plugin past their deadlines.",
        "stuck_calls_total": "Calls that ever were stuck.",
        "pending_entries": "Log entries that the primary has not resolved.",
        "bad_answers_total":
            "Reads that it answered with damaged bytes, with a defect, or with no leave to read, while it served.",
        "quarantined_entries": "Log entries that a backup refused for good.",
        "first_lsn": "The first position that the log holds.", "last_lsn": "The last position of the log.",
        "bytes": "Bytes that the log holds.", "entries": "Entries that the log holds.",
        "age_seconds": "How long ago the oldest entry came that the log holds.",
    ]
}
