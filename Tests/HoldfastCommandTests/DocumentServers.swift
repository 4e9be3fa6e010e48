import HoldfastTestSupport

/// The servers and packages that the commands of a document need of others.
struct DocumentServers {
    /// Where they are, as the document calls them.
    private(set) var variables: [(name: String, value: String)] = []
    private var postgres: PostgresServer?
    private var redis: RedisServer?

    /// Starts what is needed.
    ///
    /// Fails where one of them cannot be had, with the reason printed.
    ///
    /// - Parameter needs: the words of a document: `postgresql`, `redis`, `python`.
    /// - Throws: what a server said that did not start.
    init?(_ needs: [String]) throws {
        for need in needs {
            switch need {
            case "postgresql":
                guard PostgresServer.isThere else { return nil }
                let server = try PostgresServer(isDurable: false, listens: true)
                postgres = server
                variables.append(("DATABASE_URL", server.url))
            case "redis":
                guard RedisServer.isThere else { return nil }
                let server = try RedisServer(.always)
                redis = server
                variables.append(("REDIS_URL", server.url))
            case "python":
                let runner = "\(PluginCompiler.packageDirectory)/Tests/Python/run"
                let run = try CommandRun([runner, "-c", "pass"], scratch: try TemporaryDirectory())
                guard run.status == 0 else {
                    print("skipped: \(run.output)")
                    return nil
                }
                variables.append(("PYTHON", runner))
            default:
                throw TestSupportError("a document needs \"\(need)\", expected postgresql, redis or python")
            }
        }
    }

    /// Ends the servers.
    func stop() {
        postgres?.stop()
        postgres?.directory.remove()
        redis?.stop()
        redis?.directory.remove()
    }
}
