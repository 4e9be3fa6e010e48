extension Select {
    /// The query as JSON text.
    package var json: [UInt8] {
        var members: [(String, [UInt8])] = [
            ("select", Array("1".utf8)), ("namespace", JSONText.quoted(namespace)),
        ]
        if let key { members.append(("key", JSONText.quoted(key))) }
        if !prefix.isEmpty { members.append(("prefix", JSONText.quoted(prefix))) }
        members.append(("scope", JSONText.quoted(scope.rawValue.utf8)))
        if let filter { members.append(("where", filter.json)) }
        if !order.isEmpty {
            let parts = order.map { part in
                let by = ("by", JSONText.quoted(SelectText.text(of: part.by)))
                return Self.object(part.isDescending ? [by, ("descending", Array("true".utf8))] : [by])
            }
            members.append(("order", Self.array(parts)))
        }
        if offset > 0 { members.append(("offset", Array(String(offset).utf8))) }
        members.append(("limit", Array(String(limit).utf8)))
        if let after { members.append(("after", after.json)) }
        members.append(("answer", answer.json))
        return Self.object(members)
    }

    static func object(_ members: [(String, [UInt8])]) -> [UInt8] {
        var text = [UInt8(ascii: "{")]
        for (index, member) in members.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text += JSONText.quoted(member.0.utf8) + [UInt8(ascii: ":")] + member.1
        }
        return text + [UInt8(ascii: "}")]
    }

    static func array(_ elements: [[UInt8]]) -> [UInt8] {
        [UInt8(ascii: "[")] + Array(elements.joined(separator: [UInt8(ascii: ",")])) + [UInt8(ascii: "]")]
    }
}

extension Select.Place {
    fileprivate var json: [UInt8] {
        Select.object([
            ("order", Select.array(order.map { JSONText.quoted(SelectText.hexadecimal($0)) })),
            ("key", JSONText.quoted(key)), ("id", JSONText.quoted(id.hexadecimal)),
        ])
    }
}

extension Select.Answer {
    fileprivate var json: [UInt8] {
        switch self {
        case .records(let values): JSONText.quoted((values ? "records" : "keys").utf8)
        case .count: JSONText.quoted("count".utf8)
        case .groups(let grouping): grouping.json
        }
    }
}

extension SelectGrouping {
    fileprivate var json: [UInt8] {
        let figures = aggregates.map { aggregate in
            Select.object([
                (aggregate.function.rawValue, JSONText.quoted(SelectText.text(of: aggregate.operand)))
            ])
        }
        return Select.object([
            ("by", Select.array(by.map { JSONText.quoted(SelectText.text(of: $0)) })),
            ("aggregates", Select.array(figures)),
        ])
    }
}

extension SelectFilter {
    fileprivate var json: [UInt8] {
        func quoted(_ operand: SelectOperand) -> [UInt8] { JSONText.quoted(SelectText.text(of: operand)) }
        switch self {
        case .and(let filters): return Select.object([("and", Select.array(filters.map(\.json)))])
        case .or(let filters): return Select.object([("or", Select.array(filters.map(\.json)))])
        case .not(let filter): return Select.object([("not", filter.json)])
        case .compare(let operand, let comparison, let scalar):
            return Select.object([(comparison.rawValue, Select.array([quoted(operand), scalar.json]))])
        case .isIn(let operand, let scalars):
            return Select.object([("in", Select.array([quoted(operand), Select.array(scalars.map(\.json))]))])
        case .exists(let operand): return Select.object([("exists", quoted(operand))])
        case .kind(let operand, let kind):
            return Select.object([
                ("type", Select.array([quoted(operand), JSONText.quoted(kind.rawValue.utf8)]))
            ])
        case .text(let operand, let search):
            let name = (search.ignoresCase ? "i" : "") + search.kind.rawValue
            return Select.object([
                (name, Select.array([quoted(operand), JSONText.quoted(search.characters)]))
            ])
        case .any(let operand, let filter):
            return Select.object([("any", Select.array([quoted(operand), filter.json]))])
        case .words(let operand, let pattern):
            let terms = Select.array(pattern.terms.map { JSONText.quoted($0) })
            return Select.object([("words", Select.array([quoted(operand), terms]))])
        }
    }
}
