internal import FileLog
internal import HoldfastProviderKit

extension FileLogOptions {
    private static let names = ["path", "create", "sync", "segment_size", "max_size"]
    private static let syncMillisecondsMax: Int64 = 3_600_000

    /// Reads the options of storage.yaml.
    init(_ reader: OptionReader) throws(ProviderError) {
        try reader.rejectUnknown(except: Self.names)
        var path = try reader.requiredString("path")
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        self.init(path: path)
        isCreated = try reader.bool("create", default: true)
        sync = try Self.sync(reader)
        let size = try reader.byteCount(
            "segment_size", in: Int64(LogFormat.segmentByteCountMin)...Int64(LogFormat.segmentByteCountMax),
            default: Int64(LogFormat.segmentByteCountStandard))
        guard size % Int64(LogFormat.blockByteCount) == 0 else {
            throw ProviderError(
                .invalid,
                "option \"segment_size\" is \(size) bytes, expected a multiple of \(LogFormat.blockByteCount)"
            )
        }
        segmentByteCount = Int(size)
        byteCountMax = Int(
            try reader.byteCount("max_size", in: 0...1 << 46, default: Self.byteCountMaxStandard))
        guard byteCountMax == 0 || byteCountMax >= 2 * segmentByteCount else {
            throw ProviderError(
                .invalid,
                "option \"max_size\" is \(byteCountMax) bytes, expected 0 or at least two segments: "
                    + "\(2 * segmentByteCount) bytes")
        }
    }

    private static func sync(_ reader: OptionReader) throws(ProviderError) -> Sync {
        guard let value = reader.value("sync") else { return .always }
        var milliseconds: Int64?
        switch value {
        case .string("always"): return .always
        case .string("never"): return .never
        case .string(let text): milliseconds = Self.milliseconds(text)
        case .integer(let whole): milliseconds = whole
        default: break
        }
        guard let milliseconds, milliseconds >= 1, milliseconds <= syncMillisecondsMax else {
            throw ProviderError(
                .invalid,
                "option \"sync\" is neither always nor never nor a time of 1 ms to 1 h, such as 100ms")
        }
        return .every(nanoseconds: milliseconds * 1_000_000)
    }

    private static func milliseconds(_ text: String) -> Int64? {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        guard let number = Int64(digits), number <= syncMillisecondsMax else { return nil }
        switch text.dropFirst(digits.count) {
        case "ms": return number
        case "s": return number * 1000
        case "m", "min": return number * 60_000
        default: return nil
        }
    }
}
