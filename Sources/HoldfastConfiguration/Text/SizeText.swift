/// Sizes as people write them: `64MiB`, `4GB`, `1KiB`, `512B`.
public enum SizeText: Sendable {
    private static let units: [(name: String, bytes: Int64)] = [
        ("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10),
        ("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000), ("KB", 1000),
        ("B", 1),
    ]

    /// Reads a size: a number with a unit, powers of 1024 with an `i`, powers of 1000 without.
    ///
    /// - Returns: bytes; `0` alone needs no unit.
    /// - Throws: what is wrong and what would be right.
    static func parse(_ text: String) throws(ValueProblem) -> UInt64 {
        if text == "0" { return 0 }
        var scanner = UnitScanner(text)
        let part = try scanner.next(example: "64MiB, 4GB or 512B")
        guard scanner.isAtEnd else {
            throw ValueProblem("has more than one unit, expected a size such as 64MiB")
        }
        if part.unit.isEmpty {
            throw ValueProblem("has no unit, expected \(part.digits)B for bytes, or MiB, GiB, MB, GB")
        }
        if ["K", "M", "G", "T", "k"].contains(part.unit) {
            throw ValueProblem(
                "has the unit \"\(part.unit)\", expected \(part.unit.uppercased())iB (1024) or "
                    + "\(part.unit.uppercased())B (1000)")
        }
        guard let unit = units.first(where: { $0.name == part.unit }) else {
            let near = UnitScanner.advice(for: part.unit, among: units.map(\.name))
            throw ValueProblem(
                "has the unit \"\(part.unit)\", \(near ?? "expected B, KiB, MiB, GiB, TiB, KB, MB, GB or TB")"
            )
        }
        guard let value = part.scaled(by: unit.bytes) else {
            throw ValueProblem("is not a whole number of bytes below 8 EiB")
        }
        return UInt64(value)
    }

    /// Writes a size with the largest unit that divides it.
    public static func render(_ bytes: UInt64) -> String {
        guard bytes > 0, let signed = Int64(exactly: bytes) else { return "\(bytes)B" }
        guard let unit = units.first(where: { signed % $0.bytes == 0 }) else { return "\(bytes)B" }
        return "\(signed / unit.bytes)\(unit.name)"
    }
}
