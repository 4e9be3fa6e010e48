import HTTPTypes
import Holdfast
import HoldfastSupport
import HoldfastTestSupport
import Testing

@testable import HoldfastHTTP

@Suite("What routes say of themselves") struct RouteDescriptionTests {
    @Test("each example of the reference works as it says, in order, on a running daemon")
    func examples() async throws {
        try await TestDaemon.with { test in
            for route in AllRoutes.routes.map(\.description) {
                #expect(!route.examples.isEmpty, "\(route.id) has no example")
                for example in route.examples {
                    let answer = try await test.send(
                        route.method.rawValue, example.target, example.headers.map { ($0.name, $0.value) },
                        body: example.body)
                    #expect(answer.status == example.status, "\(route.id): \(answer.text)")
                    if example.status == 200 { check(answer, route) }
                    if let text = example.answer {
                        #expect(answer.text.hasPrefix(text), "\(route.id): \(answer.text.prefix(300))")
                    }
                }
            }
        }
    }

    /// Holds an answer against the shape that the reference promises.
    private func check(_ answer: HTTPAnswer, _ route: RouteDescription) {
        guard case .json(_, let shape) = route.outcome else { return }
        guard let node = try? JSONNode(Array(answer.text.utf8)) else {
            Issue.record("\(route.id) answers no JSON: \(answer.text.prefix(300))")
            return
        }
        let isRight =
            switch shape {
            case .any: true
            case .object: node.kind == .object
            case .array: node.kind == .array
            case .page: node["data"]?.kind == .array && [.string, .null].contains(node["next"]?.kind)
            case .version: node["version"]?.string?.utf8.count == 32
            case .ids: node["ids"]?.elements.allSatisfy { $0.string?.utf8.count == 32 } == true
            }
        #expect(isRight, "\(route.id) is no \(shape): \(answer.text.prefix(300))")
    }

    @Test("operation ids are unique, and every parameter of a path is declared or plain")
    func ids() {
        let ids = AllRoutes.routes.map(\.description.id)
        #expect(Set(ids).count == ids.count)
    }

    @Test("the reference is an OpenAPI document to openapi-spec-validator of PyPI")
    func validity() throws {
        let directory = try TemporaryDirectory()
        let probe = ["python3", "-c", "import openapi_spec_validator"]
        guard (try? CommandRun(probe, scratch: directory))?.status == 0 else {
            return print(
                "skipped: python3 has no openapi_spec_validator (pip install openapi-spec-validator)")
        }
        let document = OpenAPI.document(of: AllRoutes.routes.map(\.description))
        let file = try directory.write(document, to: "openapi.json")
        let check = "import json, sys, openapi_spec_validator as v; v.validate(json.load(open(sys.argv[1])))"
        let run = try CommandRun(["python3", "-c", check, file], scratch: directory)
        #expect(run.status == 0, "\(run.output.suffix(2000))")
    }

    @Test("the reference is JSON and has each route once")
    func document() throws {
        let routes = AllRoutes.routes.map(\.description)
        let document = try JSONNode(OpenAPI.document(of: routes))
        let paths = document["paths"]?.members ?? []
        let operations = paths.flatMap { path in path.value.members.map { "\($0.name) \(path.name)" } }
        let expected = routes.map { "\($0.method.rawValue.lowercased()) \($0.path)" }
        #expect(Set(operations) == Set(expected))
        #expect(operations.count == expected.count)
    }
}
