/// Metrics in the making, in the text format that Prometheus reads.
///
/// Source: prometheus.io/docs/instrumenting/exposition_formats, text format 0.0.4.
struct MetricsText: Sendable {
    /// What the figures of a family are.
    enum Kind: String, Sendable {
        /// Rises for as long as the process lives; its name ends with `_total`.
        case counter
        /// Goes up and down.
        case gauge
        /// Counts by steps.
        case histogram
    }

    /// A name and its value; any text.
    typealias Label = (name: String, value: String)

    /// What was written.
    private(set) var text = ""

    /// The media type of the text.
    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// Writes a family: everything with one name stands together, as the format wants.
    ///
    /// - Parameters:
    ///   - name: letters, digits and `_`; one that is only known at run time is made so.
    ///   - help: one sentence.
    ///   - kind: what it is.
    ///   - body: writes the samples.
    mutating func family(_ name: String, _ help: String, _ kind: Kind, _ body: (inout Family) -> Void) {
        var family = Family(name: Self.name(name))
        body(&family)
        guard !family.lines.isEmpty else { return }
        text += "# HELP \(family.name) \(help)\n# TYPE \(family.name) \(kind.rawValue)\n\(family.lines)"
    }

    /// Writes a family with one sample without labels.
    mutating func single(_ name: String, _ help: String, _ kind: Kind, _ value: Double) {
        family(name, help, kind) { $0.sample([], value) }
    }

    /// The samples of one family.
    struct Family: Sendable {
        fileprivate let name: String
        fileprivate var lines = ""

        fileprivate init(name: String) { self.name = name }

        /// Writes one sample.
        mutating func sample(_ labels: [Label], _ value: Double, suffix: String = "") {
            let pairs = labels.map { "\($0.name)=\"\(MetricsText.escaped($0.value))\"" }
            let set = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
            lines += "\(name)\(suffix)\(set) \(MetricsText.number(value))\n"
        }

        /// Writes one sample that is a count.
        mutating func sample(_ labels: [Label], _ count: UInt64) { sample(labels, Double(count)) }

        /// Writes the steps of a histogram.
        ///
        /// - Parameters:
        ///   - labels: of all its samples.
        ///   - bounds: upper bounds in seconds, rising.
        ///   - counts: one for each bound, and one for what lies beyond the last.
        ///   - sum: in seconds.
        mutating func histogram(_ labels: [Label], bounds: [Double], counts: [UInt64], sum: Double) {
            var total: UInt64 = 0
            for (bound, count) in zip(bounds.map(MetricsText.number) + ["+Inf"], counts) {
                total += count
                sample(labels + [("le", bound)], Double(total), suffix: "_bucket")
            }
            sample(labels, sum, suffix: "_sum")
            sample(labels, Double(total), suffix: "_count")
        }
    }

    private static func name(_ text: String) -> String {
        String(decoding: text.utf8.map { isNamePart($0) ? $0 : UInt8(ascii: "_") }, as: UTF8.self)
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        guard value.isFinite else { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : "\(value)"
    }
}
