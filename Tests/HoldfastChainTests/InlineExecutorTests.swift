import HoldfastModel
import HoldfastSupport
import Testing

@testable import HoldfastChain

@Suite("Chain: where its operations run")
struct InlineExecutorTests {
    @Test("a task begins before whoever starts it goes on")
    func beginsAtOnce() async {
        let hasBegun = Guarded(false)
        let task = Task(executorPreference: InlineExecutor.shared) { hasBegun.withLock { $0 = true } }
        #expect(hasBegun.withLock { $0 })
        await task.value
    }

    @Test("a task goes on before whoever resumes it does")
    func goesOnAtOnce() async {
        let waiting = Guarded<CheckedContinuation<Void, Never>?>(nil)
        let hasGoneOn = Guarded(false)
        let task = Task(executorPreference: InlineExecutor.shared) {
            await withCheckedContinuation { continuation in waiting.withLock { $0 = continuation } }
            hasGoneOn.withLock { $0 = true }
        }
        let continuation = waiting.withLock { $0.take() }
        continuation?.resume()
        #expect(hasGoneOn.withLock { $0 })
        await task.value
    }

    @Test("requests that come at once are all answered, and stored in one order everywhere")
    func answersAll() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        let receipts = try await withThrowingTaskGroup(of: Version.self) { group in
            for number in 0..<500 {
                group.addTask { try await fake.append("\(number)", to: chain).versions[0] }
            }
            return try await group.reduce(into: Set<Version>()) { $0.insert($1) }
        }
        #expect(receipts.count == 500)
        let history = try await fake.history(chain)
        #expect(Set(history).count == 500)
        try await chain.flush(CallOptions())
        #expect(fake.backup.values(fake.list) == history)
        await chain.close()
    }

    @Test("a write whose caller goes at once is answered, and closing does not wait for it")
    func answersWhoGoes() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        for number in 0..<50 {
            let task = Task { try await fake.append("\(number)", to: chain) }
            task.cancel()
            switch await task.result {
            case .success: #expect(try await fake.history(chain).contains("\(number)"))
            case .failure(let error): #expect((error as? HoldfastError)?.code == .cancelled)
            }
        }
        await chain.close()
    }

    @Test("a chain that is closed refuses writes")
    func refusesWhenClosed() async throws {
        let fake = FakeChain()
        let chain = try await fake.open()
        await chain.close()
        let error = await #expect(throws: HoldfastError.self) { try await fake.append("late", to: chain) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("closing") == true)
    }
}
