internal import HoldfastModel
internal import HoldfastSupport

/// Calls a resource on the thread of whoever asks, because its plugin says that it never waits.
///
/// The hop to a lane and back costs more than such a call. One call runs at a time unless the resource is concurrent.
final class InlineCaller<Resource: LaneResource>: Sendable {
    private struct State {
        var frames: [CallFrame] = []
        var running = 0
        var end: HoldfastError?
        var callCount = 0
    }

    private let resource: Resource
    private let runningMax: Int
    private let state = Monitor(State())

    /// Takes over a resource.
    init(_ resource: Resource, isConcurrent: Bool) {
        self.resource = resource
        runningMax = isConcurrent ? .max : 1
    }

    /// How many calls were made.
    var callCount: Int { state.withLock { $0.callCount } }

    /// Calls the resource; after an error that says it is dead, every later call fails.
    func call<Value>(
        _ label: String, _ body: (Resource, CallFrame) throws(HoldfastError) -> Value
    ) throws(HoldfastError) -> Value {
        let entry = state.withLock { state -> Monitor<State>.Step<Result<CallFrame, HoldfastError>> in
            if let end = state.end { return .done(.failure(end)) }
            guard state.running < runningMax else { return .wait }
            state.running += 1
            state.callCount += 1
            return .done(.success(state.frames.popLast() ?? CallFrame()))
        }
        let frame = try entry.get()
        let result = Result { () throws(HoldfastError) in try body(resource, frame) }
        state.withLock { state in
            state.running -= 1
            state.frames.append(frame)
            guard case .failure(let error) = result, error.flags.contains(.providerDead), state.end == nil
            else { return }
            state.end = SessionEnd.dead(label, because: error)
        }
        state.signal()
        return try result.get()
    }

    /// Refuses later calls, waits for those that run, which is short, and closes the resource.
    func close(_ label: String) {
        let isFirst = state.withLock { state -> Monitor<State>.Step<Bool> in
            if state.end == nil { state.end = SessionEnd.closed(label) }
            guard state.running >= 0 else { return .done(false) }
            guard state.running == 0 else { return .wait }
            defer { state.running = -1 }
            return .done(true)
        }
        if isFirst { resource.close() }
    }
}
