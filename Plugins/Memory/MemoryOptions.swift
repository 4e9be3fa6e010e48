internal import HoldfastProviderKit

/// The options of `type: memory`.
struct MemoryOptions {
    /// What two backends of the same process share when they name the same.
    let space: String
    /// How many bytes keys and values may take, 0 for no limit.
    let byteCountMax: Int
    /// How long tombstones, floors and expired records are kept.
    let retention: Duration

    static let schema = """
        {"type": "object", "additionalProperties": false, "properties": {
        "space": {"type": "string", "description": "what backends of one process share; the name by default"},
        "max_size": {"type": "integer", "format": "size", "minimum": 0, "default": 0,
        "description": "how much keys and values may take; 0 is no limit"},
        "tombstone_retention": {"type": "integer", "format": "duration", "minimum": 0, "default": 604800000,
        "description": "how long tombstones, floors and expired records are kept"}}}
        """

    /// Reads the options; whatever is wrong with them is `invalid`.
    init(_ request: OpenRequest) throws(ProviderError) {
        let options = request.options
        try options.rejectUnknown(except: ["space", "max_size", "tombstone_retention"])
        space = try options.string("space") ?? request.instance
        byteCountMax = Int(try options.byteCount("max_size", in: 0...Int64.max, default: 0))
        retention = try options.duration(
            "tombstone_retention", in: .zero ... .seconds(10 * 365 * 86_400), default: .seconds(7 * 86_400))
    }
}
