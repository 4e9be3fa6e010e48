import HoldfastModel
import Testing

@testable import HoldfastConfiguration

/// The seed is printed and fixed by `HOLDFAST_FUZZ_SEED`, the number of rounds by `HOLDFAST_FUZZ_ROUNDS`.
@Suite("Fuzz")
struct FuzzTests {
    private static let tokens: [[UInt8]] = [
        "&a ", "*a", "${", "}", "{", "[", "]", ": ", "\n", "  ", "- ", "\t", "!literal ", "!!str ", "\"", "'",
        "#", "---\n", "...\n", "|\n", ">\n", "? ",
        "file:/run/secrets/password", "${SECRET_WORD}", "${NONE:-x}", "{MAX}", "~", "null", "true", "5", "5s",
        "64MiB", "99999999999999999999",
        "-1", "<<: *a", "type: chain", "type: memory", "primary:", "log:", "wal:", "backups:", "\u{FEFF}",
        "\u{0}", "é", "%YAML 1.1\n", ",",
    ].map { Array($0.utf8) }

    @Test("no text crashes the reading, hangs it, or makes it print a secret")
    func mutations() {
        let environment = Surroundings.process().variables
        let seed = environment["HOLDFAST_FUZZ_SEED"].flatMap { UInt64($0) } ?? .random(in: 0 ... .max)
        let rounds = environment["HOLDFAST_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 4000
        print("fuzz seed \(seed), \(rounds) rounds")
        var random = SplitMix(state: seed)
        let seeds = [StorageTemplate.text, StorageConfigurationTests.chain, EnvironmentOverridesTests.text]
            .map { Array($0.utf8) }
        var readable = 0
        for _ in 0..<rounds {
            var text = seeds[random.below(seeds.count)]
            for _ in 0...random.below(8) { mutate(&text, &random) }
            if check(text) { readable += 1 }
        }
        #expect(readable > 0, "seed \(seed): no mutation is readable, so the fuzzing says nothing")
        #expect(readable < rounds, "seed \(seed): every mutation is readable")
    }

    /// Whether the text is right.
    private func check(_ text: [UInt8]) -> Bool {
        do {
            let configuration = try StorageConfiguration(
                parsing: text, file: "storage.yaml", surroundings: Fixture.surroundings())
            let options = try configuration.checkOptions(schema: Fixture.schema)
            let report = configuration.effective(options: options)
            if report.text.contains("hunter2") { Issue.record("a secret is printed: \(text)") }
            for options in options.values where (try? JSONReader.parse(options.json)) == nil {
                Issue.record("the options are not JSON: \(text)")
            }
            return true
        } catch {
            // The secret is never part of the text itself, so it can only come from a variable or file.
            if error.description.contains("hunter2") { Issue.record("a secret is printed: \(text)") }
            if error.errors.isEmpty { Issue.record("an error without errors: \(text)") }
            if error.errors.contains(where: { $0.code == .internal }) {
                Issue.record("an internal error: \(text)")
            }
            return false
        }
    }

    private func mutate(_ text: inout [UInt8], _ random: inout SplitMix) {
        let position = random.below(text.count + 1)
        switch random.below(5) {
        case 0: text.insert(contentsOf: Self.tokens[random.below(Self.tokens.count)], at: position)
        case 1 where position < text.count: text[position] = UInt8(random.below(256))
        case 2: text.removeSubrange(position..<min(text.count, position + random.below(12)))
        case 3:
            let end = min(text.count, position + random.below(80))
            let piece = Array(text[position..<end])
            text.insert(contentsOf: piece, at: random.below(text.count + 1))
        default:
            let token = Self.tokens[random.below(Self.tokens.count)]
            text.replaceSubrange(position..<min(text.count, position + token.count), with: token)
        }
    }
}

/// Source: Steele, Lea, Flood, Fast splittable pseudorandom number generators (2014).
private struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(max(bound, 1))) }
}
