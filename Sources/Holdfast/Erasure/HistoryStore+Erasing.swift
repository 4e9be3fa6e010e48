internal import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension HistoryStore {
    /// Removes everything that is stored of a user, in every family of the domain and on every backend.
    ///
    /// Each family is looked through until nothing is found in it; what arrives in one that is done stays, so end the user's
    /// sessions first. A backend that is away gets the removal when it returns, and the receipt says that it lacks it; ask
    /// again for another receipt, which removes nothing twice. Large contents that nothing leads to any more go with the next
    /// ``collectBlobs(grace:isDryRun:_:)``.
    ///
    /// - Parameters:
    ///   - user: the name under which the user's things are stored.
    ///   - families: of the program's own, beside those of the domain.
    ///   - options: how each step is made safe, and how long the backends may take for it.
    /// - Returns: what was removed, and which backends have done so.
    /// - Throws: `invalid` for a name that no key can have; `unavailable`, `timeout` or `exhausted` when a step could not
    ///   be made safe; asking again goes on.
    @discardableResult
    public func erase(
        user: String, also families: [UserFamily] = [], _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> ErasureReceipt {
        _ = try Namespace.check(CompositeKey(user).text, as: "user", byteCountMax: Limits.keyByteCountMax)
        var erased: [ErasureReceipt.Family] = []
        for family in UserFamily.all + families {
            erased.append(
                ErasureReceipt.Family(
                    name: family.name, erased: try await family.erase(self, user, options.unkeyed)))
        }
        // The last removal stands here or before.
        let end = await status().logEnd
        let degradations = try await settle(through: end, options)
        let time = Timestamp(unixMilliseconds: edge.clock.unixMilliseconds)
        let status = await status()
        let backends = status.members.map { member in
            let lag = status.lag(of: member, behind: end)
            return ErasureReceipt.Backend(
                name: member.name, type: member.type, role: member.role,
                isErased: member.role != "log" && member.state == "up" && lag == 0,
                lag: lag, state: member.state)
        }
        return ErasureReceipt(
            user: user, time: time, families: erased, backends: backends, degradations: degradations)
    }

    /// Waits for the backups; one that does not come in time is told by the receipt, not by an error.
    private func settle(
        through end: UInt64, _ options: WriteOptions
    ) async throws(HoldfastError) -> [Degradation] {
        do {
            try await flush(CallOptions(timeout: options.timeout))
            return []
        } catch {
            guard error.code == .timeout || error.code == .unavailable else { throw error }
            let status = await status()
            return status.members.filter { $0.role == "backup" && status.lag(of: $0, behind: end) > 0 }
                .map { .backupBehind($0.name) }
        }
    }
}

extension BackendStatus {
    /// The last position of the log; 0 where there is none.
    fileprivate var logEnd: UInt64 { members.first { $0.role == "log" }?.mark ?? 0 }

    /// How many entries up to a position a provider lacks.
    fileprivate func lag(of member: Member, behind end: UInt64) -> UInt64 {
        guard member.role != "log" else { return 0 }
        let taken = logEnd - min(logEnd, member.lag)
        return end - min(end, taken)
    }
}
