extension JSONText {
    /// A JSON string of characters; half of a surrogate pair, in its three bytes, is escaped again.
    package static func quoted(_ characters: some Collection<UInt8>) -> [UInt8] {
        let bytes = Array(characters)
        var json = [UInt8(ascii: "\"")]
        json.reserveCapacity(bytes.count + 2)
        var position = 0
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): json += [UInt8(ascii: "\\"), byte]
            case 0..<0x20: json += escape(UInt32(byte))
            case 0xED where position + 2 < bytes.count && bytes[position + 1] >= 0xA0:
                json += escape(
                    0xD000 | UInt32(bytes[position + 1] & 0x3F) << 6 | UInt32(bytes[position + 2] & 0x3F))
                position += 2
            default: json.append(byte)
            }
            position += 1
        }
        json.append(UInt8(ascii: "\""))
        return json
    }

    private static func escape(_ unit: UInt32) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return Array("\\u".utf8)
            + stride(from: UInt32(12), through: 0, by: -4).map { digits[Int(unit >> $0 & 0xF)] }
    }
}
