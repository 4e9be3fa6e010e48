import CSQLiteBench
import Holdfast

/// What the way from the API to SQLite costs, against inserts that are batched by hand.
enum SQLiteApply {
    private static let batchCount = 64
    private static let batchesPerTurn = 16

    static func run(_ context: BenchContext) async throws -> [Ratio] {
        let store = try await context.open(
            "{ type: sqlite, path: \"\(context.directory)/ours.db\" }", name: "sqlite")
        let conversations = store.conversations()
        let message = BenchContext.message()
        let messages = Array(repeating: message, count: batchCount)
        let raw = try RawSQLite("\(context.directory)/raw.db")
        let rates = try await Turns.rates(
            rounds: context.rounds(15),
            [
                { _ in
                    for _ in 0..<batchesPerTurn { try raw.insert(message, count: batchCount) }
                    return batchCount * batchesPerTurn
                },
                { _ in
                    for _ in 0..<batchesPerTurn { try await conversations.append(messages, to: "batch") }
                    return batchCount * batchesPerTurn
                },
                { _ in
                    try await Callers.appends(
                        message, to: conversations, callers: batchCount, count: batchCount * batchesPerTurn)
                },
            ])
        await store.close()
        return [
            Ratio(
                title: "appends of \(batchCount) at once / raw transactions of \(batchCount) inserts, rate",
                value: rates[1] / rates[0], bar: .none,
                detail: "\(Figure.rate(rates[1])) and \(Figure.rate(rates[0])), synchronous=FULL"),
            Ratio(
                title: "appends of \(batchCount) callers / raw transactions of \(batchCount) inserts, rate",
                value: rates[2] / rates[0], bar: .none,
                detail: "\(Figure.rate(rates[2])) and \(Figure.rate(rates[0])), synchronous=FULL"),
        ]
    }
}

/// The least that can be done with SQLite: one table, one prepared statement, one transaction for each batch.
final class RawSQLite {
    private var database: OpaquePointer?
    private var insertion: OpaquePointer?
    private var next: Int64 = 0
    private let key: [UInt8] = Array("session".utf8)

    init(_ path: String) throws {
        guard sqlite3_open(path, &database) == SQLITE_OK else { throw BenchError("cannot open \(path)") }
        try execute("PRAGMA journal_mode=WAL")
        try execute("PRAGMA synchronous=FULL")
        try execute(
            "CREATE TABLE items(ns BLOB, key BLOB, id INTEGER, version INTEGER, value BLOB, "
                + "PRIMARY KEY(ns, key, id)) WITHOUT ROWID")
        let text = "INSERT INTO items VALUES('conversations', ?1, ?2, ?2, ?3)"
        guard sqlite3_prepare_v2(database, text, -1, &insertion, nil) == SQLITE_OK else {
            throw BenchError("cannot prepare: \(String(cString: sqlite3_errmsg(database)))")
        }
    }

    deinit {
        sqlite3_finalize(insertion)
        sqlite3_close(database)
    }

    func insert(_ message: Bytes, count: Int) throws {
        let value = message.array
        try execute("BEGIN IMMEDIATE")
        for _ in 0..<count {
            next += 1
            // A nil destructor: both arrays outlive the step.
            sqlite3_bind_blob(insertion, 1, key, Int32(key.count), nil)
            sqlite3_bind_int64(insertion, 2, next)
            sqlite3_bind_blob(insertion, 3, value, Int32(value.count), nil)
            guard sqlite3_step(insertion) == SQLITE_DONE else { throw BenchError("an insert failed") }
            sqlite3_reset(insertion)
        }
        try execute("COMMIT")
    }

    private func execute(_ statement: String) throws {
        guard sqlite3_exec(database, statement, nil, nil, nil) == SQLITE_OK else {
            throw BenchError("\(statement): \(String(cString: sqlite3_errmsg(database)))")
        }
    }
}
