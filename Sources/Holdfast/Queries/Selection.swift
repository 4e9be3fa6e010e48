/// Which records of a namespace are wanted, by what they hold, and in which order.
///
/// The same question has the same answer on every backend; declare the members that are asked for often under `indexes:`
/// in storage.yaml, and a backend that can answers without reading everything.
///
/// ```swift
/// let running = Selection(where: .member("state").equals("RUNNING"), order: [.descending(.member("startedAt"))])
/// let page = try await store.documents("tool-calls").select(running, limit: 20)
/// ```
public struct Selection: Hashable, Sendable {
    /// One part of an order: records that are equal in it are told apart by the next.
    public struct Order: Hashable, Sendable {
        let operand: Operand
        let isDescending: Bool

        /// From the lowest to the highest: missing, null, false, true, numbers, strings, arrays, objects.
        public static func ascending(_ operand: Operand) -> Order {
            Order(operand: operand, isDescending: false)
        }
        /// From the highest to the lowest.
        public static func descending(_ operand: Operand) -> Order {
            Order(operand: operand, isDescending: true)
        }
    }

    /// Exactly this key, or nothing for all with the prefix.
    public var key: String?
    /// Only keys that begin so; empty is all.
    public var prefix: String
    /// Nothing keeps every record.
    public var predicate: Predicate?
    /// Up to four parts; behind them the key and then the id decide, in the direction of the last.
    public var order: [Order]
    /// Leaves the values where they are: answers have keys, ids and times, and empty bytes.
    public var keysOnly: Bool

    /// Makes a selection.
    public init(
        key: String? = nil, prefix: String = "", where predicate: Predicate? = nil, order: [Order] = [],
        keysOnly: Bool = false
    ) {
        self.key = key
        self.prefix = prefix
        self.predicate = predicate
        self.order = order
        self.keysOnly = keysOnly
    }
}

/// A figure that is computed for each group; what is missing, null, an array or an object is left out.
public struct Aggregate: Hashable, Sendable {
    let function: String
    let operand: Operand

    /// The exact sum of the numbers; nothing where there is none, or one has more than 32 digits on a side of the point.
    public static func sum(of operand: Operand) -> Aggregate { Aggregate(function: "sum", operand: operand) }
    /// The sum of the numbers divided by how many they are, cut after the 12th digit behind the point.
    public static func average(of operand: Operand) -> Aggregate {
        Aggregate(function: "avg", operand: operand)
    }
    /// The lowest scalar in the order of queries.
    public static func minimum(of operand: Operand) -> Aggregate {
        Aggregate(function: "min", operand: operand)
    }
    /// The highest scalar in the order of queries.
    public static func maximum(of operand: Operand) -> Aggregate {
        Aggregate(function: "max", operand: operand)
    }
}

/// One group of an answer.
public struct RecordGroup: Hashable, Sendable {
    /// For each operand that was grouped by, JSON text; nothing for what is missing, `[]` and `{}` for arrays and objects.
    public let by: [Filter.Scalar?]
    /// How many records it has.
    public let count: Int
    /// For each aggregate its scalar, or nothing where there is none.
    public let figures: [Filter.Scalar?]
}
