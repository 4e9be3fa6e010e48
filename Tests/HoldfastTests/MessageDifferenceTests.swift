import HoldfastModel
import Testing

@testable import Holdfast

@Suite("What a whole-list save writes") struct MessageDifferenceTests {
    /// Carries out a difference on a list.
    private func applied(_ difference: MessageDifference, to old: [Bytes], from new: [Bytes]) -> [Bytes] {
        var list = old
        for edit in difference.edited { list[edit.old] = new[edit.new] }
        list.removeSubrange(difference.removed)
        return list + new[difference.appended]
    }

    @Test("the difference of two lists turns one into the other")
    func turns() {
        let seed = UInt64.random(in: .min ... .max)
        var state = seed
        func next(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33 % bound)
        }
        for _ in 0..<1_000 {
            let old = (0..<next(8)).map { _ in Bytes("\(next(3))") }
            let new = (0..<next(8)).map { _ in Bytes("\(next(3))") }
            let difference = MessageDifference(from: old, to: new)
            #expect(applied(difference, to: old, from: new) == new, "seed \(seed), \(old) to \(new)")
            #expect(difference.isEmpty == (old == new), "seed \(seed), \(old) to \(new)")
        }
    }

    @Test("a list that has grown is appended to, whatever it held")
    func grows() {
        let difference = MessageDifference(from: ["1", "2"], to: ["1", "2", "3", "4"])
        #expect(!difference.changesPast && difference.appended == 2..<4 && difference.keptCount == 2)
    }

    @Test("a beginning that was compressed leaves what follows in its place")
    func compressed() {
        let difference = MessageDifference(from: ["p", "1", "2", "3", "4"], to: ["p", "s", "3", "4"])
        #expect(difference.removed == 1..<2 && difference.appended.isEmpty)
        #expect(difference.edited == [MessageDifference.Edit(old: 2, new: 1)])
    }

    @Test("snapshots keep what they hold through every change of the past")
    func heads() throws {
        let seed = UInt64.random(in: .min ... .max)
        var state = seed
        func next(_ bound: UInt64) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33 % bound)
        }
        for _ in 0..<60 {
            var head = MessageHead()
            var list: [Int] = []
            var archives: [Int: [Int]] = [:]
            var held: [String: [Int]] = [:]
            for step in 0..<30 {
                if next(3) == 0, !list.isEmpty {
                    let position = next(UInt64(list.count))
                    let (archive, unused) = head.rewrite(from: position, ids: list.map(Self.id))
                    if let archive {
                        archives[archive.number] = Array(list[position..<position + archive.count])
                    }
                    for number in unused { archives[number] = nil }
                    list.removeSubrange(position...)
                }
                list += (0..<next(4)).map { step * 10 + $0 }
                let count = next(UInt64(list.count + 1))
                let name = "s\(next(5))"
                head.snapshots[Bytes(name)] =
                    count == 0
                    ? nil
                    : [MessageHead.Part(archive: 0, count: count, last: Self.id(list[count - 1]))]
                held[name] = count == 0 ? nil : Array(list.prefix(count))
                #expect(try MessageHead(parsing: head.json) == head, "seed \(seed)")
                for (name, expected) in held {
                    let parts = try #require(head.snapshots[Bytes(name)])
                    let found = parts.flatMap { part in
                        (part.archive == 0 ? list : archives[part.archive] ?? []).prefix(part.count)
                    }
                    #expect(found == expected, "seed \(seed), step \(step), \(name)")
                }
            }
        }
    }

    private static func id(_ number: Int) -> Version { Version(high: 1, low: UInt64(number)) }

    @Test("a time is read in the one form in which infos are compared")
    func times() {
        for text in ["2026-01-02T03:04:05.678Z", "1970-01-01T00:00:00.000Z", "2024-02-29T23:59:59.999Z"] {
            #expect(Timestamp(text)?.description == text)
        }
        for text in ["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.678+00:00", "2026-01-02", "yesterday", ""] {
            #expect(Timestamp(text)?.description != text)
        }
    }
}
