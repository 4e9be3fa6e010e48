internal import HoldfastSupport

/// What a client notes about a conversation: up to 16 short texts with names.
enum OpenAIMetadata {
    private static let countMax = 16
    private static let nameLengthMax = 64
    private static let valueLengthMax = 512

    /// Checks metadata.
    ///
    /// - Parameter node: the member of the body, or nothing.
    /// - Returns: JSON as it came; nothing and `null` become `{}`.
    /// - Throws: for what is no object of texts, or beyond the limits.
    static func checked(_ node: JSONNode?) throws(OpenAIError) -> [UInt8] {
        guard let node, !node.isNull else { return Array("{}".utf8) }
        guard node.kind == .object else { throw .wrongType("metadata", expected: "an object") }
        let members = node.members
        guard members.count <= countMax else {
            throw .invalid(
                "Invalid 'metadata': too many properties. Expected an object with at most \(countMax) properties, "
                    + "but got an object with \(members.count) properties instead.", "metadata",
                code: "object_above_max_properties")
        }
        for (name, value) in members {
            try check(name, nameLengthMax, "metadata")
            guard let text = value.characters else {
                throw .wrongType("metadata.\(name.prefix(80))", expected: "a string")
            }
            try check(
                String(decoding: text, as: UTF8.self), valueLengthMax, "metadata.\(name.prefix(80))")
        }
        return Array(node.bytes)
    }

    private static func check(_ text: String, _ most: Int, _ parameter: String) throws(OpenAIError) {
        let length = text.unicodeScalars.count
        guard length <= most else {
            throw .invalid(
                "Invalid '\(parameter)': string too long. Expected a string with maximum length \(most), "
                    + "but got a string with length \(length) instead.", parameter,
                code: "string_above_max_length")
        }
    }
}
