internal import HoldfastModel

/// Applies the requests of many callers with as few calls as the store allows.
///
/// Requests are merged optimistically. A merged call of which the store refuses anything has applied nothing where it is
/// atomic, and is then tried request by request, so that one bad request cannot fail its neighbours. The order of the
/// requests is kept throughout.
struct GroupCommit {
    /// The changes of one caller.
    struct Request: Sendable {
        let changes: [Change]
        let atomic: Bool
        let context: CallContext

        /// What the changes take up in a batch.
        var byteCount: Int { changes.reduce(0) { $0 + Self.byteCount(of: $1) } }

        /// What one change takes up in a batch, the fixed part of a record included.
        static func byteCount(of change: Change) -> Int {
            96 + change.record.namespace.count + change.record.key.count + change.record.value.count
        }
    }

    typealias Answer = Result<[ChangeOutcome], HoldfastError>

    private let handle: StoreHandle
    private let frame: CallFrame
    /// How many calls of the plugin were made.
    private(set) var callCount = 0

    init(_ handle: StoreHandle, _ frame: CallFrame) {
        self.handle = handle
        self.frame = frame
    }

    /// Applies requests.
    ///
    /// - Returns: one answer for each.
    mutating func apply(_ requests: [Request]) -> [Answer] {
        var answers: [Answer] = []
        answers.reserveCapacity(requests.count)
        var start = 0
        while start < requests.count {
            let end = endOfGroup(requests, from: start)
            if end - start == 1 {
                answers.append(alone(requests[start]))
            } else {
                answers += merged(Array(requests[start..<end]))
            }
            start = end
            if case .failure(let error) = answers.last, error.flags.contains(.providerDead) {
                let rest = Self.notTried(error)
                answers += (start..<requests.count).map { _ in .failure(rest) }
                break
            }
        }
        return answers
    }

    /// The changes that a batch may have.
    static func changeCountMax(_ info: StoreInfo) -> Int {
        info.batchChangeCountMax == 0 ? .max : Int(clamping: info.batchChangeCountMax)
    }

    /// The bytes that a batch may have.
    static func byteCountMax(_ info: StoreInfo) -> Int {
        info.batchByteCountMax == 0 ? .max : Int(clamping: info.batchByteCountMax)
    }

    private func endOfGroup(_ requests: [Request], from start: Int) -> Int {
        guard canMerge(requests[start]) else { return start + 1 }
        var changeCount = requests[start].changes.count
        var byteCount = requests[start].byteCount
        let isBounded = requests[start].context.deadline != 0
        var end = start + 1
        while end < requests.count, canMerge(requests[end]),
            (requests[end].context.deadline != 0) == isBounded
        {
            changeCount += requests[end].changes.count
            byteCount += requests[end].byteCount
            guard changeCount <= Self.changeCountMax(handle.info), byteCount <= Self.byteCountMax(handle.info)
            else { break }
            end += 1
        }
        return end
    }

    private func canMerge(_ request: Request) -> Bool {
        handle.hasBatch && !HostConditions.areNeeded(for: request.changes, on: handle)
    }

    private mutating func merged(_ requests: [Request]) -> [Answer] {
        let changes = requests.flatMap(\.changes)
        let atomic = requests.contains(where: \.atomic)
        var context = CallContext(traceParent: requests[0].context.traceParent)
        context.deadline = requests.map(\.context.deadline).max() ?? 0
        do throws(HoldfastError) {
            callCount += 1
            let outcomes = try handle.applyBatch(changes, atomic: atomic, frame, context)
            guard !atomic || outcomes.allSatisfy(\.stands) else { return oneByOne(requests) }
            var next = outcomes[...]
            return requests.map { request in
                defer { next = next.dropFirst(request.changes.count) }
                return .success(Array(next.prefix(request.changes.count)))
            }
        } catch {
            // Dead or unknown: trying again would be the owner's decision, with the same changes.
            guard error.flags.isDisjoint(with: [.maybeApplied, .providerDead]) else {
                return requests.map { _ in .failure(error) }
            }
            return oneByOne(requests)
        }
    }

    private mutating func oneByOne(_ requests: [Request]) -> [Answer] {
        var answers: [Answer] = []
        for request in requests {
            // A backend that cannot be reached answers the second request no better than the first.
            if case .failure(let error) = answers.last, Self.concernsAll(error) {
                answers.append(.failure(Self.notTried(error)))
            } else {
                answers.append(alone(request))
            }
        }
        return answers
    }

    private static func concernsAll(_ error: HoldfastError) -> Bool {
        error.code == .unavailable || error.code == .timeout || error.flags.contains(.providerDead)
    }

    private static func notTried(_ error: HoldfastError) -> HoldfastError {
        var error = error
        error.flags.remove(.maybeApplied)
        return error
    }

    private mutating func alone(_ request: Request) -> Answer {
        do throws(HoldfastError) {
            if HostConditions.areNeeded(for: request.changes, on: handle) {
                return .success(try decided(request))
            }
            return .success(
                try plain(request.changes, atomic: request.atomic, keepsConditions: true, request.context))
        } catch {
            return .failure(error)
        }
    }

    /// Decides conditions here, then applies what stands by plain merge.
    private mutating func decided(_ request: Request) throws(HoldfastError) -> [ChangeOutcome] {
        callCount += 1
        var conditions = try HostConditions(request.changes, on: handle, frame, request.context)
        var outcomes = request.changes.map { conditions.decide($0) }
        if request.atomic, !outcomes.allSatisfy(\.stands) { return outcomes }
        let standing = request.changes.indices.filter {
            outcomes[$0] == .applied && request.changes[$0].kind != .check
        }
        let applied = try plain(
            standing.map { request.changes[$0] }, atomic: request.atomic, keepsConditions: false,
            request.context)
        for (position, outcome) in zip(standing, applied) { outcomes[position] = outcome }
        return outcomes
    }

    /// As many changes as one batch takes, at least one.
    private func nextPart(of changes: ArraySlice<Change>) -> ArraySlice<Change> {
        var byteCount = 0
        var count = 0
        for change in changes {
            byteCount += Request.byteCount(of: change)
            guard count == 0 || byteCount <= Self.byteCountMax(handle.info) else { break }
            guard count < max(1, Self.changeCountMax(handle.info)) else { break }
            count += 1
        }
        return changes.prefix(count)
    }

    /// Applies the changes of one request, in as many calls as the store needs.
    private mutating func plain(
        _ changes: [Change], atomic: Bool, keepsConditions: Bool, _ context: CallContext
    ) throws(HoldfastError) -> [ChangeOutcome] {
        let request = Request(changes: changes, atomic: atomic, context: context)
        let fits =
            changes.count <= Self.changeCountMax(handle.info)
            && request.byteCount <= Self.byteCountMax(handle.info)
        guard !changes.isEmpty else { return [] }
        if handle.hasBatch, fits {
            callCount += 1
            return try handle.applyBatch(
                changes, atomic: atomic, keepsConditions: keepsConditions, frame, context)
        }
        if atomic, !fits {
            throw HoldfastError(
                .invalid,
                "\(handle.label): an atomic batch of \(changes.count) changes and \(request.byteCount) bytes is "
                    + "more than it takes at once (\(handle.info.batchChangeCountMax) changes, "
                    + "\(handle.info.batchByteCountMax) bytes; 0 is no limit)")
        }
        var outcomes: [ChangeOutcome] = []
        do throws(HoldfastError) {
            while outcomes.count < changes.count {
                callCount += 1
                if handle.hasBatch {
                    let part = nextPart(of: changes[outcomes.count...])
                    outcomes += try handle.applyBatch(
                        part, atomic: false, keepsConditions: keepsConditions, frame, context)
                } else {
                    outcomes.append(try handle.applyPrimitive(changes[outcomes.count], frame, context))
                }
            }
        } catch {
            var error = error
            if outcomes.contains(.applied) { error.flags.insert(.maybeApplied) }
            throw error
        }
        return outcomes
    }
}
