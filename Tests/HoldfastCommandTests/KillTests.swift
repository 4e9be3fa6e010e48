import Glibc
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

/// How often an import is killed: a few times in the gate, 200 times by `make kill-loop`.
private let killCount = getenv("HOLDFAST_KILL_COUNT").flatMap { Int(String(cString: $0)) } ?? 4

@Suite("kill -9")
struct KillTests {
    @Test(
        "M02 M03 an import killed at a random moment keeps every acknowledged message, and is finished by the next one",
        arguments: 1...killCount)
    func killedImport(round: Int) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var random = SeededGenerator(state: seed)
        let corpus = Corpus.real ?? Corpus.sample
        let home = try Home()
        let file = try corpus.write(in: home)
        let child = try ChildProcess.start(
            ExecutableRun.path, ["import", file, "--config", home.configuration, "--json", "--batch", "16"])
        // Lines of acknowledgements to wait for, and then some work, so that the moment is anywhere between two.
        let wanted = Int.random(in: 0...corpus.lines.count / 16, using: &random)
        let spins = Int.random(in: 0...400_000, using: &random)
        var acknowledged: [String: Int] = [:]
        var reader = LineReader(child.output)
        var seen = 0
        while seen < wanted, let line = try reader.next() {
            Self.note(line, in: &acknowledged)
            seen += 1
        }
        var spin = UInt64(spins)
        for _ in 0..<spins { spin = spin &* 6_364_136_223_846_793_005 &+ 1 }
        child.kill()
        while let line = try reader.next() { Self.note(line, in: &acknowledged) }
        _ = try child.wait()

        let context = "seed \(seed), round \(round), \(wanted) lines, \(spin)"
        try Self.check(try home.exported(), against: corpus, acknowledged, context)
        let again = try ExecutableRun("import", file, in: home)
        #expect(again.status == 0, "\(context): \(again.errors)")
        #expect(try home.exported() == corpus.lines.sorted(), "\(context)")
    }

    private static func note(_ line: [UInt8], in acknowledged: inout [String: Int]) {
        guard let line = try? JSONNode(line), let session = line["session"]?.string,
            let count = line["messages"]?.integer
        else { return }
        acknowledged[session] = Int(count)
    }

    /// What is stored of each conversation is its beginning, and holds what was acknowledged.
    private static func check(
        _ exported: [String], against corpus: Corpus, _ acknowledged: [String: Int], _ context: String
    ) throws {
        let written = Set(corpus.lines)
        #expect(exported.allSatisfy(written.contains), "\(context): a message that nobody wrote")
        #expect(Set(exported).count == exported.count, "\(context): a message is doubled")
        var counts: [String: Int] = [:]
        for line in exported {
            counts[try ConversationLine(decoding: Array(line.utf8)).session, default: 0] += 1
        }
        for line in exported {
            let decoded = try ConversationLine(decoding: Array(line.utf8))
            #expect(decoded.index < counts[decoded.session] ?? 0, "\(context): a gap in \(decoded.session)")
        }
        for (session, count) in acknowledged {
            #expect(counts[session, default: 0] >= count, "\(context): \(session) has lost messages")
        }
    }
}

/// Random numbers that can be had again.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
