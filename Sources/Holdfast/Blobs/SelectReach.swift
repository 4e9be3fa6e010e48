internal import HoldfastModel
internal import HoldfastSupport

/// The members of the outermost object in which a large string could change the answer of a query.
///
/// A query sees a reference where a content is kept apart. For most of what is asked that is the same: whether something is
/// there, of which kind it is, and whether it equals a text that is much shorter. It is not where strings are searched, or
/// compared by their order.
struct SelectReach: Hashable, Sendable {
    /// Their names.
    private(set) var members: Set<Bytes> = []
    /// Whether the query looks into the value as a whole.
    private(set) var isWhole = false

    /// A stored literal has at most so many bytes for each byte that is compared: `\u00e9` is one character.
    private static let escapeByteCountMax = 6

    private let threshold: Int

    /// Whether no large string can change the answer.
    var isEmpty: Bool { members.isEmpty && !isWhole }

    /// The reach of a query with filters, order and groups.
    init(of select: Select, threshold: Int) {
        self.threshold = threshold
        if let filter = select.filter { note(filter) }
        for part in select.order { note(part.by) }
        if case .groups(let grouping) = select.answer {
            for operand in grouping.by { note(operand) }
            for aggregate in grouping.aggregates
            where aggregate.function == .min || aggregate.function == .max {
                note(aggregate.operand)
            }
        }
    }

    /// The reach of a scan.
    init(of matches: [Query.Match], threshold: Int) {
        self.threshold = threshold
        for match in matches where mayBeLarge(match.json.array) { members.insert(Bytes(match.field)) }
    }

    private mutating func note(_ operand: SelectOperand) {
        guard case .value(let steps) = operand else { return }
        if let first = steps.first {
            members.insert(Bytes(first))
        } else {
            isWhole = true
        }
    }

    private mutating func note(_ filter: SelectFilter) {
        switch filter {
        case .and(let parts), .or(let parts): for part in parts { note(part) }
        case .not(let part): note(part)
        case .compare(let operand, .equal, let scalar): if mayBeLarge(scalar.json) { note(operand) }
        case .compare(let operand, _, let scalar): if Self.isString(scalar.json) { note(operand) }
        case .isIn(let operand, let scalars):
            if scalars.contains(where: { mayBeLarge($0.json) }) { note(operand) }
        case .exists, .kind: return
        case .text(let operand, _), .words(let operand, _): note(operand)
        case .any(let operand, let part):
            var inner = self
            inner.members = []
            inner.isWhole = false
            inner.note(part)
            if !inner.isEmpty { note(operand) }
        }
    }

    /// Whether a scalar may equal a string that is kept apart: one that is long, or begins as our mark does.
    private func mayBeLarge(_ json: [UInt8]) -> Bool {
        Self.isString(json)
            && (json.count * Self.escapeByteCountMax >= threshold
                || json.starts(with: Array("\"\\u0000".utf8)))
    }

    private static func isString(_ json: [UInt8]) -> Bool { json.first == UInt8(ascii: "\"") }
}
