/// A failure around a test, not in what it tests.
public struct TestSupportError: Error, CustomStringConvertible, Sendable {
    /// One sentence.
    public let description: String

    /// Makes an error.
    public init(_ description: String) { self.description = description }
}
