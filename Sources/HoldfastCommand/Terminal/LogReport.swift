import HoldfastConfiguration
import HoldfastModel

/// What reading a whole log has found, for people and for programs.
struct LogReport: Sendable {
    /// The chain whose log it is.
    let chain: String
    /// One for each part of the log.
    let findings: [LogFinding]

    /// Whether acknowledged entries cannot be read.
    var isDamaged: Bool { findings.contains { $0.kind == .damaged } }

    /// A table of the parts, and a sentence.
    var text: String {
        guard !findings.isEmpty else { return "\(chain): nothing to find fault with\n" }
        var table = TextTable("part", " entries", "offset", " bytes", "file", "finding")
        for finding in findings {
            table.append(
                Self.word(for: finding.kind), Self.entries(finding), String(finding.offset),
                Quantity.count(Int(clamping: finding.byteCount)), finding.file, finding.message)
        }
        let verdict =
            isDamaged
            ? "damaged: acknowledged entries cannot be read; stop writing, then: holdfast log salvage"
            : "whole: every acknowledged entry can be read"
        return "\(chain): \(verdict)\n\(table.text)"
    }

    /// An object with every finding.
    var json: JSONValue {
        [
            "chain": .string(chain), "damaged": .bool(isDamaged),
            "findings": .array(findings.map(Self.object)),
        ]
    }

    /// An object for one finding.
    static func object(_ finding: LogFinding) -> JSONValue {
        [
            "kind": .string(word(for: finding.kind)), "first_lsn": .integer(finding.firstLSN),
            "last_lsn": .integer(finding.lastLSN), "file": .string(finding.file),
            "offset": .integer(finding.offset), "bytes": .integer(finding.byteCount),
            "message": .string(finding.message),
        ]
    }

    private static func word(for kind: LogFinding.Kind) -> String {
        switch kind {
        case .segment: "whole"
        case .torn: "torn"
        case .damaged: "damaged"
        }
    }

    private static func entries(_ finding: LogFinding) -> String {
        finding.firstLSN == 0 && finding.lastLSN == 0 ? "" : "\(finding.firstLSN)–\(finding.lastLSN)"
    }
}
