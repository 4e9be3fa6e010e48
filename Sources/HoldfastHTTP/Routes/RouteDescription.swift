internal import HTTPTypes

/// Everything that is said of a route in one place: what routes requests, checks them, and writes `/openapi.json`.
struct RouteDescription: Sendable {
    /// What a token must allow.
    enum Access: String, Sendable {
        /// Anybody, also without a token.
        case open
        case read, write, admin
    }

    /// What a request carries.
    enum Content: Sendable {
        /// Nothing.
        case none
        /// One JSON text; what it must be, in words.
        case json(String)
        /// A value to store: JSON, or any bytes under `application/octet-stream`.
        case value(String)
        /// A value to store, or nothing.
        case optionalJSON(String)
    }

    /// What the JSON text of a request is, for the reference.
    enum BodyShape: String, Sendable {
        case any, object, array
    }

    /// What the JSON of an answer looks like.
    enum AnswerShape: Sendable {
        case object, array
        /// `data`, an array, and `next`, a text or null.
        case page
        /// An object with `version`.
        case version
        /// An object with `ids`.
        case ids
        /// Any JSON value.
        case any
    }

    /// How a route words what went wrong.
    enum Wording: Sendable {
        /// problem+json.
        case problem
        /// As OpenAI's API does.
        case openAI
    }

    /// What a successful request answers.
    enum Outcome: Sendable {
        /// JSON; what it is, in words.
        case json(String, AnswerShape = .object)
        /// A stored value as it stands.
        case value(String)
        /// A stream of server-sent events.
        case events(String)
        /// Text for people or programs, and its media types.
        case text(String, [String] = ["text/plain"])
        /// Nothing but a status.
        case empty(String)
    }

    let method: HTTPRequest.Method
    /// The path with its parameters in braces: `/v1/documents/{namespace}/{key}`.
    let path: String
    /// A name in camelCase that is unique among all routes.
    let id: String
    /// One sentence.
    let summary: String
    let access: Access
    var parameters: [RouteParameter] = []
    var content = Content.none
    var shape = BodyShape.any
    let outcome: Outcome
    var wording = Wording.problem
    /// The statuses of success, for the reference; of a route without an answer it is 204.
    var statuses = [200]
    /// Requests that are run against a daemon by a test, in order, and shown in the reference.
    var examples: [RouteExample] = []
}

/// A request that works, and its answer.
struct RouteExample: Sendable {
    /// The target, percent-encoded.
    let target: String
    var headers: [(name: String, value: String)] = []
    /// The body, or nothing.
    var body: String?
    /// The status that a daemon answers.
    var status = 200
    /// The beginning of what a daemon answers, or nothing where it is different each time.
    var answer: String?
}
