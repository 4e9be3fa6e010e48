import HoldfastModel
import HoldfastSupport
import Testing

@testable import Holdfast

@Suite("Turns") struct TurnsTests {
    private let turns = Turns()
    private let address = Address(namespace: "n", key: "k")

    @Test("one at a time has the turn of a key, and each key has its own")
    func alone() async {
        let inside = Guarded((now: 0, most: 0))
        await withDiscardingTaskGroup { group in
            for _ in 0..<50 {
                group.addTask {
                    await turns.take(address)
                    inside.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
                    await Task.yield()
                    inside.withLock { $0.now -= 1 }
                    turns.pass(address, toAll: false)
                }
            }
        }
        #expect(inside.withLock { $0.most } == 1)
        await turns.take(address)
        await turns.take(Address(namespace: "n", key: "other"))
        turns.pass(address, toAll: false)
    }

    @Test("where one has waited in vain, nobody waits for those before it, and the key is free again")
    func together() async {
        await turns.take(address)
        await withDiscardingTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    await turns.take(address)
                    // None of them passes the turn on before all have it.
                    turns.pass(address, toAll: true)
                }
            }
            await Task.yield()
            turns.pass(address, toAll: true)
        }
        await turns.take(address)
        turns.pass(address, toAll: false)
    }
}
