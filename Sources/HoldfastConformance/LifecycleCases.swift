internal import HoldfastModel
internal import HoldfastSupport

extension StoreCase {
    /// Connections, concurrency, deadlines.
    static let lifecycleCases: [StoreCase] = [
        StoreCase("reopen.keeps", "what was stored is there after closing and connecting again") { trial in
            let versions = trial.versions(6)
            let document = trial.document("key", versions[0], "\"kept\"")
            let items = versions[1..<4].map { trial.item("key", $0) }
            try await trial.store([document] + items)
            try await trial.apply([trial.drop("dropped", versions[5])])
            try await trial.store.flush(.unbounded)
            await trial.store.close()
            let again = try await trial.subject.provider.connect(.unbounded)
            let reopened = StoreTrial(trial.subject, again, id: "reopened", seed: trial.seed)
            let answers = try await again.read(
                [
                    ReadRequest(trial.address("key")),
                    ReadRequest(trial.address("key"), range: ReadRequest.Range()),
                ], .unbounded)
            let late = try await reopened.apply([Change(.put, trial.document("dropped", versions[4]))])
            await again.close()
            try expectEqual(answers, [[document], items], "answers")
            try expectEqual(late, [.unchanged], "a put below the floor")
            try expectEqual(again.info.incarnation, trial.store.info.incarnation, "incarnation")
        },
        StoreCase("live.flush", "flush and ping answer, also the one that looks at everything") { trial in
            try await trial.store([trial.document("key", trial.version())])
            try await trial.store.flush(.unbounded)
            try await trial.store.ping(integrity: false, .unbounded)
            try await trial.store.ping(integrity: true, .unbounded)
        },
        StoreCase(
            "live.info", "a store tells its incarnation, and claims sharing only with what sharing needs"
        ) { trial in
            let info = trial.store.info
            try expect(!info.incarnation.isEmpty, "the incarnation is empty")
            if info.capabilities.contains(.shared) {
                try expect(
                    info.capabilities.isSuperset(of: [.atomicBatch, .conditions]),
                    "shared without what it needs")
            }
        },
        StoreCase(
            "live.deadline", "a call past its deadline fails with timeout or is done, and the store works on"
        ) {
            trial in
            let late = CallContext(deadline: SystemClock().monotonicNanoseconds - 1_000_000)
            do throws(HoldfastError) {
                _ = try await trial.store.read([ReadRequest(trial.address("key"))], late)
            } catch {
                try expectEqual(error.code, .timeout, "code")
            }
            try await trial.store([trial.document("key", trial.version())])
            try expect(try await trial.readDocument("key") != nil, "the store does not work on")
        },
        StoreCase(
            "live.appenders", "items that many tasks append at once are all there, in the order of their ids"
        ) {
            trial in
            let items = trial.versions(400).map { trial.item("list", $0) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<16 {
                    group.addTask {
                        for item in items.enumerated().filter({ $0.offset % 16 == lane }).map(\.element) {
                            try await trial.store([item])
                        }
                    }
                }
                try await group.waitForAll()
            }
            try expectEqual(try await trial.readList("list"), items, "list")
        },
        StoreCase("live.counter", "of concurrent compare-and-sets exactly one wins each round") { trial in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await trial.countUp(times: 10) }
                }
                try await group.waitForAll()
            }
            try expectEqual(try await trial.readDocument("counter")?.value, "80", "counter")
        },
    ]
}

extension StoreTrial {
    /// Adds one to a document, again and again, trying anew whenever somebody else was faster.
    fileprivate func countUp(times: Int) async throws {
        var done = 0
        var attempts = 0
        while done < times {
            attempts += 1
            try expect(attempts < 5000, "after \(attempts) attempts \(done) of \(times) have won")
            let stored = try await readDocument("counter")
            let count = stored.flatMap { Int($0.value.description) } ?? 0
            let change = Change(
                .put, document("counter", version(), Bytes("\(count + 1)")),
                if: .version(stored?.version ?? .zero))
            switch try await apply([change])[0] {
            case .applied: done += 1
            // Also unchanged: a version that was drawn before the winner's is below it.
            case .conflict, .unchanged: await Task.yield()
            case let outcome: throw ConformanceFailure(description: "a compare-and-set met \(outcome)")
            }
        }
    }
}
