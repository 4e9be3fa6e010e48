internal import HoldfastModel
internal import HoldfastSupport

/// What the lanes of a store do with a batch; runs on their threads.
enum StoreWork {
    /// Does jobs of one kind.
    static func execute(_ jobs: [LaneJob<StoreHandle>], _ handle: StoreHandle, _ frame: CallFrame)
        -> [LaneResult]
    {
        switch jobs[0].work {
        case .apply:
            let requests = jobs.compactMap { job in
                if case .apply(let request) = job.work { request } else { nil }
            }
            var commit = GroupCommit(handle, frame)
            return commit.apply(requests).map { answer in
                answer.map { .outcomes($0) }.mapError { .failed($0) }
            }
        case .read: return read(jobs, handle, frame)
        case .append:
            let error = HoldfastError(.internal, "\(handle.label): a store was asked to append to a log")
            return jobs.map { _ in .failure(.failed(error)) }
        case .scan(let body):
            return jobs.map { job in
                Result { () throws(HoldfastError) in try body(handle, frame, job.context) }.mapError {
                    .failed($0.isTooLong ? .tooLong(handle.label) : $0)
                }
            }
        case .other(_, let body):
            return jobs.map { job in
                Result { () throws(HoldfastError) in try body(handle, frame, job.context) }.mapError {
                    .failed($0)
                }
            }
        }
    }

    /// Asks the questions of many callers in one round trip; where that fails, each for itself.
    private static func read(
        _ jobs: [LaneJob<StoreHandle>], _ handle: StoreHandle, _ frame: CallFrame
    ) -> [LaneResult] {
        if jobs.count == 1, case .read(let requests) = jobs[0].work {
            return [answer(requests, handle, frame, jobs[0].context)]
        }
        let questions = jobs.map { job -> [ReadRequest] in
            if case .read(let requests) = job.work { requests } else { [] }
        }
        if jobs.count > 1 {
            var context = CallContext(traceParent: jobs[0].context.traceParent)
            let deadlines = jobs.map(\.context.deadline)
            context.deadline = deadlines.contains(0) ? 0 : deadlines.max() ?? 0
            if let answers = try? handle.read(questions.flatMap(\.self), frame, context) {
                var next = answers[...]
                return questions.map { requests in
                    defer { next = next.dropFirst(requests.count) }
                    return .success(.records(Array(next.prefix(requests.count))))
                }
            }
        }
        return zip(jobs, questions).map { job, requests in answer(requests, handle, frame, job.context) }
    }

    private static func answer(
        _ requests: [ReadRequest], _ handle: StoreHandle, _ frame: CallFrame, _ context: CallContext
    ) -> LaneResult {
        do throws(HoldfastError) {
            return .success(.records(try handle.read(requests, frame, context)))
        } catch {
            return .failure(.failed(error))
        }
    }
}
