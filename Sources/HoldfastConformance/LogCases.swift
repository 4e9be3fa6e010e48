internal import HoldfastModel
internal import HoldfastSupport

extension LogCase {
    /// Appending and reading.
    static let logCases: [LogCase] = [
        LogCase("log.empty", "an empty log says so, and reading it gives nothing") { trial in
            let bounds = try await trial.log.bounds(.unbounded)
            try expectEqual(bounds.last, 0, "last LSN")
            try expectEqual(bounds.first, 1, "first LSN")
            try expectEqual(try await trial.readAll(), [], "entries")
            try expect(!trial.log.info.incarnation.isEmpty, "the identity of the log is empty")
        },
        LogCase("log.dense", "LSNs are dense from 1, across batches of every size") { trial in
            var texts: [String] = []
            for size in [1, 2, 3, 10, 1, 100, 1] {
                let first = try await trial.append((0..<size).map { "entry \(texts.count + $0)" })
                try expectEqual(first, UInt64(texts.count) + 1, "first LSN of a batch of \(size)")
                texts += (0..<size).map { "entry \(texts.count + $0)" }
            }
            try await trial.expectEntries(texts, from: 1, "all")
            try await trial.expectEntries(Array(texts[50...]), from: 51, "from the middle")
            try await trial.expectEntries([], from: UInt64(texts.count) + 1, "from the end")
            let bounds = try await trial.log.bounds(.unbounded)
            try expectEqual(bounds.first, 1, "first LSN")
            try expectEqual(bounds.last, UInt64(texts.count), "last LSN")
        },
        LogCase("log.values", "an entry comes back byte for byte, also an empty one and a large one") {
            trial in
            var random = SeededRandom(seed: trial.seed)
            var entries: [Bytes] = [.empty, Bytes([0]), Bytes([0, 0, 255, 10]), "entry", .empty]
            for size in [255, 4095, 4096, 4097, 65_536, 1_000_003, 1 << 20]
            where size <= trial.subject.entryByteCountMax {
                entries.append(random.bytes(size))
            }
            for entry in entries { _ = try await trial.log.append([entry], .unbounded) }
            _ = try await trial.log.append(entries, .unbounded)
            let records = try await trial.readAll()
            try expectEqual(records.count, entries.count * 2, "entries")
            for (record, entry) in zip(records, entries + entries) {
                try expect(
                    record.payload == entry,
                    "entry \(record.lsn) of \(entry.count) bytes is not what was appended")
            }
        },
        LogCase("log.pages", "a page ends when its size is reached, and has one entry at least") { trial in
            let texts = (0..<50).map { String(repeating: "x", count: $0 * 10) }
            try await trial.append(texts)
            for size in [0, 1, 100, 1000, 1 << 20] {
                let records = try await trial.readAll(byteCountMax: size)
                try expectEqual(records.map(\.payload.description), texts, "pages of \(size) bytes")
            }
            let page = try await trial.log.read(from: 11, byteCountMax: 350, .unbounded)
            // An entry that reaches the size may be the last of its page, so it does not count.
            let total = page.dropLast().reduce(0) { $0 + $1.payload.count }
            try expect(!page.isEmpty && total < 350, "a page goes on after \(total) bytes of 350")
        },
        LogCase("log.appenders", "what many tasks append at once gets every LSN once, each entry at its own")
        { trial in
            let log = trial.log
            let lsns = try await withThrowingTaskGroup(of: [(UInt64, String)].self) { group in
                for lane in 0..<16 {
                    group.addTask {
                        var lsns: [(UInt64, String)] = []
                        for index in 0..<20 {
                            let texts = (0..<(index % 3 + 1)).map { "lane \(lane) entry \(index) part \($0)" }
                            let first = try await log.append(texts.map { Bytes($0) }, .unbounded)
                            for (offset, text) in texts.enumerated() {
                                lsns.append((first + UInt64(offset), text))
                            }
                        }
                        return lsns
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            let expected = lsns.sorted { $0.0 < $1.0 }
            try expectEqual(expected.map(\.0), (1...UInt64(expected.count)).map { $0 }, "LSNs")
            try await trial.expectEntries(expected.map(\.1), from: 1, "all")
        },
        LogCase("log.many", "ten thousand entries are read whole") { trial in
            let texts = (0..<10_000).map { "entry \($0)" }
            for start in stride(from: 0, to: texts.count, by: 1000) {
                try await trial.append(Array(texts[start..<start + 1000]))
            }
            try await trial.expectEntries(texts, from: 1, "all")
        },
        LogCase("log.verify", "a whole log has nothing torn or damaged") { trial in
            try await trial.append((0..<100).map { "entry \($0)" })
            let findings = try await trial.log.verify(.unbounded)
            let bad = findings.filter { $0.kind != .segment }
            try expect(bad.isEmpty, "verify finds \(bad.map(\.message))")
            try await trial.append(["after"])
        },
        LogCase(
            "log.deadline", "an append past its deadline fails with timeout or is done, and the log works on"
        ) {
            trial in
            let late = CallContext(deadline: SystemClock().monotonicNanoseconds - 1_000_000)
            do throws(HoldfastError) {
                _ = try await trial.log.append(["late"], late)
            } catch {
                try expectEqual(error.code, .timeout, "code")
            }
            let lsn = try await trial.append(["after"])
            try expectEqual(
                try await trial.readAll(from: lsn).map(\.payload), ["after"], "the entry after it")
        },
        LogCase(
            "log.reopen", "entries, LSNs and identity are what they were after closing and opening",
            reopens: true
        ) {
            trial in
            let identity = trial.log.info.incarnation
            var texts: [String] = []
            for round in 0..<4 {
                let batch = (0..<25).map { "round \(round) entry \($0)" }
                let first = try await trial.append(batch)
                try expectEqual(first, UInt64(texts.count) + 1, "first LSN of round \(round)")
                texts += batch
                try await trial.reopen()
                try expectEqual(trial.log.info.incarnation, identity, "identity")
                try await trial.expectEntries(texts, from: 1, "round \(round)")
            }
        },
    ]

    /// Letting go of entries.
    static let logTrimCases: [LogCase] = [
        LogCase("log.trim", "after a trim the rest is there, and nothing that was asked to be kept is gone") {
            trial in
            let texts = (0..<300).map { "entry \($0) " + String(repeating: "x", count: 500) }
            try await trial.append(texts)
            for lsn in [1, 2, 50, 50, 20, 299] as [UInt64] {
                try await trial.log.trim(before: lsn, .unbounded)
                let bounds = try await trial.log.bounds(.unbounded)
                try expect(
                    bounds.first <= max(lsn, 50), "a trim before \(lsn) took entries up to \(bounds.first)")
                try expectEqual(bounds.last, 300, "last LSN")
                try await trial.expectEntries(
                    Array(texts[Int(bounds.first - 1)...]), from: bounds.first, "rest")
                let below = try await trial.log.read(from: 1, byteCountMax: 1, .unbounded)
                try expectEqual(below.first?.lsn, bounds.first, "reading from below the first entry")
            }
        },
        LogCase(
            "log.trim-all",
            "a log that was trimmed whole goes on with the next LSN, and is not fooled by more"
        ) {
            trial in
            try await trial.append(["a", "b", "c"])
            try await trial.log.trim(before: 4, .unbounded)
            try await trial.log.trim(before: 1000, .unbounded)
            let bounds = try await trial.log.bounds(.unbounded)
            try expectEqual(bounds.last, 3, "last LSN")
            try expect(bounds.first <= 4, "first LSN is \(bounds.first)")
            try expectEqual(try await trial.append(["d"]), 4, "the next LSN")
            try await trial.expectEntries(["d"], from: 4, "the next entry")
        },
        LogCase(
            "log.trim-reopen", "no LSN is given twice, also after a trim of everything and a restart",
            reopens: true
        ) {
            trial in
            var last: UInt64 = 0
            for round in 0..<3 {
                let first = try await trial.append(["round \(round)", "second", "third"])
                try expectEqual(first, last + 1, "first LSN of round \(round)")
                last = first + 2
                try await trial.log.trim(before: last + 1, .unbounded)
                try await trial.reopen()
                try expectEqual(
                    try await trial.log.bounds(.unbounded).last, last, "last LSN of round \(round)")
            }
            try await trial.append(["kept"])
            try await trial.reopen()
            try await trial.expectEntries(["kept"], from: last + 1, "after all")
        },
    ]
}
