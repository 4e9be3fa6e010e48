internal import CYAML

/// Reads the events of a YAML text one after the other.
///
/// The only owner of a `yaml_parser_t`, and the only file that calls libyaml. Everything that leaves it is
/// copied.
@safe struct YAMLEventReader: ~Copyable {
    private let parser: UnsafeMutablePointer<yaml_parser_t>
    private let input: UnsafeMutablePointer<UInt8>

    /// Starts reading a text.
    ///
    /// - Parameter bytes: UTF-8 without a byte order mark; the caller has checked both.
    /// - Throws: that there is no memory.
    init(_ bytes: [UInt8]) throws(YAMLSyntaxProblem) {
        unsafe parser = UnsafeMutablePointer<yaml_parser_t>.allocate(capacity: 1)
        // libyaml keeps the address of its input until the parser is deleted, so it gets an allocation of
        // its own.
        unsafe input = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
        for (position, byte) in bytes.enumerated() { unsafe (input + position).initialize(to: byte) }
        guard unsafe yaml_parser_initialize(parser) == 1 else {
            // `yaml_parser_initialize` leaves a zeroed struct, for which `yaml_parser_delete` in `deinit` is
            // harmless.
            throw YAMLSyntaxProblem(problem: "out of memory", context: "", mark: .start, contextMark: nil)
        }
        unsafe yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
        unsafe yaml_parser_set_input_string(parser, input, bytes.count)
    }

    deinit {
        unsafe yaml_parser_delete(parser)
        unsafe parser.deallocate()
        unsafe input.deallocate()
    }

    /// Reads the next event; after `streamEnd` there is none.
    mutating func next() throws(YAMLSyntaxProblem) -> YAMLEvent {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(parser, &event) == 1 else { throw unsafe Self.problem(of: parser) }
        defer { unsafe yaml_event_delete(&event) }
        return YAMLEvent(kind: unsafe Self.kind(of: event), mark: unsafe Self.mark(event.start_mark))
    }

    private static func kind(of event: yaml_event_t) -> YAMLEvent.Kind {
        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: return .streamStart
        case YAML_STREAM_END_EVENT: return .streamEnd
        case YAML_DOCUMENT_START_EVENT: return .documentStart
        case YAML_DOCUMENT_END_EVENT: return .documentEnd
        case YAML_ALIAS_EVENT: return .alias(anchor: unsafe string(event.data.alias.anchor) ?? "")
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            let buffer = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            return unsafe .scalar(
                anchor: string(scalar.anchor), tag: string(scalar.tag),
                text: String(decoding: buffer, as: UTF8.self),
                isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_SEQUENCE_START_EVENT:
            let sequence = unsafe event.data.sequence_start
            return unsafe .sequenceStart(anchor: string(sequence.anchor), tag: string(sequence.tag))
        case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let mapping = unsafe event.data.mapping_start
            return unsafe .mappingStart(anchor: string(mapping.anchor), tag: string(mapping.tag))
        case YAML_MAPPING_END_EVENT: return .mappingEnd
        // YAML_NO_EVENT is what libyaml reports after the end of the stream.
        default: return .streamEnd
        }
    }

    private static func problem(of parser: UnsafeMutablePointer<yaml_parser_t>) -> YAMLSyntaxProblem {
        let state = unsafe parser.pointee
        let problem = unsafe state.problem.map { unsafe String(cString: $0) } ?? "out of memory"
        let context = unsafe state.context.map { unsafe String(cString: $0) } ?? ""
        // A reader error has no mark of its own; what was read so far ends right before the offending
        // character.
        let isReaderError = unsafe state.error == YAML_READER_ERROR
        return YAMLSyntaxProblem(
            problem: problem, context: context,
            mark: unsafe mark(isReaderError ? state.mark : state.problem_mark),
            contextMark: unsafe context.isEmpty ? nil : mark(state.context_mark))
    }

    private static func string(_ text: UnsafeMutablePointer<yaml_char_t>?) -> String? {
        unsafe text.map { unsafe String(cString: $0) }
    }

    private static func mark(_ mark: yaml_mark_t) -> YAMLMark {
        YAMLMark(line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }
}
