internal import HoldfastModel

/// What became of one case.
public enum ConformanceOutcome: Hashable, Sendable {
    /// The plugin keeps this part of the contract.
    case passed
    /// The plugin does not claim what the case is about; the sentence says what.
    case skipped(String)
    /// The plugin breaks the contract; the sentence says how.
    case failed(String)

    /// Whether the case was run and did not hold.
    public var isFailure: Bool {
        if case .failed = self { return true }
        return false
    }
}

/// Why a case does not hold.
struct ConformanceFailure: Error, CustomStringConvertible {
    let description: String
}

/// Why a case is not about a store, which shows when it is asked.
struct ConformanceSkip: Error {
    let reason: String
}

/// Fails the case unless a condition holds.
func expect(_ condition: Bool, _ sentence: @autoclosure () -> String) throws {
    guard condition else { throw ConformanceFailure(description: sentence()) }
}

/// Fails the case unless two values are equal.
func expectEqual<Value: Equatable>(
    _ actual: Value, _ expected: Value, _ subject: @autoclosure () -> String
) throws {
    guard actual != expected else { return }
    throw ConformanceFailure(
        description: "\(subject()): expected \(shortened(expected)), got \(shortened(actual))")
}

/// Fails the case unless changes met what the model says.
///
/// A drop that changed nothing may be answered as applied: knowing it costs some backends a query, and nobody
/// needs it.
func expectOutcomes(
    _ actual: [ChangeOutcome], _ expected: [ChangeOutcome], of changes: [Change],
    _ subject: @autoclosure () -> String
) throws {
    guard actual.count == expected.count, actual.count == changes.count else {
        return try expectEqual(actual, expected, subject())
    }
    for index in actual.indices where actual[index] != expected[index] {
        if changes[index].kind == .drop, actual[index].stands, expected[index].stands { continue }
        let change = changes[index]
        throw ConformanceFailure(
            description: "\(subject()): \(change.kind) \(index) of \(changes.count), id \(change.record.id) "
                + "version \(change.record.version) if \(change.condition): expected \(expected[index]), "
                + "got \(actual[index])")
    }
}

/// A value in a message: the beginning says enough of a megabyte.
private func shortened(_ value: some Any) -> String {
    let text = String(describing: value)
    return text.utf8.count <= 400 ? text : "\(text.prefix(400))…"
}
