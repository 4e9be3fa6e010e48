import HTTPTypes
import Holdfast

@testable import HoldfastHTTP

/// Makes requests that are wrong in one way or another, each seed the same ones.
struct RequestFuzzer {
    private var generator: SeededGenerator
    private let routes = AllRoutes.routes.map(\.description)

    init(seed: UInt64) { generator = SeededGenerator(state: seed) }

    /// The bytes of one request, and whether it is one that HTTP allows: then it must be answered.
    mutating func next() -> (bytes: [UInt8], isHTTP: Bool) {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: return (noise(), false)
        case 1: return (torn(request()), false)
        case 2: return (flipped(request()), false)
        case 3: return (request(coded: true), false)
        default: return (request(), true)
        }
    }

    /// - Parameter coded: adds a transfer coding, which most often ends the conversation.
    /// - Returns: its bytes.
    private mutating func request(coded: Bool = false) -> [UInt8] {
        guard let route = routes.randomElement(using: &generator) else { return [] }
        let methods = [
            route.method.rawValue, route.method.rawValue, "GET", "PUT", "DELETE", "POST", "PATCH", "HEAD",
            "OPTIONS",
        ]
        let method = methods.randomElement(using: &generator) ?? "GET"
        var target = path(route)
        if Bool.random(using: &generator) { target += query(route) }
        var headers: [(String, String)] = []
        for name in Self.headerNames where Int.random(in: 0..<6, using: &generator) == 0 {
            headers.append((name, headerValue()))
        }
        if coded {
            headers.append(("Transfer-Encoding", Bool.random(using: &generator) ? "chunked" : headerValue()))
        }
        let hasBody = method != "HEAD" && Int.random(in: 0..<3, using: &generator) > 0
        return TestDaemon.request(method, target, headers, body: hasBody ? body(route) : nil)
    }

    private mutating func path(_ route: RouteDescription) -> String {
        route.path.split(separator: "/").map { segment -> String in
            guard segment.first == "{" else {
                return Int.random(in: 0..<40, using: &generator) == 0 ? self.segment() : String(segment)
            }
            return self.segment()
        }.map { "/\($0)" }.joined()
    }

    private mutating func segment() -> String {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: return PercentText.encode(text())
        case 1: return "%\(["zz", "0", "", "00", "ff", "2F", "c3%28"].randomElement(using: &generator) ?? "")"
        case 2: return [".", "..", "~locks", "%2e%2e", "a+b", "*"].randomElement(using: &generator) ?? "."
        case 3:
            return String(
                repeating: "k", count: [1, 255, 256, 1024, 1025, 4000].randomElement(using: &generator) ?? 1)
        case 4: return "00000000000070008000000000000001"
        default: return ["n", "k", "fuzz", "a%2Fb"].randomElement(using: &generator) ?? "n"
        }
    }

    private mutating func query(_ route: RouteDescription) -> String {
        let names = route.parameters.filter { $0.place == .query }.map(\.name) + ["nothing", "limit", "%zz"]
        let parts = (0..<Int.random(in: 0..<4, using: &generator)).map { _ -> String in
            let name = names.randomElement(using: &generator) ?? "x"
            let values = [
                "", "1", "-1", "0", "99999999999999999999", "true", "ascending", "%00", "%ff", "1e9", "NaN",
                "0.0001", PercentText.encode(text()),
            ]
            return "\(name)=\(values.randomElement(using: &generator) ?? "")"
        }
        return "?" + parts.joined(separator: "&")
    }

    private mutating func body(_ route: RouteDescription) -> [UInt8] {
        switch Int.random(in: 0..<6, using: &generator) {
        case 0:
            return (0..<Int.random(in: 0..<300, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
        case 1:
            return Array(String(repeating: "[", count: Int.random(in: 1..<20_000, using: &generator)).utf8)
        case 2: return Array(json(3).utf8)
        case 3: return Array("{\"steps\":[\(step()),\(step())]}".utf8)
        default:
            let example = route.examples.lazy.compactMap(\.body).first ?? json(2)
            return Bool.random(using: &generator) ? flipped(Array(example.utf8)) : Array(example.utf8)
        }
    }

    private mutating func step() -> String {
        let ops = [
            "put", "delete", "check", "checkLast", "append", "edit", "remove", "clear", "trim", "erase", "x",
        ]
        let members = [
            "value", "base64", "values", "id", "ttl", "ifVersion", "ifAbsent", "ifLast", "ifEmpty", "upTo",
        ]
        let more = members.filter { _ in Int.random(in: 0..<4, using: &generator) == 0 }.map { name in
            ",\"\(name)\":\(json(1))"
        }
        return
            "{\"op\":\"\(ops.randomElement(using: &generator) ?? "put")\",\"namespace\":\"n\",\"key\":\"k\"\(more.joined())}"
    }

    private mutating func json(_ depth: Int) -> String {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 7), using: &generator) {
        case 0: return "null"
        case 1: return "true"
        case 2:
            return ["0", "-1", "1.0", "1e400", "9223372036854775808", "01"].randomElement(using: &generator)
                ?? "0"
        case 3: return "\"\\ud800\""
        case 4: return "\"00000000000070008000000000000001\""
        case 5, 6:
            return
                "\"\(["n", "", "\\u0000", "~locks", "documents", "/a/b", "@time"].randomElement(using: &generator) ?? "")\""
        case 7: return "[\(json(depth - 1)),\(json(depth - 1))]"
        default:
            let names = [
                "scope", "where", "order", "limit", "answer", "by", "owner", "lease", "eq", "a", "steps",
            ]
            return "{\"\(names.randomElement(using: &generator) ?? "a")\":\(json(depth - 1))}"
        }
    }

    private static let headerNames = [
        "Content-Type", "If-Match", "If-None-Match", "Prefer", "Idempotency-Key", "Holdfast-Fence",
        "X-Request-Id",
        "Accept", "Authorization", "Expect",
    ]

    private mutating func headerValue() -> String {
        let values = [
            "", "*", "application/json", "text/plain", "application/octet-stream", "ack=all",
            "ack=x, wait=-1",
            "wait=0.001", "\"0\"", "W/\"00000000000070008000000000000001\"", "a;1", ";", "%zz;9", "gzip",
            "100-continue",
            String(repeating: "x", count: 300), "\u{e9}",
        ]
        return values.randomElement(using: &generator) ?? ""
    }

    private mutating func text() -> String {
        String(
            (0..<Int.random(in: 0..<12, using: &generator)).map { _ in
                Character(UnicodeScalar(UInt8.random(in: 0...255, using: &generator)))
            })
    }

    private mutating func noise() -> [UInt8] {
        (0..<Int.random(in: 1..<400, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
        }
            + Array("\r\n\r\n".utf8)
    }

    private mutating func torn(_ bytes: [UInt8]) -> [UInt8] {
        Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &generator)))
    }

    private mutating func flipped(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                in: 0...255, using: &generator)
        }
        return bytes
    }
}

/// SplitMix64.
///
/// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
