import HoldfastConfiguration
import HoldfastModel

/// What a command that failed says, and with which status it ends.
struct Failure: Error, Sendable {
    /// The errors, the first of them the one that decides the status.
    let errors: [HoldfastError]
    /// The status.
    let status: ExitStatus

    /// The failure that an error makes.
    init(_ error: any Error) {
        switch error {
        case let failure as Failure: self = failure
        case let error as HoldfastError:
            errors = [error]
            status = ExitStatus(error)
        case let error as ConfigurationErrors:
            errors = error.errors
            status = .configuration
        case is CancellationError:
            errors = [HoldfastError(.cancelled, "the command was taken back")]
            status = .cancelled
        default:
            errors = [HoldfastError(.internal, "\(error)")]
            status = .software
        }
    }

    /// A failure with a status of its own.
    init(_ error: HoldfastError, status: ExitStatus) {
        errors = [error]
        self.status = status
    }

    /// A status without a sentence, where the answer has said it all.
    static func silent(_ status: ExitStatus) -> Failure { Failure(errors: [], status: status) }

    private init(errors: [HoldfastError], status: ExitStatus) {
        self.errors = errors
        self.status = status
    }

    /// What goes to standard error, a line feed at its end; nothing where the answer has said it all.
    ///
    /// - Parameter isJSON: whether programs read it.
    /// - Returns: a line for each error, the first twenty; or one object that holds them all.
    func text(isJSON: Bool) -> String {
        guard !errors.isEmpty else { return "" }
        guard !isJSON else { return json.text + "\n" }
        let shown = errors.prefix(ConfigurationErrors.shownCountMax)
        var lines = shown.map { "holdfast: \(TextTable.printable($0.description))\(Self.advice(for: $0))" }
        let rest = errors.count - shown.count
        if rest > 0 { lines.append("holdfast: and \(Quantity.count(rest, of: "more error"))") }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func advice(for error: HoldfastError) -> String {
        if error.flags.contains(.maybeApplied) {
            return "; it may be stored or not, repeat it with the same idempotency key"
        }
        return error.retryAfter.map { "; try again after \(Quantity.duration($0))" } ?? ""
    }

    private var json: JSONValue {
        let objects = errors.map(Self.object)
        var members = objects.first.map { [JSONMember("error", $0)] } ?? []
        if objects.count > 1 { members.append(JSONMember("errors", .array(objects))) }
        return .object(members)
    }

    private static func object(_ error: HoldfastError) -> JSONValue {
        var members: [JSONMember] = [
            JSONMember("code", .string(error.code.description)),
            JSONMember("message", .string(error.message)),
            JSONMember("retryable", .bool(error.flags.contains(.retryable))),
            JSONMember("maybe_applied", .bool(error.flags.contains(.maybeApplied))),
        ]
        if let wait = error.retryAfter {
            members.append(JSONMember("retry_after_ms", .integer(Int(wait / .milliseconds(1)))))
        }
        if let place = error.location {
            let location: [JSONMember] = [
                JSONMember("file", .string(place.file)), JSONMember("line", .integer(place.line)),
                JSONMember("column", .integer(place.column)),
            ]
            members.append(JSONMember("location", .object(location)))
        }
        return .object(members)
    }
}
