/// What is refused at the edge, before anything is stored.
public enum Limits: Sendable {
    /// Bytes of a namespace.
    public static let namespaceByteCountMax = 255
    /// Bytes of a key.
    public static let keyByteCountMax = 1024
    /// Bytes of a value, unless configured lower.
    public static let valueByteCountMax = 16 << 20

    /// Checks a namespace or key: 1 to so many bytes of UTF-8 without NUL.
    ///
    /// - Throws: `invalid`, naming what is wrong.
    public static func validate(_ text: Bytes, as noun: String, byteCountMax: Int) throws(HoldfastError) {
        guard !text.isEmpty else {
            throw HoldfastError(.invalid, "\(noun) is empty, expected 1 to \(byteCountMax) bytes")
        }
        guard text.count <= byteCountMax else {
            throw HoldfastError(.invalid, "\(noun) has \(text.count) bytes, expected at most \(byteCountMax)")
        }
        guard let string = text.validatedString else { throw HoldfastError(.invalid, "\(noun) is not UTF-8") }
        guard !string.utf8.contains(0) else {
            throw HoldfastError(.invalid, "\(noun) contains a NUL character")
        }
    }
}
