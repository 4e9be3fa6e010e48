internal import HoldfastChain
public import HoldfastModel

extension Agents {
    /// Removes an agent whole: everything that this family keeps of it, in one atomic step.
    ///
    /// What is written before never comes back; what is written after it begins the agent anew. Records beyond the limit
    /// of one request, which are thousands of tool calls or snapshots, go in steps before.
    ///
    /// - Parameters:
    ///   - agent: whose; that there is nothing is not an error.
    ///   - options: how it is made safe; with an idempotency key, a retry removes nothing that was written since.
    /// - Returns: a receipt of the last step.
    /// - Throws: `conflict` when others write new tool calls or snapshots all the time; `unavailable`, `timeout` or
    ///   `exhausted` when it could not be made safe.
    @discardableResult
    public func delete(
        _ agent: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await measured(.delete) { () async throws(HoldfastError) in
            // A retry finds less than the first call did, and must not take what was written since.
            if let first = try await store.lists(Place.info.rawValue).firstAnswer(of: agent, options) {
                return first
            }
            return try await retrying { () async throws(HoldfastError) in
                try await store.write(try await deletion(of: agent, options), options).receipt
            }
        }
    }

    private func deletion(
        of agent: String, _ options: WriteOptions
    ) async throws(HoldfastError) -> Batch {
        let key = try key(agent)
        var batch = Batch()
        batch.delete(agent, in: Place.info.rawValue)
        for place in [Place.toolCalls, .snapshots] {
            let register = try AgentRegister(self, place, agent)
            register.clear(try await shortened(register, options), in: &batch)
        }
        for place in [Place.messages, .todos, .events, .windows, .compressions, .files, .media] {
            batch.erase(key, in: place.rawValue)
        }
        let (head, version) = try await head(of: agent, CallOptions(timeout: options.timeout))
        if version.isZero {
            batch.check(key, in: Place.archives.rawValue, is: .absent)
        } else {
            batch.delete(key, in: Place.archives.rawValue, if: .version(version))
        }
        for number in head.archives {
            batch.erase(Self.archive(number, of: agent), in: Place.archives.rawValue)
        }
        return batch
    }

    /// How many names of a register go with the rest in one step.
    private static let nameCountMax = 2_000

    /// Removes the oldest names until the others fit.
    private func shortened(
        _ register: AgentRegister, _ options: WriteOptions
    ) async throws(HoldfastError) -> AgentRegister.Contents {
        var contents = try await register.contents(CallOptions(timeout: options.timeout))
        var step = options
        step.idempotencyKey = nil
        while contents.entries.count > Self.nameCountMax {
            let part = contents.entries.prefix(Self.nameCountMax)
            var batch = Batch()
            for entry in part { batch.delete(register.key(of: entry.name), in: register.namespace) }
            if let last = part.last { batch.trim(register.key, in: register.namespace, upTo: last.id) }
            try await store.write(batch, step)
            contents.entries.removeFirst(part.count)
        }
        return contents
    }
}
