import Glibc
import Holdfast
import HoldfastConfiguration
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport

/// A storage.yaml in a directory, opened as any program opens it: with the plugins that were built.
struct ChainHome: Sendable {
    let directory: TemporaryDirectory
    /// The path of the file.
    let configuration: String
    /// What `${NAME}` in it stands for.
    let variables: [String: String]

    /// Writes a file into a directory of its own.
    ///
    /// - Parameters:
    ///   - text: all of it; relative paths begin at the directory.
    ///   - variables: what `${NAME}` in it stands for.
    /// - Throws: when it cannot be written.
    init(_ text: String, variables: [String: String] = [:]) throws {
        try self.init(text, "storage.yaml", in: TemporaryDirectory(), variables)
    }

    private init(
        _ text: String, _ name: String, in directory: TemporaryDirectory, _ variables: [String: String]
    ) throws {
        self.directory = directory
        self.variables = variables
        configuration = try directory.write(Array(text.utf8), to: name)
    }

    /// The same file in another directory: another host.
    func another() throws -> ChainHome {
        try ChainHome(try TextFile.read(configuration), variables: variables)
    }

    /// Another file beside this one, which serves one provider of the chain by itself.
    func alone(_ provider: String) throws -> ChainHome {
        let name = "alone-\(UInt64.random(in: 0 ... .max)).yaml"
        return try ChainHome("storage: \(provider)\n", name, in: directory, variables)
    }

    /// Opens the file; a machine under load may need more than one attempt.
    ///
    /// What the host has to say is printed when `HOLDFAST_CAMPAIGN_LOG` is set.
    func open() async throws -> HistoryStore {
        var surroundings = Surroundings.process()
        surroundings.variables = variables
        let environment = StoreEnvironment(surroundings: surroundings) { _, source, message in
            tell("\(source): \(message)")
        }
        let clock = SystemClock()
        let end = clock.monotonicNanoseconds + 60_000_000_000
        while true {
            do {
                return try await HistoryStore.open(configuration: configuration, environment: environment)
            } catch {
                guard error.flags.contains(.retryable), clock.monotonicNanoseconds < end else { throw error }
                await clock.wait(for: .milliseconds(50))
            }
        }
    }
}

/// Prints a sentence with the time in milliseconds, if `HOLDFAST_CAMPAIGN_LOG` asks for it.
func tell(_ sentence: @autoclosure () -> String) {
    guard isTalkative else { return }
    print("\(SystemClock().monotonicNanoseconds / 1_000_000) \(sentence())")
}

private let isTalkative = getenv("HOLDFAST_CAMPAIGN_LOG") != nil

/// How often a connection is cut in each way: a few times in the gate, 200 times by `make server-campaign`.
let campaignRounds = getenv("HOLDFAST_CAMPAIGN_ROUNDS").flatMap { Int(String(cString: $0)) }

/// How often a server is killed, and how often it is held, which takes seconds each time.
let campaignOutages = campaignRounds.map { max(1, $0 / 4) }
