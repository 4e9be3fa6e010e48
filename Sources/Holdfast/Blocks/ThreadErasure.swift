internal import HoldfastChain
internal import HoldfastModel

extension UserFamily {
    /// The messages that the user began in threads, with everything that followed, and conversations that have no other.
    static let threads = UserFamily(Threads.namespace) {
        (store, user, options) async throws(HoldfastError) in
        let threads = store.threads()
        let calls = CallOptions(timeout: options.timeout)
        var erased = ErasedCount()
        let began = Selection(where: ThreadUser.isBegun(by: user), keysOnly: true)
        while true {
            // What was found goes, so each look begins anew.
            let page = try await store.lists(Threads.messageNamespace).select(
                began, limit: PageLimit.standard, calls)
            guard !page.isEmpty else { return erased }
            for item in page {
                erased += try await threads.erase(messageOfUser: item.key, options.unkeyed)
            }
        }
    }
}

extension ThreadUser {
    /// Whether somebody began a message: by id, and by handle where the message has no id.
    fileprivate static func isBegun(by user: String) -> Predicate {
        let name = Filter.Scalar(user)
        let id = Operand.member("user_id")
        let hasNone = id.equals("") || !id.isKind(.string)
        return id.equals(name) || hasNone && Operand.member("user_handle").equals(name)
    }
}

extension Threads {
    /// Erases a message, what it cost, and its conversation if it has no other message.
    ///
    /// The conversation goes with the last message and not after it: so nothing is left that a failure could hide.
    fileprivate func erase(
        messageOfUser message: String, _ options: WriteOptions
    ) async throws(HoldfastError) -> ErasedCount {
        let calls = CallOptions(timeout: options.timeout)
        let conversation = Self.conversation(of: message)
        var erased = ErasedCount()
        var emptied: AgentThread?
        _ = try await store.writing(options) { (met) async throws(HoldfastError) -> Batch in
            let blockCount = try await store.lists(Self.blockNamespace).summary(of: message, calls).itemCount
            erased = ErasedCount(itemCount: 1 + blockCount)
            var batch = try await erasure(of: message, met: met, calls)
            emptied =
                try await hasOther(than: message, in: conversation, calls)
                ? nil : try await self.conversation(conversation, calls).content
            if let emptied {
                erased.documentCount = 1
                batch.delete(conversation, in: Self.namespace, if: .version(emptied.version))
                batch.erase(Self.usageKey(of: conversation), in: UsageLedger.namespace)
            } else {
                try await remove(usageOf: message, in: conversation, from: &batch, calls)
            }
            return batch
        }
        // Somebody may have begun a message in the moment before the conversation went, and nobody after it.
        if let emptied, try await hasOther(than: message, in: conversation, calls) {
            try await restore(emptied, options)
            erased.documentCount = 0
        }
        return erased
    }

    private func hasOther(
        than message: String, in conversation: String, _ options: CallOptions
    ) async throws(HoldfastError) -> Bool {
        let scan = Scan(prefix: conversation + "/", keysOnly: true)
        let page = try await store.lists(Self.messageNamespace).scan(scan, limit: 2, options)
        return page.contains { $0.key != message && Self.conversation(of: $0.key) == conversation }
    }

    private func restore(_ conversation: AgentThread, _ options: WriteOptions) async throws(HoldfastError) {
        let json = AgentThread.json(
            id: conversation.id, agent: conversation.agent, channel: conversation.channel,
            thread: conversation.thread, name: conversation.channelName, created: conversation.createdAt)
        do {
            try await store.documents(Self.namespace).put(
                .json(json), at: conversation.id, if: .absent, options)
        } catch {
            // Somebody has begun it anew, which is as well.
            guard error.code == .conflict else { throw error }
        }
    }

    private func remove(
        usageOf message: String, in conversation: String, from batch: inout Batch, _ options: CallOptions
    ) async throws(HoldfastError) {
        let key = Self.usageKey(of: conversation)
        let selection = Selection(
            key: key, where: Operand.member("message_id").equals(Filter.Scalar(message)), keysOnly: true)
        let entries = try await store.lists(UsageLedger.namespace).select(
            selection, limit: PageLimit.maximum, options)
        for entry in entries { batch.remove(entry.id, from: key, in: UsageLedger.namespace) }
    }

    private static func usageKey(of conversation: String) -> String {
        UsageEntry.key(
            agent: (try? CompositeKey.names(of: conversation).first) ?? "", conversation: conversation)
    }
}
