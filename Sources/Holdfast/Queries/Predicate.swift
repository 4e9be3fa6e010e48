public import HoldfastModel
internal import HoldfastSupport

/// What a record must satisfy to be part of an answer.
///
/// ```swift
/// let failed = Operand.member("state").equals("FAILED") && !Operand.member("approval").exists
/// ```
public struct Predicate: Hashable, Sendable {
    /// What kind of JSON value something is.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
        case null, boolean, number, string, array, object
    }

    let json: [UInt8]
    /// Why this cannot be asked, or nothing.
    let problem: String?

    init(_ name: String, _ json: [UInt8], problem: String? = nil) {
        self.json = Array("{\"\(name)\":".utf8) + json + [UInt8(ascii: "}")]
        self.problem = problem
    }

    init(_ name: String, _ parts: [[UInt8]], problem: String? = nil) {
        self.init(name, Self.array(parts), problem: problem)
    }

    private init(_ name: String, _ predicates: [Predicate]) {
        self.init(name, predicates.map(\.json), problem: predicates.lazy.compactMap(\.problem).first)
    }

    static func array(_ elements: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + Array(elements.joined(separator: [UInt8(ascii: ",")])) + [UInt8(ascii: "]")]
    }

    /// Takes the JSON text of a filter, as `docs/reference/queries.md` describes it.
    ///
    /// - Parameter json: a wrong one is refused with `invalid` when the query is asked.
    public init(json: Bytes) {
        self.json = json.array
        do throws(SelectError) {
            _ = try SelectFilter(parsing: json.array)
            problem = nil
        } catch {
            problem = error.description
        }
    }

    /// All must hold; holds where there is none.
    public static func all(_ predicates: [Predicate]) -> Predicate { Predicate("and", predicates) }
    /// One must hold; does not where there is none.
    public static func any(_ predicates: [Predicate]) -> Predicate { Predicate("or", predicates) }

    /// Both must hold.
    public static func && (left: Predicate, right: Predicate) -> Predicate { all([left, right]) }
    /// One of the two must hold.
    public static func || (left: Predicate, right: Predicate) -> Predicate { any([left, right]) }
    /// Must not hold; what is missing does not equal anything, so it satisfies the opposite.
    public static prefix func ! (predicate: Predicate) -> Predicate {
        Predicate("not", predicate.json, problem: predicate.problem)
    }
}
