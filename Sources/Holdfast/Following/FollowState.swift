internal import HoldfastModel

/// Who follows what, who waits, and what is to be read.
struct FollowState {
    var topics: [Address: FollowTopic] = [:]
    /// The topics that want to be read, in the order in which they came to want it.
    var queue: [Address] = []
    var lastNumber = 0
    var readerCount = 0
    var poller: Task<Void, Never>?
    var isClosed = false
}

extension FollowState {
    /// Puts a topic into the queue, where a read would help somebody.
    mutating func enqueue(_ address: Address) {
        guard topics[address]?.wantsRead ?? false else { return }
        topics[address]?.isQueued = true
        queue.append(address)
    }

    /// Whether one more reader is to be started; it counts from now on.
    mutating func claimReader(max: Int) -> Bool {
        guard !queue.isEmpty, readerCount < max else { return false }
        readerCount += 1
        return true
    }

    /// What a reader does next; nothing ends it.
    mutating func nextQuestions(_ settings: FollowSettings, max: Int) -> [FollowHub.Question]? {
        var questions: [FollowHub.Question] = []
        var count = 0
        while count < queue.count, questions.count < max {
            let address = queue[count]
            count += 1
            guard let topic = topics[address], topic.isQueued else { continue }
            topics[address]?.isQueued = false
            topics[address]?.isDirty = false
            topics[address]?.isReading = true
            questions.append(
                FollowHub.Question(
                    address: address, generation: topic.generation, range: topic.range(settings)))
        }
        queue.removeFirst(count)
        guard questions.isEmpty else { return questions }
        readerCount -= 1
        return nil
    }

    /// Takes what a read brought.
    ///
    /// - Returns: who has something to look at.
    mutating func end(
        _ question: FollowHub.Question, _ outcome: FollowHub.Outcome, _ settings: FollowSettings
    ) -> [FollowTopic.Waiter] {
        // Taken out meanwhile: two of them would copy what is kept.
        guard var topic = topics.removeValue(forKey: question.address) else { return [] }
        defer {
            topics[question.address] = topic
            enqueue(question.address)
        }
        guard topic.generation == question.generation else { return [] }
        topic.isReading = false
        switch outcome {
        case .records(let records): guard topic.take(records, settings) else { return [] }
        case .failure: break
        case .hold:
            // Whoever asked while it was read asks for another attempt, now.
            topic.isHeld = !topic.isDirty
            topic.isDirty = true
            return []
        }
        defer { topic.waiters = [] }
        return topic.waiters
    }

    /// Lets somebody wait, unless there is no need.
    ///
    /// - Returns: why it does not wait.
    mutating func add(
        _ waiter: FollowTopic.Waiter, at address: Address, after place: Version
    ) -> Result<Void, HoldfastError>? {
        guard !isClosed else { return .failure(HoldfastError(.unavailable, "the store is closed")) }
        guard case .nothing = topics[address]?.look(after: place) else { return .success(()) }
        topics[address]?.waiters.append(waiter)
        enqueue(address)
        return nil
    }

    /// Takes one out who waits no more.
    mutating func removeWaiter(_ number: Int, at address: Address) -> FollowTopic.Waiter? {
        guard let position = topics[address]?.waiters.firstIndex(where: { $0.number == number }) else {
            return nil
        }
        return topics[address]?.waiters.remove(at: position)
    }

    /// Takes those out who wait no more.
    mutating func removeWaiters(
        where isDone: (FollowTopic.Waiter) -> Bool
    ) -> [FollowTopic.Waiter] {
        var removed: [FollowTopic.Waiter] = []
        for address in topics.keys {
            guard let waiters = topics[address]?.waiters, waiters.contains(where: isDone) else { continue }
            removed += waiters.filter(isDone)
            topics[address]?.waiters = waiters.filter { !isDone($0) }
        }
        return removed
    }
}
