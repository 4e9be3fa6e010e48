import HTTPTypes
import Holdfast
import HoldfastSupport
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
                    if let text = example.answer {
                        #expect(answer.text.hasPrefix(text), "\(route.id): \(answer.text.prefix(300))")
                    }
                }
            }
        }
    }

    @Test("operation ids are unique, and every parameter of a path is declared or plain")
    func ids() {
        let ids = AllRoutes.routes.map(\.description.id)
        #expect(Set(ids).count == ids.count)
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
