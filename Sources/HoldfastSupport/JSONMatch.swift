/// Decides whether top-level members of a JSON object equal scalars, for backends that have no query language.
package enum JSONMatch {
    /// Whether a value is an object in which every field equals its scalar.
    ///
    /// Of members with one name the last counts. Strings are compared by their characters, numbers by their value.
    ///
    /// - Parameters:
    ///   - value: anything; what is no JSON object matches nothing.
    ///   - matches: names of members, and scalars as JSON text.
    /// - Returns: false also for what is no JSON.
    package static func holds(_ value: Span<UInt8>, _ matches: [(field: [UInt8], json: [UInt8])]) -> Bool {
        var filters: [SelectFilter] = []
        for match in matches {
            guard let scalar = SelectScalar(json: match.json) else { return false }
            filters.append(.compare(.value([match.field]), .equal, scalar))
        }
        // An array has elements where an object has members: `0` would find one.
        filters.append(.kind(.value([]), .object))
        let nobody = SelectMeta(key: [], id: SelectID(high: 0, low: 0), version: SelectID(high: 0, low: 0))
        return SelectEvaluator(filter: .and(filters), outputs: []).keys(nobody, value) != nil
    }
}
