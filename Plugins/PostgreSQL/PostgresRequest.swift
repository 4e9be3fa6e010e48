/// One statement and its parameters, on its way to the server.
struct PostgresRequest {
    /// What is run.
    enum Statement: Hashable, Sendable {
        /// A statement that this connection has prepared.
        case prepared(String)
        /// SQL text, parsed for this one run.
        case text(String)
    }

    let statement: Statement
    let parameters: PostgresParameters

    /// Runs a prepared statement.
    init(_ name: String, _ parameters: PostgresParameters = PostgresParameters()) {
        statement = .prepared(name)
        self.parameters = parameters
    }

    /// Runs SQL text.
    init(sql: String, _ parameters: PostgresParameters = PostgresParameters()) {
        statement = .text(sql)
        self.parameters = parameters
    }

    /// Begins a transaction in which each statement sees what was committed before it began.
    ///
    /// A server without that level runs it at a stricter one, and answers 40001 where two meet.
    static let begin = PostgresRequest(sql: "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
    /// Begins a transaction that reads one snapshot.
    static let beginReading = PostgresRequest(sql: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    static let commit = PostgresRequest(sql: "COMMIT")
    static let rollback = PostgresRequest(sql: "ROLLBACK")
}
