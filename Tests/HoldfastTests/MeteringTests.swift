import Holdfast
import Testing

@Suite("Metering") struct MeteringTests {
    private let store = HistoryStore(backend: MemoryBackend(), clock: ManualClock())

    @Test("every operation is counted once, with what it stored, answered and failed with")
    func counts() async throws {
        let lists = store.lists("events")
        try await lists.append([.json("1"), .json("22")], to: "a")
        try await lists.append(.json("3"), to: "a", WriteOptions(idempotencyKey: "once"))
        _ = try await lists.page(of: "a")
        _ = try await store.documents("state").scan()
        _ = try await lists.count()
        try await store.flush()
        await #expect(throws: HoldfastError.self) {
            try await store.documents("state").put(
                .json("1"), at: "k", if: .version(Version(high: 1, low: 1)))
        }
        let figures = store.operations
        #expect(
            figures.operations.mapValues(\.latency.count) == [
                .write: 3, .read: 1, .scan: 1, .select: 1, .invoke: 0, .flush: 1,
            ])
        #expect(figures.operations[.write]?.failures == [.conflict: 1])
        #expect(figures.operations.values.allSatisfy { $0.runningCount == 0 })
        #expect(figures.changeCount == 3 && figures.writtenByteCount == 4)
        #expect(figures.recordCount >= 3 && figures.replayCount == 0)
    }

    @Test("a duration falls into the first step that holds it, and one beyond the last is not lost")
    func histogram() {
        var histogram = LatencyHistogram()
        for duration in [-5, 100_000, 100_001, 11_000_000_000] as [Int64] {
            histogram.add(nanoseconds: duration)
        }
        #expect(histogram.counts.first == 2 && histogram.counts[1] == 1 && histogram.counts.last == 1)
        #expect(histogram.count == 4 && histogram.sum == 11_000_200_001)
    }
}
