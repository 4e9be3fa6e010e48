/// Rows of text in aligned columns, for people.
struct TextTable: Sendable {
    /// Where a column's text stands.
    enum Alignment: Sendable {
        /// Text.
        case leading
        /// Numbers.
        case trailing
    }

    private let titles: [String]
    private let alignments: [Alignment]
    private var rows: [[String]] = []

    /// Makes a table without rows; columns whose title begins with a blank are aligned to the right.
    init(_ titles: String...) {
        self.titles = titles.map { $0.hasPrefix(" ") ? String($0.dropFirst()) : $0 }
        alignments = titles.map { $0.hasPrefix(" ") ? .trailing : .leading }
    }

    /// Adds a row with a text for each column.
    mutating func append(_ row: String...) {
        precondition(row.count == titles.count, "a row of \(row.count) in a table of \(titles.count) columns")
        rows.append(row.map(Self.printable))
    }

    /// The table, a line feed after each line.
    var text: String {
        let lines = [titles] + rows
        let widths = titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            let cells = line.indices.map { Self.pad(line[$0], to: widths[$0], alignments[$0]) }
            let joined = cells.joined(separator: "  ")
            return String(joined.reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }

    /// Shows what a terminal would obey instead of print: names come from users.
    static func printable(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            return text
        }
        return text.unicodeScalars.map { scalar in
            scalar.properties.generalCategory == .control
                ? "\\u{" + String(scalar.value, radix: 16) + "}" : String(Character(scalar))
        }.joined()
    }

    private static func pad(_ text: String, to width: Int, _ alignment: Alignment) -> String {
        let blanks = String(repeating: " ", count: width - text.count)
        return alignment == .leading ? text + blanks : blanks + text
    }
}
