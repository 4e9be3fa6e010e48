import Glibc
import Holdfast
import HoldfastModel
import HoldfastSupport

/// A host in a process of its own, told what to do line by line on its standard input.
///
///     test-host STORAGE.YAML NAME MILLISECONDS       its clock is so far ahead
///
/// | it reads | it prints |
/// |---|---|
/// | `append LIST WRITERS COUNT FIRST` | `ack WRITER NUMBER ID` for each message, then `done` |
/// | `append LIST WRITERS COUNT FIRST CLEAR` | likewise; after CLEAR messages it clears the list: `cleared ID` |
/// | `flush` | `done` |
/// | `close` | `done`, and ends |
///
/// Whatever fails in a way that a retry can help is tried again with the same idempotency key.
@main
struct TestHost {
    private let store: HistoryStore
    private let name: String

    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let offset = Int64(arguments[3]) else {
            say("failed expected STORAGE.YAML NAME MILLISECONDS")
            exit(64)
        }
        do {
            var environment = StoreEnvironment(clock: ShiftedClock(milliseconds: offset))
            environment.log = { _, source, message in
                let bytes = Array("\(arguments[2]): \(source): \(message)\n".utf8)
                _ = write(STDERR_FILENO, bytes, bytes.count)
            }
            let store = try await HistoryStore.open(configuration: arguments[1], environment: environment)
            await TestHost(store: store, name: arguments[2]).serve()
        } catch {
            say("failed \(error)")
            exit(70)
        }
    }

    private func serve() async {
        Self.say("done")
        while let line = readLine() {
            let words = line.split(separator: " ").map(String.init)
            switch words.first {
            case "append" where words.count >= 5:
                let numbers = words[2...].compactMap { Int($0) }
                await append(
                    to: words[1], writers: numbers[0], numbers[2]..<numbers[2] + numbers[1],
                    clearAfter: numbers.count > 3 ? numbers[3] : nil)
            case "flush": _ = await insist { _ in try await store.flush(CallOptions(timeout: .seconds(30))) }
            case "close":
                await store.close()
                return Self.say("done")
            default: Self.say("failed \(line) is no command")
            }
            Self.say("done")
        }
    }

    private func append(to list: String, writers: Int, _ numbers: Range<Int>, clearAfter: Int?) async {
        let count = Guarded(0)
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for number in numbers {
                        await append("\(list):\(name).\(writer)", number, to: list)
                        let total = count.withLock {
                            $0 += 1
                            return $0
                        }
                        if total == clearAfter { await clear(list) }
                    }
                }
            }
        }
    }

    private func append(_ writer: String, _ number: Int, to list: String) async {
        let text = "\(writer):\(number)"
        let receipt = await insist { options in
            var keyed = options
            keyed.idempotencyKey = text
            return try await store.lists("shared").append(.json(Bytes("\"\(text)\"")), to: list, keyed)
        }
        if let receipt { Self.say("ack \(writer) \(number) \(receipt.id)") }
    }

    private func clear(_ list: String) async {
        let receipt = await insist { options in try await store.lists("shared").clear(list, options) }
        if let receipt { Self.say("cleared \(receipt.id)") }
    }

    /// Tries again whatever may succeed later.
    private func insist<Result: Sendable>(
        _ body: @Sendable (WriteOptions) async throws -> Result
    ) async -> Result? {
        while true {
            do {
                return try await body(WriteOptions(timeout: .seconds(20)))
            } catch {
                guard let error = error as? HoldfastError, error.flags.contains(.retryable) else {
                    Self.say("failed \(error)")
                    return nil
                }
                await SystemClock().wait(for: error.retryAfter ?? .milliseconds(20))
            }
        }
    }

    /// A whole line at once: many tasks speak.
    private static func say(_ line: String) {
        let bytes = Array("\(line)\n".utf8)
        _ = write(STDOUT_FILENO, bytes, bytes.count)
    }
}

/// The clock of a machine whose time is wrong.
struct ShiftedClock: HostClock {
    let milliseconds: Int64

    var monotonicNanoseconds: Int64 { SystemClock().monotonicNanoseconds }
    var unixMilliseconds: Int64 { SystemClock().unixMilliseconds + milliseconds }
    func wait(until deadline: Int64) async { await SystemClock().wait(until: deadline) }
}
