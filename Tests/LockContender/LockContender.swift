import Glibc
import Holdfast
import HoldfastSupport

/// One of several processes that want the same lock, and write under it; what it does stands on its standard output, one
/// line for each step.
///
/// `LockContender CONFIGURATION LOCK OWNER COUNT LEASE_MS SEED`: takes the lock so many times. Lines, fields apart by a
/// space, times on the monotonic clock of the machine in nanoseconds:
///
/// | line | meaning |
/// |---|---|
/// | `A owner fence time end taken-over` | the lock was taken; it is held until `end`, zero where that is past |
/// | `W owner fence number` | a fenced write was acknowledged |
/// | `R owner fence number` | a fenced write was refused because of the fence |
/// | `U owner fence number` | nobody can say what became of a fenced write |
/// | `F owner fence number` | a fenced write failed for sure |
/// | `N owner fence end` | the lock was renewed |
/// | `L owner fence time` | the lock is about to be given back |
/// | `S owner fence` | the process stops itself, as `SIGSTOP` from outside would |
/// | `E owner text` | something else failed, and is tried again |
/// | `D owner` | all is done |
@main
struct LockContender {
    let store: HistoryStore
    let name: String
    let owner: String
    let lease: Duration
    var random: ContenderRandom

    static func main() async throws {
        let words = CommandLine.arguments
        guard words.count == 7, let count = Int(words[4]), let lease = Int(words[5]),
            let seed = UInt64(words[6])
        else {
            print("usage: LockContender CONFIGURATION LOCK OWNER COUNT LEASE_MS SEED")
            exit(64)
        }
        let store = try await HistoryStore.open(configuration: words[1])
        var contender = LockContender(
            store: store, name: words[2], owner: words[3], lease: .milliseconds(lease),
            random: ContenderRandom(state: seed))
        for _ in 0..<count { await contender.round() }
        await store.close()
        contender.say("D")
    }

    private func say(_ letter: String, _ fields: Any...) {
        let line = ([letter, owner] + fields.map { "\($0)" }).joined(separator: " ") + "\n"
        // One write for each line: lines of processes that share a pipe do not mix.
        let bytes = Array(line.utf8)
        guard write(STDOUT_FILENO, bytes, bytes.count) == bytes.count else { exit(74) }
    }

    private var now: Int64 { SystemClock().monotonicNanoseconds }

    private mutating func round() async {
        while true {
            do {
                let lock = try await store.lock(name, lease: lease, owner: owner)
                let end = end(of: lock)
                say("A", lock.fence.number, now, end, lock.isTakenOver)
                await work(under: lock)
                return
            } catch {
                say("E", error)
            }
        }
    }

    private mutating func work(under lock: LeaseLock) async {
        for number in 0..<Int.random(in: 1...4, using: &random) {
            await append(number, under: lock)
            if Int.random(in: 0..<24, using: &random) == 0 {
                say("S", lock.fence.number)
                kill(getpid(), SIGSTOP)
            }
            guard Int.random(in: 0..<4, using: &random) == 0 else { continue }
            do {
                try await lock.renew()
                say("N", lock.fence.number, end(of: lock))
            } catch {
                if error.code != .conflict { say("E", error) }
            }
        }
        // Some holders die, as far as the others can tell.
        guard Int.random(in: 0..<50, using: &random) != 0 else { return }
        say("L", lock.fence.number, now)
        do {
            try await lock.unlock()
        } catch {
            if error.code != .conflict { say("E", error) }
        }
    }

    private func append(_ number: Int, under lock: LeaseLock) async {
        let fence = lock.fence.number
        let value = #"{"owner":"\#(owner)","fence":\#(fence),"number":\#(number)}"#
        do {
            try await store.lists("journal").append(
                .json(Bytes(value)), to: name, WriteOptions(fence: lock.fence))
            say("W", fence, number)
        } catch  where error.code == .conflict {
            say("R", fence, number)
        } catch {
            say(error.flags.contains(.maybeApplied) ? "U" : "F", fence, number)
            say("E", error)
        }
    }

    /// Until when the lock is held, as far as this process knows; never later than that.
    private func end(of lock: LeaseLock) -> Int64 {
        // Read in this order: time that passes in between makes the end earlier.
        let time = now
        let (seconds, attoseconds) = lock.remaining.components
        let remaining = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        return remaining > 0 ? time + remaining : 0
    }
}

/// Random numbers that can be had again.
///
/// Source: Steele, Lea, Flood, Fast Splittable Pseudorandom Number Generators (2014): SplitMix64.
struct ContenderRandom: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
