/// A place in a text file.
public struct FileLocation: Hashable, Sendable, CustomStringConvertible {
    /// The path as the user gave it.
    public let file: String
    /// From 1.
    public let line: Int
    /// From 1, in characters.
    public let column: Int

    /// Makes a location.
    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }

    /// `file:line:column`, which editors and terminals turn into a link.
    public var description: String { "\(file):\(line):\(column)" }
}
