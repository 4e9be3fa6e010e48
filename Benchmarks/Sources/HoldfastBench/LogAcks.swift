import Glibc
import Holdfast

/// How many acknowledged writes the log gives for one durable write of the disk, R.
enum LogAcks {
    private static let blockByteCount = 4096
    private static let blockCount = 256

    static func run(_ context: BenchContext) async throws -> [Ratio] {
        let file = try RawFile(
            "\(context.directory)/raw", blockByteCount: blockByteCount, blockCount: blockCount)
        let rounds = context.rounds(11)
        // Before the store is opened and after it is closed: a log that prepares its next segment would slow R down.
        var raw = [try await rawRate(file, rounds: rounds)]
        let store = try await context.open(
            "{ type: chain, primary: { type: memory }, log: { type: file-log, path: \"\(context.directory)/log\" } }",
            name: "log")
        let conversations = store.conversations()
        let message = BenchContext.message()
        let options = WriteOptions(ack: .log)
        func group(_ callers: Int) -> (Int) async throws -> Int {
            { _ in
                try await Callers.appends(
                    message, to: conversations, callers: callers, count: callers * 32, options)
            }
        }
        let rates = try await Turns.rates(rounds: rounds, [group(1), group(64), group(512)])
        await store.close()
        raw.append(try await rawRate(file, rounds: rounds))
        let base = Figure.median(raw)
        return zip([1, 64, 512], rates).map { callers, rate in
            Ratio(
                title: "appends at ack log, \(callers) callers / R", value: rate / base, bar: .none,
                detail:
                    "\(Figure.rate(rate)), R = \(Figure.rate(base)): write and fdatasync of a block of 4 KiB")
        }
    }

    private static func rawRate(_ file: RawFile, rounds: Int) async throws -> Double {
        try await Turns.rates(
            rounds: rounds,
            [
                { _ in
                    for _ in 0..<blockCount { try file.writeDurably() }
                    return blockCount
                }
            ])[0]
    }
}

/// A file whose blocks are written already, and overwritten one by one, each with a sync of its own.
final class RawFile {
    private let descriptor: Int32
    private let block: [UInt8]
    private let blockCount: Int
    private var next = 0

    init(_ path: String, blockByteCount: Int, blockCount: Int) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw BenchError("cannot open \(path)") }
        block = [UInt8](repeating: 0x5A, count: blockByteCount)
        self.blockCount = blockCount
        for _ in 0..<blockCount { try write() }
        guard fsync(descriptor) == 0 else { throw BenchError("cannot sync \(path)") }
    }

    deinit { close(descriptor) }

    func writeDurably() throws {
        try write()
        guard fdatasync(descriptor) == 0 else { throw BenchError("fdatasync failed") }
    }

    private func write() throws {
        let offset = next % blockCount * block.count
        next += 1
        guard pwrite(descriptor, block, block.count, offset) == block.count else {
            throw BenchError("a write was cut short")
        }
    }
}
