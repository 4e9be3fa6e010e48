internal import Holdfast
package import HoldfastSupport
package import Logging
internal import Synchronization

/// Where the daemon writes what an operator should know: one line for each event, as JSON or as text.
///
/// The level holds for all loggers that were made, and can be changed while they are in use.
package final class OperatorLog: Sendable {
    /// What a line is.
    package enum Format: String, Hashable, Sendable, CaseIterable {
        /// One JSON object for each line.
        case json
        /// Time, level, message, then `name=value`.
        case text
    }

    private let format: Format
    private let clock: any HostClock
    private let write: @Sendable ([UInt8]) -> Void
    /// The place of the level among all levels; each request asks for it.
    private let place: Atomic<Int>

    /// Makes a log.
    ///
    /// - Parameters:
    ///   - format: what a line is.
    ///   - level: less is not written.
    ///   - clock: tells the time of an event.
    ///   - write: takes one whole line; from any thread, many at once.
    package init(
        _ format: Format, level: Logger.Level, clock: any HostClock = SystemClock(),
        write: @escaping @Sendable ([UInt8]) -> Void
    ) {
        self.format = format
        self.clock = clock
        self.write = write
        place = Atomic(Self.place(of: level))
    }

    /// Less is not written.
    package var level: Logger.Level {
        get { Logger.Level.allCases[place.load(ordering: .relaxed)] }
        set { place.store(Self.place(of: newValue), ordering: .relaxed) }
    }

    private static func place(of level: Logger.Level) -> Int {
        Logger.Level.allCases.firstIndex(of: level) ?? 0
    }

    /// A logger that writes here.
    package func logger(_ label: String) -> Logger {
        Logger(label: label) { label in OperatorLogHandler(log: self, label: label) }
    }

    fileprivate func write(_ event: LogEvent, _ label: String, _ metadata: Logger.Metadata) {
        let time = Timestamp(unixMilliseconds: clock.unixMilliseconds).description
        let fields = metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value.description) }
        var message = event.message.description
        if let error = event.error { message += ": \(error)" }
        let line =
            switch format {
            case .json: Self.object(time, event.level, label, message, fields)
            case .text: Self.sentence(time, event.level, message, fields)
            }
        write(line + [UInt8(ascii: "\n")])
    }

    private static func object(
        _ time: String, _ level: Logger.Level, _ label: String, _ message: String,
        _ fields: [(String, String)]
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.object { object in
            object.member("time", time)
            object.member("level", level.rawValue)
            object.member("logger", label)
            object.member("message", message)
            for (name, value) in fields { object.member(name, value) }
        }
        return writer.bytes
    }

    private static func sentence(
        _ time: String, _ level: Logger.Level, _ message: String, _ fields: [(String, String)]
    ) -> [UInt8] {
        // What comes from outside cannot begin a line of its own, nor pass for another field.
        let rest = fields.map { " \($0.0)=\(printable($0.1, isQuoted: true))" }.joined()
        return Array("\(time) \(level.rawValue) \(printable(message, isQuoted: false))\(rest)".utf8)
    }

    private static func printable(_ text: String, isQuoted: Bool) -> String {
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            scalar.value >= 0x20 && scalar.value != 0x7F && !(0x80..<0xA0).contains(scalar.value)
                && !(isQuoted && (scalar == " " || scalar == "\"" || scalar == "="))
        }
        return isPlain && !(isQuoted && text.isEmpty)
            ? text : String(decoding: JSONText.quoted(text.utf8), as: UTF8.self)
    }
}

/// The side of an ``OperatorLog`` that swift-log sees.
private struct OperatorLogHandler: LogHandler {
    let log: OperatorLog
    let label: String
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    /// Raised for one logger alone; the level of the log counts as well.
    private var ownLevel: Logger.Level?

    init(log: OperatorLog, label: String) {
        self.log = log
        self.label = label
    }

    var logLevel: Logger.Level {
        get { ownLevel ?? log.level }
        set { ownLevel = newValue }
    }

    subscript(metadataKey name: String) -> Logger.Metadata.Value? {
        get { metadata[name] }
        set { metadata[name] = newValue }
    }

    func log(event: LogEvent) {
        guard event.level >= logLevel else { return }
        let provided = metadataProvider?.get() ?? [:]
        let all = metadata.merging(provided) { $1 }.merging(event.metadata ?? [:]) { $1 }
        log.write(event, label, all)
    }
}
