internal import HoldfastModel
internal import HoldfastSupport

/// Takes large contents out of values, and puts them back.
///
/// Marks in what callers write are escaped on the way, also where nothing is kept apart. Pure. Looks at values of at least ``threshold`` bytes, and at those that hold a mark; all others cost one search.
struct BlobText: Sendable {
    /// Contents of at least so many bytes are kept apart.
    let threshold: Int
    /// Computes SHA-256.
    let digest: @Sendable (Bytes) -> [UInt8]

    /// Keeps nothing apart, and escapes marks.
    static let escaping = BlobText(threshold: .max) { _ in [] }

    /// What stands at a mark of a stored value.
    enum Mark: Hashable, Sendable {
        case reference(BlobReference)
        /// A caller has written the mark.
        case escape
    }

    /// A value without its large contents.
    struct Stub: Hashable, Sendable {
        let value: Bytes
        /// What was taken out, by hash.
        let contents: [String: Bytes]
    }

    /// Takes the large contents out of a value that is valid for its format, and escapes marks in it.
    ///
    /// - Returns: nothing where there are neither.
    func stub(of value: Bytes, isJSON: Bool) -> Stub? {
        isJSON ? stub(ofJSON: value) : stub(ofBytes: value)
    }

    private func stub(ofBytes value: Bytes) -> Stub? {
        guard value.count >= threshold else {
            let mark = BlobReference.bytesMark
            guard value.hasPrefix(mark) else { return nil }
            let escaped = mark.array + [BlobReference.escape] + value.array.dropFirst(mark.count)
            return Stub(value: Bytes(escaped), contents: [:])
        }
        let reference = BlobReference(hash: digest(value), byteCount: value.count)
        return Stub(value: Bytes(reference.value), contents: [reference.hash: value])
    }

    private func stub(ofJSON value: Bytes) -> Stub? {
        guard value.count >= threshold || value.contains(BlobReference.literalMark) else { return nil }
        let text = value.array
        let mark = BlobReference.literalMark.array
        var kept: [UInt8] = []
        var contents: [String: Bytes] = [:]
        var copied = 0
        Self.forEachLiteral(in: text) { place in
            guard place.count >= threshold else {
                guard text[place].starts(with: mark) else { return }
                let end = place.lowerBound + mark.count
                kept += text[copied..<end]
                kept.append(BlobReference.escape)
                copied = end
                return
            }
            let content = value[place]
            let reference = BlobReference(hash: digest(content), byteCount: content.count)
            contents[reference.hash] = content
            kept += text[copied..<place.lowerBound]
            kept += reference.literal
            copied = place.upperBound
        }
        guard copied > 0 else { return nil }
        return Stub(value: Bytes(kept + text[copied...]), contents: contents)
    }
}

extension BlobText {
    /// The marks in a stored value.
    ///
    /// - Throws: `corrupt` for a damaged reference.
    static func marks(in value: Bytes, isJSON: Bool) throws(HoldfastError) -> [Mark] {
        guard isJSON else {
            guard value.hasPrefix(BlobReference.bytesMark) else { return [] }
            return [try mark(value.array.dropFirst(BlobReference.bytesMark.count))]
        }
        return try literals(in: value).map(\.mark)
    }

    /// The references in a stored value.
    ///
    /// - Throws: `corrupt` for a damaged one.
    static func references(in value: Bytes, isJSON: Bool) throws(HoldfastError) -> [BlobReference] {
        try marks(in: value, isJSON: isJSON).compactMap { mark in
            if case .reference(let reference) = mark { reference } else { nil }
        }
    }

    /// Reads what follows a mark.
    private static func mark(_ text: ArraySlice<UInt8>) throws(HoldfastError) -> Mark {
        text.first == BlobReference.escape ? .escape : .reference(try BlobReference(text))
    }

    /// The members of the outermost object in which a stored JSON value has marks, and so is not what was written.
    ///
    /// - Returns: their names; the empty one for a value that is no object, and for a mark in the place of a name.
    /// - Throws: `corrupt` for a damaged reference.
    static func members(in value: Bytes) throws(HoldfastError) -> Set<Bytes> {
        let places = try literals(in: value).map(\.place.lowerBound)
        guard let node = try? JSONNode(value.array), node.kind == .object else {
            return places.isEmpty ? [] : [.empty]
        }
        var names: Set<Bytes> = []
        var count = 0
        for (name, value) in node.members {
            let inside = places.count { (value.offset..<value.offset + value.bytes.count).contains($0) }
            if inside > 0 { names.insert(Bytes(name)) }
            count += inside
        }
        return count < places.count ? names.union([.empty]) : names
    }

    /// Puts the contents back.
    ///
    /// - Parameters:
    ///   - value: as it is stored.
    ///   - isJSON: its format.
    ///   - contents: by hash; all that are referred to.
    /// - Returns: the value as its writer gave it.
    /// - Throws: `corrupt` where one is missing or has another size.
    static func whole(
        _ value: Bytes, isJSON: Bool, contents: [String: Bytes]
    ) throws(HoldfastError) -> Bytes {
        func content(_ reference: BlobReference) throws(HoldfastError) -> Bytes {
            guard let content = contents[reference.hash], content.count == reference.byteCount else {
                throw HoldfastError(
                    .corrupt,
                    "blob \(reference.hash) of \(reference.byteCount) bytes, which a stored value refers to, is not there"
                )
            }
            return content
        }
        guard isJSON else {
            switch try marks(in: value, isJSON: false).first {
            case .none: return value
            case .escape:
                let mark = BlobReference.bytesMark.array
                return Bytes(mark + value.array.dropFirst(mark.count + 1))
            case .reference(let reference): return try content(reference)
            }
        }
        let text = value.array
        var whole: [UInt8] = []
        var copied = 0
        for (place, mark) in try literals(in: value) {
            switch mark {
            case .reference(let reference):
                whole += text[copied..<place.lowerBound]
                whole += try content(reference).array
                copied = place.upperBound
            case .escape:
                let end = place.lowerBound + BlobReference.literalMark.count
                whole += text[copied..<end]
                copied = end + 1
            }
        }
        return Bytes(whole + text[copied...])
    }

    private static func literals(
        in value: Bytes
    ) throws(HoldfastError) -> [(place: Range<Int>, mark: Mark)] {
        guard value.contains(BlobReference.literalMark) else { return [] }
        let mark = BlobReference.literalMark.array
        let text = value.array
        var places: [Range<Int>] = []
        forEachLiteral(in: text) { if text[$0].starts(with: mark) { places.append($0) } }
        return try places.map { place throws(HoldfastError) in
            (place, try Self.mark(text[place].dropFirst(mark.count)))
        }
    }

    /// What stands between the quotes of each string of a JSON text, names of members included.
    private static func forEachLiteral(in text: [UInt8], _ body: (Range<Int>) -> Void) {
        var position = 0
        while position < text.count {
            guard text[position] == UInt8(ascii: "\"") else {
                position += 1
                continue
            }
            let end = JSONText.end(ofStringAt: position, in: text.span)
            body(position + 1..<end - 1)
            position = end
        }
    }
}
