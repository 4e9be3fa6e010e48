internal import HoldfastModel
internal import HoldfastSupport

/// What the lanes of a log do with a batch; runs on their threads.
enum LogWork {
    /// Bytes that are appended with one call; more makes every waiter wait for the largest.
    private static let byteCountMax = 16 << 20

    /// Does jobs of one kind.
    static func execute(_ jobs: [LaneJob<LogBackend>], _ log: LogBackend, _ frame: CallFrame) -> [LaneResult]
    {
        switch jobs[0].work {
        case .append: return append(jobs[...], log, frame)
        case .other(_, let body):
            return jobs.map { job in
                Result { () throws(HoldfastError) in try body(log, frame, job.context) }.mapError {
                    .failed($0)
                }
            }
        case .apply, .read, .scan:
            let error = HoldfastError(.internal, "\(log.label): a log was asked for records")
            return jobs.map { _ in .failure(.failed(error)) }
        }
    }

    /// Appends the entries of many callers with one call, and answers each with its own LSN.
    private static func append(
        _ jobs: ArraySlice<LaneJob<LogBackend>>, _ log: LogBackend, _ frame: CallFrame
    ) -> [LaneResult] {
        var results: [LaneResult] = []
        var rest = jobs
        while !rest.isEmpty {
            var byteCount = 0
            let isBounded = rest[rest.startIndex].context.deadline != 0
            let group = rest.prefix { job in
                byteCount += entries(of: job).reduce(0) { $0 + $1.count }
                return job === rest.first
                    || (byteCount <= byteCountMax && (job.context.deadline != 0) == isBounded)
            }
            results += together(Array(group), log, frame)
            rest = rest.dropFirst(group.count)
            guard case .failure(let failure)? = results.last, concernsAll(failure.error) else { continue }
            var error = failure.error
            error.flags.remove(.maybeApplied)
            results += rest.map { _ in .failure(.failed(error)) }
            break
        }
        return results
    }

    private static func together(
        _ jobs: [LaneJob<LogBackend>], _ log: LogBackend, _ frame: CallFrame
    ) -> [LaneResult] {
        var context = CallContext(traceParent: jobs[0].context.traceParent)
        context.deadline = jobs.map(\.context.deadline).max() ?? 0
        do throws(HoldfastError) {
            var next = try log.append(jobs.flatMap(entries), frame, context)
            return jobs.map { job in
                defer { next += UInt64(entries(of: job).count) }
                return .success(.lsn(next))
            }
        } catch {
            // One caller's entry may be what the log refuses: each is tried for itself, in order.
            guard jobs.count > 1, !concernsAll(error), error.flags.isDisjoint(with: .maybeApplied) else {
                return jobs.map { _ in .failure(.failed(error)) }
            }
            return jobs.flatMap { together([$0], log, frame) }
        }
    }

    /// Whether the next caller would hear the same.
    private static func concernsAll(_ error: HoldfastError) -> Bool {
        [.unavailable, .timeout, .corrupt, .permission].contains(error.code)
            || error.flags.contains(.providerDead)
    }

    private static func entries(of job: LaneJob<LogBackend>) -> [Bytes] {
        if case .append(let entries) = job.work { entries } else { [] }
    }
}
