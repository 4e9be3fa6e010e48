public import HoldfastModel

/// What a configuration may ask of the world around it: environment variables and files.
///
/// A seam: tests own both, and an embedder may answer from anywhere.
public struct Surroundings: Sendable {
    /// The environment variables.
    public var variables: [String: String]
    /// Where relative paths begin that are not relative to the file: an absolute path.
    public var workingDirectory: String
    /// Reads a file of at most so many bytes.
    ///
    /// Throws `notFound`, `permission`, `invalid` (too long, not a regular file) or `unavailable`, in words
    /// that
    /// complete "cannot read PATH: …".
    public var readFile: @Sendable (_ path: String, _ byteCountMax: Int) throws(HoldfastError) -> FileContents

    /// Makes surroundings.
    public init(
        variables: [String: String], workingDirectory: String,
        readFile:
            @escaping @Sendable (_ path: String, _ byteCountMax: Int) throws(HoldfastError) -> FileContents
    ) {
        self.variables = variables
        self.workingDirectory = workingDirectory
        self.readFile = readFile
    }

    /// A path made absolute: relative ones begin at a directory.
    ///
    /// Only `./` at the front is taken off; `..` stays, since a symbolic link may stand before it.
    static func absolute(_ path: String, in directory: String) -> String {
        guard !path.hasPrefix("/") else { return path }
        var rest = path[...]
        while rest.hasPrefix("./") { rest = rest.dropFirst(2).drop { $0 == "/" } }
        if rest == "." { rest = "" }
        let base = directory.hasSuffix("/") ? String(directory.dropLast()) : directory
        return rest.isEmpty ? (base.isEmpty ? "/" : base) : "\(base)/\(rest)"
    }

    /// The directory of a file, made absolute.
    func directory(of file: String) -> String {
        let path = Self.absolute(file, in: workingDirectory)
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
        return String(path[..<slash])
    }
}

/// What a file holds, and who may touch it.
public struct FileContents: Hashable, Sendable {
    /// The bytes.
    public let bytes: [UInt8]
    /// Permission bits, such as `0o600`.
    public let mode: UInt32

    /// Makes contents.
    public init(bytes: [UInt8], mode: UInt32 = 0o600) {
        self.bytes = bytes
        self.mode = mode
    }
}
