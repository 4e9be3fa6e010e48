internal import HTTPTypes

/// Finds the route of a request.
///
/// A tree of segments. Fixed words are compared with the raw text and go before parameters, so a key that is spelled like
/// a word of the path can be reached all the same: percent-encode one of its letters.
struct RouteTable: Sendable {
    /// What a path leads to.
    enum Match: Sendable {
        /// A route, and the raw values of its parameters in order.
        case route(Route, names: [String], values: [Substring.UTF8View])
        /// The path is there and the method is not; those that are.
        case otherMethods([String])
        case nothing
    }

    private struct Node: Sendable {
        var words: [(text: [UInt8], node: Int)] = []
        var parameter: Int?
        var routes: [(method: HTTPRequest.Method, route: Route, names: [String])] = []
    }

    private var nodes = [Node()]

    init(_ routes: [Route]) {
        for route in routes { add(route) }
    }

    private mutating func add(_ route: Route) {
        var place = 0
        var names: [String] = []
        for segment in route.description.path.dropFirst().split(separator: "/") {
            if segment.first == "{" {
                names.append(String(segment.dropFirst().dropLast()))
                place = child(of: place)
            } else {
                place = child(of: place, named: Array(segment.utf8))
            }
        }
        let method = route.description.method
        precondition(
            !nodes[place].routes.contains { $0.method == method },
            "\(method) \(route.description.path) is declared twice")
        nodes[place].routes.append((method, route, names))
    }

    private mutating func child(of place: Int) -> Int {
        if let child = nodes[place].parameter { return child }
        nodes.append(Node())
        nodes[place].parameter = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func child(of place: Int, named text: [UInt8]) -> Int {
        if let child = nodes[place].words.first(where: { $0.text == text }) { return child.node }
        nodes.append(Node())
        nodes[place].words.append((text, nodes.count - 1))
        return nodes.count - 1
    }

    /// Finds the route of a method and raw segments; `HEAD` finds that of `GET`.
    func match(_ method: HTTPRequest.Method, _ segments: [Substring.UTF8View]) -> Match {
        var values: [Substring.UTF8View] = []
        guard let place = find(segments[...], from: 0, &values) else { return .nothing }
        let routes = nodes[place].routes
        let wanted = method == .head && !routes.contains { $0.method == .head } ? .get : method
        if let found = routes.first(where: { $0.method == wanted }) {
            return .route(found.route, names: found.names, values: values)
        }
        let methods = routes.flatMap { $0.method == .get ? ["GET", "HEAD"] : [$0.method.rawValue] }
        return .otherMethods(methods)
    }

    private func find(
        _ segments: ArraySlice<Substring.UTF8View>, from place: Int, _ values: inout [Substring.UTF8View]
    ) -> Int? {
        guard let segment = segments.first else { return nodes[place].routes.isEmpty ? nil : place }
        let rest = segments.dropFirst()
        if let child = nodes[place].words.first(where: { $0.text.elementsEqual(segment) }),
            let end = find(rest, from: child.node, &values)
        {
            return end
        }
        guard let child = nodes[place].parameter, !segment.isEmpty else { return nil }
        values.append(segment)
        if let end = find(rest, from: child, &values) { return end }
        values.removeLast()
        return nil
    }
}
