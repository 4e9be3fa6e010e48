import Holdfast
import HoldfastConfiguration
import HoldfastSupport

/// How a backend and its parts are, for people and for programs.
struct StatusReport: Sendable {
    private let status: BackendStatus

    /// Reports a status.
    init(_ status: BackendStatus) { self.status = status }

    /// Waits until everything is as it should be, for as long as something may be on its way there.
    ///
    /// - Parameters:
    ///   - store: one that has just been opened.
    ///   - duration: how long to wait at most.
    /// - Returns: how it is in the end.
    static func settled(_ store: HistoryStore, within duration: Duration) async -> StatusReport {
        let clock = SystemClock()
        let deadline = clock.monotonicNanoseconds + Int64(duration / .nanoseconds(1))
        while true {
            let report = StatusReport(await store.status())
            guard !report.isHealthy, clock.monotonicNanoseconds < deadline else { return report }
            await clock.wait(until: clock.monotonicNanoseconds + lookInterval)
        }
    }

    /// Nanoseconds between two looks.
    private static let lookInterval: Int64 = 20_000_000

    /// Whether writes are taken, reads are answered, and every part is up.
    var isHealthy: Bool {
        status.isWritable && status.isReadable && status.members.allSatisfy { $0.state == "up" }
    }

    /// One line that sums up, and a table of the parts.
    var text: String {
        var table = TextTable("name", "type", "role", "state", " mark", " behind", "since", "last error")
        for member in status.members {
            table.append(
                member.name, member.type, member.role, member.state,
                Quantity.count(Int(clamping: member.mark)),
                Quantity.count(Int(clamping: member.lag)), member.lagDuration.map(Quantity.duration) ?? "",
                Self.dated(member))
        }
        let writes = status.isWritable ? "writes are taken" : "writes are refused"
        let reads = status.isReadable ? "reads are answered" : "reads are refused"
        return "\(status.name): \(writes), \(reads)\n\(table.text)"
    }

    /// The last error of a part, and when it was.
    private static func dated(_ member: BackendStatus.Member) -> String {
        guard let error = member.lastError else { return "" }
        return time(member).map { "\(error) (\($0))" } ?? error
    }

    private static func time(_ member: BackendStatus.Member) -> String? {
        member.lastErrorTime.map { Timestamp(unixMilliseconds: $0).description }
    }

    /// An object with all figures.
    var json: JSONValue {
        [
            "name": .string(status.name), "writable": .bool(status.isWritable),
            "readable": .bool(status.isReadable),
            "healthy": .bool(isHealthy), "members": .array(status.members.map(Self.object)),
        ]
    }

    private static func object(_ member: BackendStatus.Member) -> JSONValue {
        let figures = member.figures.sorted { $0.key < $1.key }.map {
            JSONMember($0.key, Self.number($0.value))
        }
        return [
            "name": .string(member.name), "type": .string(member.type), "role": .string(member.role),
            "state": .string(member.state), "mark": .integer(member.mark), "lag": .integer(member.lag),
            "lag_ms": member.lagDuration.map { .integer(Int($0 / .milliseconds(1))) } ?? .null,
            "last_error": .text(member.lastError), "last_error_time": .text(time(member)),
            "figures": .object(figures),
        ]
    }

    private static func number(_ value: Double) -> JSONValue {
        guard value.isFinite else { return .null }
        return value == value.rounded() && abs(value) < 9e15 ? .integer(Int64(value)) : .number("\(value)")
    }
}
