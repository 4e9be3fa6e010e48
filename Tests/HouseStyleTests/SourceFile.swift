import Foundation

/// One file of the repository, as the tidy test reads it.
struct SourceFile: Sendable {
    /// From the top of the repository.
    let path: String
    let lines: [Substring]

    var text: String { lines.joined(separator: "\n") }

    /// The lines with a number from 1, and without what stands in comments and in one-line strings.
    let code: [(number: Int, text: String)]

    init(path: String, lines: [Substring]) {
        self.path = path
        self.lines = lines
        code = lines.enumerated().map { ($0.offset + 1, Self.withoutCommentsAndStrings($0.element)) }
    }

    /// The lines that a rule does not allow, as `path:line: text`, for the failure's message.
    ///
    /// - Parameters:
    ///   - words: a line without any of them is not looked at: an expression is slow where it is not optimised.
    ///   - isWrong: decides.
    /// - Returns: nothing where all is well.
    func places(with words: String..., where isWrong: (String) -> Bool) -> [String] {
        code.filter { line in words.contains { line.text.contains($0) } && isWrong(line.text) }.map {
            "\(path):\($0.number): \(lines[$0.number - 1].trimmingCharacters(in: .whitespaces))"
        }
    }

    private static func withoutCommentsAndStrings(_ line: Substring) -> String {
        var result: [UInt8] = []
        var isInString = false
        var previous = UInt8(ascii: " ")
        for byte in line.utf8 {
            if byte == UInt8(ascii: "\""), previous != UInt8(ascii: "\\") { isInString.toggle() }
            if !isInString, byte == UInt8(ascii: "/"), previous == UInt8(ascii: "/") {
                return String(decoding: result.dropLast(), as: UTF8.self)
            }
            if !isInString { result.append(byte) }
            let isEscaped = previous == UInt8(ascii: "\\") && byte == UInt8(ascii: "\\")
            previous = isEscaped ? UInt8(ascii: " ") : byte
        }
        return String(decoding: result, as: UTF8.self)
    }
}

/// The files of the repository.
enum Repository {
    /// The top of the repository.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// Every file under some folders that has one of some endings.
    static func files(in folders: [String], endings: [String]) -> [SourceFile] {
        folders.flatMap { folder in
            let names = FileManager.default.enumerator(atPath: root.appending(path: folder).path)
            let paths = (names?.allObjects as? [String] ?? []).map { "\(folder)/\($0)" }
            return paths.filter { path in endings.contains { path.hasSuffix($0) } }.sorted()
        }.compactMap { path in
            guard let text = try? text(path) else { return nil }
            return SourceFile(
                path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }
    }

    static let products = files(in: ["Sources", "Plugins"], endings: [".swift"])
    static let tests = files(in: ["Tests"], endings: [".swift"])
    static let c = files(in: ["Sources", "Plugins"], endings: [".h", ".c"])
}
