public import HoldfastModel

/// What must hold of a document for a write to take place.
///
/// Decided on the primary, where all writes of all hosts meet. A write whose condition does not hold throws `conflict`
/// with the version that is stored in `HoldfastError.current`.
public enum Condition: Hashable, Sendable {
    /// There is no document, or it has expired.
    case absent
    /// The document has exactly this version.
    case version(Version)

    var expected: Version {
        switch self {
        case .absent: .zero
        case .version(let version): version
        }
    }
}
