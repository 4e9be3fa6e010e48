import CSQLite
import HoldfastTestSupport

/// A database as somebody else opens it: the `sqlite3` shell, or another program.
final class RawDatabase {
    private var handle: OpaquePointer?

    init(_ path: String) throws {
        guard sqlite3_open(path, &handle) == SQLITE_OK else { throw TestSupportError("cannot open \(path)") }
        sqlite3_busy_timeout(handle, 5000)
    }

    deinit { sqlite3_close(handle) }

    /// Runs statements and gives each row as its columns, joined by `|` as the shell does.
    @discardableResult
    func rows(_ sql: String) throws -> [String] {
        final class Rows { var texts: [String] = [] }
        let rows = Rows()
        var message: UnsafeMutablePointer<CChar>?
        let status = sqlite3_exec(
            handle, sql,
            { @Sendable context, count, columns, _ in
                guard let context, let columns else { return 1 }
                let texts = (0..<Int(count)).map { columns[$0].map { String(cString: $0) } ?? "NULL" }
                Unmanaged<Rows>.fromOpaque(context).takeUnretainedValue().texts.append(
                    texts.joined(separator: "|"))
                return 0
            }, Unmanaged.passUnretained(rows).toOpaque(), &message)
        guard status == SQLITE_OK else {
            throw TestSupportError("\(sql): \(message.map { String(cString: $0) } ?? "error \(status)")")
        }
        return rows.texts
    }
}
