/// Finds the word that somebody probably meant.
public enum Spelling: Sendable {
    /// The nearest of some words, if one is near enough to be worth naming.
    ///
    /// Near enough: at most a third of the letters differ (at least one may), where a swap of neighbours
    /// counts once.
    /// Case and the difference of `-` and `_` do not count. Of equals the first in alphabetical order wins.
    ///
    /// Source: optimal string alignment distance.
    public static func nearest(to word: String, among candidates: [String]) -> String? {
        let folded = fold(word)
        guard folded.count <= letterCountMax else { return nil }
        var best: (candidate: String, distance: Int)?
        for candidate in candidates.sorted() {
            let other = fold(candidate)
            guard other.count <= letterCountMax else { continue }
            let distance = distance(folded, other)
            guard distance <= max(1, min(folded.count, other.count) / 3), distance < folded.count else {
                continue
            }
            if distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.candidate
    }

    /// `, did you mean "primary"?` or, with nothing near, `, expected a or b`.
    static func advice(for word: String, among candidates: [String]) -> String {
        if let nearest = nearest(to: word, among: candidates) { return ", did you mean \"\(nearest)\"?" }
        guard candidates.count > listCountMax else { return ", expected \(either(candidates))" }
        let shown = candidates.prefix(listCountMax).joined(separator: ", ")
        return ", expected \(shown) or another key of docs/reference/configuration.md"
    }

    /// `a`, `a or b`, `a, b or c`.
    static func either(_ words: [String]) -> String {
        guard let last = words.last, words.count > 1 else { return words.joined() }
        return "\(words.dropLast().joined(separator: ", ")) or \(last)"
    }

    private static let listCountMax = 8

    /// Longer words are not compared: the table grows with the square.
    private static let letterCountMax = 128

    private static func fold(_ word: String) -> [UInt8] {
        word.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    }

    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var before: [Int] = []
        var previous = Array(0...right.count)
        for row in 0..<left.count {
            var current = [row + 1]
            for column in 0..<right.count {
                let cost = left[row] == right[column] ? 0 : 1
                var least = min(previous[column + 1] + 1, current[column] + 1, previous[column] + cost)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    least = min(least, before[column - 1] + 1)
                }
                current.append(least)
            }
            before = previous
            previous = current
        }
        return previous[right.count]
    }
}
