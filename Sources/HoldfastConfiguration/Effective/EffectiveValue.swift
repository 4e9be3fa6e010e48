/// One value that holds, and who gave it.
public struct EffectiveValue: Hashable, Sendable {
    /// Where it stands, such as `storage.backups[0].pool.max`.
    public let key: String
    /// The value with `***` in place of secrets; durations and sizes as text with units.
    public let json: JSONValue
    /// Who gave it.
    public let origin: ConfigurationOrigin

    /// Makes a value, which must be redacted already.
    init(key: String, json: JSONValue, origin: ConfigurationOrigin) {
        self.key = key
        self.json = json
        self.origin = origin
    }

    /// The value as one reads it: a text without quotes, anything else as JSON.
    public var text: String { json.string ?? json.text }
}
