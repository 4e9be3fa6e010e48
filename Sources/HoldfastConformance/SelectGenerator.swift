internal import HoldfastModel
internal import HoldfastSupport

/// Makes records and queries in which everything that backends get wrong is likely.
struct SelectGenerator {
    var random: SeededRandom
    let namespace: Bytes
    /// Every key begins so.
    let prefix: String

    static let keys = ["", "a", "ab", "a%", "b", "é", "z_z", "~", "0"]

    private static let scalars = [
        "null", "true", "false", "0", "-0", "1", "1.0", "10e-1", "2", "-1", "-2.5", "0.1", "0.10", "1e3",
        "1000",
        "9223372036854775807", "9223372036854775808", "9223372036854775809", "0.1000000000000001",
        "0.10000000000000001", "-9223372036854775809", "100", "99.99", "1e-5",
        #""""#, #""a""#, #""A""#, #""ab""#, #""a\u0062""#, #""b""#, #""B""#, #""é""#, #""\u00e9""#,
        #""e\u0301""#,
        #""deploy failed: the Deploy of web-2""#, #""x\nfailed deploys""#, #""ΟΔΟΣ οδος ß İı""#,
        #""今天天気 がっこう""#, #""\u0064eploy \ud83d web""#,
        #""1""#, #""true""#, #""null""#, #""a%""#, #""a_""#, #""x\u0000y""#, #""\ud83d\ude00""#, #""😀""#,
        #""\ud83d""#, #""\ude00""#, #""\uffff""#, #""a\"b\\c""#, #""'; --""#, #""-""#, #""?""#, #""a;b=c""#,
    ]
    private static let pointers = [
        "/f", "/g", "/n", "/f", "/g", "/h", "/o/f", "/o/o", "/l", "/l/0", "/l/1", "", "/é", "/a~1b",
    ]

    init(seed: UInt64, namespace: Bytes, prefix: String) {
        random = SeededRandom(seed: seed)
        self.namespace = namespace
        self.prefix = prefix
    }

    mutating func chance(_ share: Int) -> Bool { Int.random(in: 0..<100, using: &random) < share }
    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &random)]
    }

    // MARK: records

    mutating func scalar() -> String {
        if chance(4) {
            return "\"" + String(repeating: "ä", count: 120 + Int.random(in: 0...20, using: &random))
                + pick(["", "x", "y"]) + "\""
        }
        return pick(Self.scalars)
    }

    private mutating func any(_ depth: Int) -> String {
        switch Int.random(in: 0..<10, using: &random) {
        case 0 where depth < 3: return object(depth + 1)
        case 1 where depth < 3:
            let elements = (0..<Int.random(in: 0...3, using: &random)).map { _ in any(depth + 1) }
            return "[" + elements.joined(separator: " , ") + "]"
        default: return scalar()
        }
    }

    private mutating func object(_ depth: Int) -> String {
        var members: [String] = []
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            let name = pick(["f", "g", "n", "h", "o", "l", "é", "\\u0066", "a/b", "0"])
            let blank = pick(["", "", " ", "\\n"].map { $0 == "\\n" ? "\n" : $0 })
            members.append("\"\(name)\"\(blank):\(blank)\(any(depth))")
        }
        return "{" + members.joined(separator: ",") + "}"
    }

    /// A value, sometimes no JSON at all.
    mutating func value() -> Bytes {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: Bytes(any(2))
        case 1: Bytes(object(0) + pick(["}", " x", ",", "\u{0}"]))
        case 2: Bytes(Array(object(0).utf8) + [0xFF])
        default: Bytes(object(0))
        }
    }

    mutating func key() -> Bytes { Bytes(prefix + pick(Self.keys)) }

    // MARK: queries

    mutating func operand() -> SelectOperand {
        if chance(12) { return pick([.key, .id, .version, .time, .changed]) }
        return (try? SelectText.operand(Array(pick(Self.pointers).utf8))) ?? .key
    }

    private mutating func constant(_ operand: SelectOperand, _ records: [Record]) -> SelectScalar {
        var text = scalar()
        let some = pick(records)
        switch operand {
        case .key: text = "\"\(some.key)\""
        case .id: text = "\"\(String(some.id.description.filter { $0 != "-" }))\""
        case .version: text = "\"\(String(some.version.description.filter { $0 != "-" }))\""
        case .time, .changed:
            text = pick(["\(some.version.milliseconds)", "\(some.version.milliseconds).5", "-1", "\"\""])
        case .value: break
        }
        guard let scalar = SelectScalar(json: Array(text.utf8)) else {
            preconditionFailure("\(text) is a scalar")
        }
        return scalar
    }

    private mutating func words() -> SelectFilter {
        let terms = [
            "deploy", "DEPLOY", "deploys", "dep*", "failed", "web 2", "the deploy of", "deploy of w*", "x",
            "2*",
            "οδός", "ΟΔΟΣ", "ss", "i*", "天", "天気", "今*", "が", "a", "ab", "b", "é", "1", "true", "ää*",
        ]
        let pattern = try? WordPattern(
            (0..<Int.random(in: 0...3, using: &random)).map { _ in Array(pick(terms).utf8) })
        let pointer = (try? SelectText.operand(Array(pick(Self.pointers + ["", ""]).utf8))) ?? .value([])
        return pattern.map { .words(pointer, $0) } ?? .and([])
    }

    mutating func filter(_ depth: Int, _ records: [Record]) -> SelectFilter {
        if chance(12) { return words() }
        let operand = operand()
        switch Int.random(in: 0..<(depth < 3 ? 14 : 8), using: &random) {
        case 0:
            return .isIn(
                operand, (0..<Int.random(in: 0...4, using: &random)).map { _ in constant(operand, records) })
        case 1: return .exists(operand)
        case 2: return .kind(operand, pick(SelectKind.allCases))
        case 3:
            let text = pick(["", "a", "A", "b", "é", "a\"", "\u{0}", "😀", prefix, "ää"])
            return .text(
                operand,
                SelectFilter.Search(pick([.prefix, .contains]), Array(text.utf8), ignoresCase: chance(30)))
        case 8: return .not(filter(depth + 1, records))
        case 9, 10:
            return .and((0..<Int.random(in: 0...3, using: &random)).map { _ in filter(depth + 1, records) })
        case 11, 12:
            return .or((0..<Int.random(in: 0...3, using: &random)).map { _ in filter(depth + 1, records) })
        case 13: return .any(.value([Array("l".utf8)]), filter(depth + 1, records))
        default: return .compare(operand, pick(SelectFilter.Comparison.allCases), constant(operand, records))
        }
    }

    mutating func query(_ records: [Record]) -> Select {
        var select = Select(
            namespace: namespace.array, prefix: Array(prefix.utf8), scope: pick(Select.Scope.allCases))
        if chance(20) {
            select.key = key().array
            select.prefix = []
        } else if chance(20) {
            select.prefix = key().array
        }
        if chance(80) { select.filter = filter(0, records) }
        select.order = (0..<pick([0, 1, 1, 2, 3])).map { _ in
            Select.Order(by: operand(), isDescending: chance(50))
        }
        select.limit = pick([0, 1, 2, 5, 10_000])
        select.offset = chance(20) ? pick([1, 3, 50]) : 0
        switch Int.random(in: 0..<10, using: &random) {
        case 0: select.answer = .count
        case 1, 2:
            let aggregates = (0..<Int.random(in: 0...3, using: &random)).map { _ in
                SelectGrouping.Aggregate(pick(SelectGrouping.Aggregate.Function.allCases), of: operand())
            }
            select.answer = .groups(
                SelectGrouping(
                    by: (0..<Int.random(in: 0...2, using: &random)).map { _ in operand() },
                    aggregates: aggregates))
        case 3: select.answer = .records(values: false)
        default: break
        }
        return select
    }
}
