internal import Holdfast
internal import HoldfastSupport

/// Counts the requests of a daemon, by route and status.
package final class RequestMetrics: RequestObserver {
    private struct Key: Hashable {
        let method: String
        let route: String
        let status: Int
    }

    private struct State {
        var counts: [Key: UInt64] = [:]
        var latencies: [String: LatencyHistogram] = [:]
        var byteCount: UInt64 = 0
    }

    private let state = Guarded(State())

    /// Counts from nothing.
    package init() {}

    /// Counts a request; what no route was found for is counted together, so that nobody can fill the memory.
    package func observe(_ record: RequestRecord) {
        let route = record.route ?? "none"
        let key = Key(
            method: record.route == nil ? "ANY" : record.method, route: route, status: record.status)
        let (seconds, attoseconds) = record.duration.components
        let nanoseconds = seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000
        state.withLock { state in
            state.counts[key, default: 0] += 1
            state.latencies[route, default: LatencyHistogram()].add(nanoseconds: nanoseconds)
            state.byteCount += UInt64(max(0, record.requestByteCount))
        }
    }

    func write(to text: inout MetricsText) {
        let state = state.withLock { $0 }
        text.family("holdfast_http_requests_total", "Requests that were answered.", .counter) { family in
            let sorted = state.counts.sorted {
                ($0.key.route, $0.key.method, $0.key.status) < ($1.key.route, $1.key.method, $1.key.status)
            }
            for (key, count) in sorted {
                family.sample(
                    [("method", key.method), ("route", key.route), ("status", String(key.status))], count)
            }
        }
        text.family(
            "holdfast_http_request_duration_seconds",
            "How long requests take, to the last byte of the answer.",
            .histogram
        ) { family in
            for (route, latency) in state.latencies.sorted(by: { $0.key < $1.key }) {
                family.histogram(
                    [("route", route)], bounds: LatencyHistogram.bounds.map { Double($0) / 1e9 },
                    counts: latency.counts, sum: Double(latency.sum) / 1e9)
            }
        }
        text.single(
            "holdfast_http_request_bytes_total", "Bytes of the bodies of requests.", .counter,
            Double(state.byteCount))
    }
}
