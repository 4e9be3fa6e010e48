internal import HoldfastModel

extension StoreCase {
    /// Lists: order, pages, edits.
    static let listCases: [StoreCase] = [
        StoreCase("list.order", "items come in the order of their ids, in whatever order they were put") {
            trial in
            let items = trial.versions(50).enumerated().map { trial.item("list", $1, nil, Bytes("\($0)")) }
            var random = trial.random
            for item in items.shuffled(using: &random) { try await trial.store([item]) }
            try expectEqual(try await trial.readList("list"), items, "list")
        },
        StoreCase("list.id-bytes", "ids are compared as bytes: high bits count, and no byte is left out") {
            trial in
            var items: [Record] = []
            for shift in stride(from: 63, through: 0, by: -7) {
                items.append(trial.item("list", Version(high: 1 << UInt64(shift), low: 0), trial.version()))
                items.append(
                    trial.item(
                        "list", Version(high: 1 << UInt64(shift), low: 1 << UInt64(shift)), trial.version()))
                items.append(trial.item("list", Version(high: 0, low: 1 << UInt64(shift)), trial.version()))
            }
            try await trial.store(items)
            try expectEqual(try await trial.readList("list"), items.sorted { $0.id < $1.id }, "list")
        },
        StoreCase("list.ranges", "a page has the items between its bounds, from either end, up to its limit")
        { trial in
            let ids = trial.versions(8)
            let items = ids.enumerated().filter { $0.offset % 2 == 1 }.map { trial.item("list", $0.element) }
            try await trial.store(items)
            let bounds = [Version.zero] + ids
            for after in bounds {
                for before in bounds {
                    for isReversed in [false, true] {
                        for limit in [0, 1, 3, 6, UInt64.max] {
                            let range = ReadRequest.Range(
                                after: after, before: before, limit: limit, reversed: isReversed)
                            let inside = items.filter { range.contains($0.id) }
                            let ordered = isReversed ? inside.reversed() : inside
                            let expected = Array(ordered.prefix(Int(clamping: limit)))
                            try expectEqual(try await trial.readList("list", range), expected, "\(range)")
                        }
                    }
                }
            }
        },
        StoreCase("list.edit", "a put with a known id and a higher version replaces the item in its place") {
            trial in
            let versions = trial.versions(5)
            let items = versions[0..<3].map { trial.item("list", $0) }
            try await trial.store(items)
            let edited = trial.item("list", versions[1], versions[4], "\"edited\"")
            try await trial.store([edited])
            let older = try await trial.apply([
                Change(.put, trial.item("list", versions[1], versions[3], "\"old\""))
            ])
            try expectEqual(older, [.unchanged], "an older edit")
            try expectEqual(try await trial.readList("list"), [items[0], edited, items[2]], "list")
        },
        StoreCase(
            "list.remove",
            "a removed item is gone for readers and limits, and an older put does not revive it"
        ) {
            trial in
            let versions = trial.versions(6)
            let items = versions[0..<4].map { trial.item("list", $0) }
            try await trial.store(items)
            try await trial.store([trial.item("list", versions[2], versions[5], .empty, flags: .removed)])
            try expectEqual(try await trial.readList("list"), [items[0], items[1], items[3]], "list")
            let latest = try await trial.readList("list", .init(limit: 2, reversed: true))
            try expectEqual(latest, [items[3], items[1]], "the latest two")
            let older = try await trial.apply([Change(.put, trial.item("list", versions[2], versions[4]))])
            try expectEqual(older, [.unchanged], "an older put")
            try expectEqual(try await trial.readList("list").count, 3, "items")
        },
        StoreCase("list.long", "a long list is read whole, page by page, from either end") { trial in
            let items = trial.versions(1500).enumerated().map { trial.item("list", $1, nil, Bytes("\($0)")) }
            for start in stride(from: 0, to: items.count, by: 500) {
                try await trial.store(Array(items[start..<start + 500]))
            }
            try expectEqual(try await trial.readList("list").count, items.count, "items")
            for isReversed in [false, true] {
                var pages: [Record] = []
                while true {
                    let last = pages.last?.id ?? .zero
                    let range = ReadRequest.Range(
                        after: isReversed ? .zero : last, before: isReversed ? last : .zero, limit: 401,
                        reversed: isReversed)
                    let page = try await trial.readList("list", range)
                    if page.isEmpty { break }
                    pages += page
                    try expect(pages.count <= items.count, "paging does not end")
                }
                try expect(pages == (isReversed ? items.reversed() : items), "the pages are not the list")
            }
        },
    ]
}
