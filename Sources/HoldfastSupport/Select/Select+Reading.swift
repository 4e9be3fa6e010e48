extension Select {
    private static let names: Set<String> = [
        "select", "namespace", "key", "prefix", "scope", "where", "order", "offset", "limit", "after",
        "answer",
    ]

    /// Reads a query.
    ///
    /// - Parameter text: JSON text as ``json`` writes it.
    /// - Throws: for another version, a member or an operator that is not known, and for what is too large. A backend
    ///   then leaves the query to the host.
    package init(parsing text: [UInt8]) throws(SelectError) {
        let reader = try SelectReader(text)
        let members = try reader.members(reader.root, "the query")
        if let unknown = members.keys.filter({ !Self.names.contains($0) }).min() {
            throw SelectError("the query has a member \"\(unknown.prefix(60))\", which is not known")
        }
        guard let version = members["select"], reader.text[version].elementsEqual("1".utf8) else {
            throw SelectError("the query is not of version 1, expected \"select\": 1")
        }
        guard let namespace = members["namespace"] else { throw SelectError("the query has no namespace") }
        self.init(namespace: try reader.string(namespace, "namespace"))
        if let place = members["key"] { key = try reader.string(place, "key") }
        if let place = members["prefix"] { prefix = try reader.string(place, "prefix") }
        if let place = members["scope"] {
            guard let known = Scope(rawValue: try reader.word(place, "scope")) else {
                throw reader.wrong(place, "scope", "documents, items or all")
            }
            scope = known
        }
        if let place = members["where"] {
            var count = 0
            filter = try reader.filter(place, depth: 0, &count)
        }
        if let place = members["order"] { order = try reader.order(place) }
        if let place = members["offset"] {
            offset = try reader.integer(place, "offset", atMost: SelectLimits.offsetMax)
        }
        if let place = members["limit"] {
            limit = try reader.integer(place, "limit", atMost: SelectLimits.limitMax)
        }
        if let place = members["after"] { after = try reader.place(place, orderCount: order.count) }
        if let place = members["answer"] { answer = try reader.answer(place) }
    }

    /// Checks that the query is within the limits of the language.
    ///
    /// - Throws: for the first that it exceeds.
    package func check() throws(SelectError) { _ = try Select(parsing: json) }
}

extension SelectFilter {
    /// Reads a filter alone.
    ///
    /// - Parameter text: JSON text.
    /// - Throws: as `Select.init(parsing:)`.
    package init(parsing text: [UInt8]) throws(SelectError) {
        let reader = try SelectReader(text)
        var count = 0
        self = try reader.filter(reader.root, depth: 0, &count)
    }
}

extension SelectReader {
    fileprivate func order(_ place: Range<Int>) throws(SelectError) -> [Select.Order] {
        var order: [Select.Order] = []
        for part in try elements(place, "order", atMost: SelectLimits.orderCountMax) {
            let members = try members(part, "a part of the order")
            guard let by = members["by"], members.keys.allSatisfy({ $0 == "by" || $0 == "descending" }) else {
                throw wrong(part, "a part of the order", "\"by\" and perhaps \"descending\"")
            }
            let isDescending = try members["descending"].map { place throws(SelectError) in
                try flag(place, "descending")
            }
            order.append(Select.Order(by: try operand(by, "by"), isDescending: isDescending ?? false))
        }
        return order
    }

    fileprivate func place(_ place: Range<Int>, orderCount: Int) throws(SelectError) -> Select.Place {
        let members = try members(place, "after")
        guard let order = members["order"], let key = members["key"], let id = members["id"],
            let version = SelectText.id(hexadecimal: try string(id, "id"))
        else { throw wrong(place, "after", "\"order\", \"key\" and an \"id\" of 32 hexadecimal digits") }
        var keys: [[UInt8]] = []
        for part in try elements(order, "the order of after", atMost: SelectLimits.orderCountMax) {
            guard let bytes = SelectText.bytes(hexadecimal: try string(part, "a sort key")) else {
                throw wrong(part, "a sort key", "hexadecimal digits")
            }
            keys.append(bytes)
        }
        guard keys.count == orderCount else {
            throw SelectError(
                "after has \(keys.count) sort keys, expected \(orderCount), one for each part of the order")
        }
        return Select.Place(order: keys, key: try string(key, "key"), id: version)
    }

    fileprivate func answer(_ place: Range<Int>) throws(SelectError) -> Select.Answer {
        guard text[place.lowerBound] == UInt8(ascii: "{") else {
            switch try word(place, "answer") {
            case "records": return .records(values: true)
            case "keys": return .records(values: false)
            case "count": return .count
            default: throw wrong(place, "answer", "\"records\", \"keys\", \"count\" or an object with \"by\"")
            }
        }
        let members = try members(place, "answer")
        guard let by = members["by"], members.keys.allSatisfy({ $0 == "by" || $0 == "aggregates" }) else {
            throw wrong(place, "answer", "\"by\" and perhaps \"aggregates\"")
        }
        var operands: [SelectOperand] = []
        for part in try elements(by, "by", atMost: SelectLimits.orderCountMax) {
            operands.append(try operand(part, "a part of by"))
        }
        var aggregates: [SelectGrouping.Aggregate] = []
        let parts = try members["aggregates"].map { place throws(SelectError) in
            try elements(place, "aggregates", atMost: SelectLimits.aggregateCountMax)
        }
        for part in parts ?? [] { aggregates.append(try aggregate(part)) }
        return .groups(SelectGrouping(by: operands, aggregates: aggregates))
    }

    private func aggregate(_ place: Range<Int>) throws(SelectError) -> SelectGrouping.Aggregate {
        let members = try members(place, "an aggregate")
        guard members.count == 1, let member = members.first,
            let function = SelectGrouping.Aggregate.Function(rawValue: member.key)
        else { throw wrong(place, "an aggregate", "one of sum, avg, min and max") }
        return SelectGrouping.Aggregate(function, of: try operand(member.value, member.key))
    }

    fileprivate func filter(
        _ place: Range<Int>, depth: Int, _ count: inout Int
    ) throws(SelectError) -> SelectFilter {
        count += 1
        guard depth < SelectLimits.filterDepthMax, count <= SelectLimits.filterCountMax else {
            throw SelectError(
                "the filter is too large, expected at most \(SelectLimits.filterDepthMax) levels and "
                    + "\(SelectLimits.filterCountMax) parts")
        }
        let members = try members(place, "a filter")
        guard members.count == 1, let (name, value) = members.first else {
            throw wrong(place, "a filter", "an object with one operator")
        }
        switch name {
        case "and", "or":
            var filters: [SelectFilter] = []
            for part in try elements(value, name, atMost: SelectLimits.filterCountMax) {
                filters.append(try filter(part, depth: depth + 1, &count))
            }
            return name == "and" ? .and(filters) : .or(filters)
        case "not": return .not(try filter(value, depth: depth + 1, &count))
        case "any":
            let (operand, inner) = try pair(value, name)
            return .any(try pointer(operand, name), try filter(inner, depth: depth + 1, &count))
        case "exists": return .exists(try operand(value, name))
        default: return try leaf(name, value)
        }
    }

    private func leaf(_ name: String, _ place: Range<Int>) throws(SelectError) -> SelectFilter {
        let (left, right) = try pair(place, name)
        if let comparison = SelectFilter.Comparison(rawValue: name) {
            return .compare(try operand(left, name), comparison, try scalar(right, name))
        }
        let searchName = name.hasPrefix("i") ? String(name.dropFirst()) : name
        if name != "in", let kind = SelectFilter.Search.Kind(rawValue: searchName) {
            guard right.count <= SelectLimits.scalarByteCountMax else {
                throw SelectError(
                    "\(name) has \(right.count) bytes, expected at most \(SelectLimits.scalarByteCountMax)")
            }
            let search = SelectFilter.Search(
                kind, try string(right, name), ignoresCase: name.utf8.count > searchName.utf8.count)
            return .text(try operand(left, name), search)
        }
        switch name {
        case "in":
            var scalars: [SelectScalar] = []
            for part in try elements(right, name, atMost: SelectLimits.valueCountMax) {
                scalars.append(try scalar(part, name))
            }
            return .isIn(try operand(left, name), scalars)
        case "words":
            var terms: [[UInt8]] = []
            for part in try elements(right, name, atMost: WordPattern.wordCountMax) {
                guard part.count <= SelectLimits.scalarByteCountMax else {
                    throw SelectError(
                        "a term has \(part.count) bytes, expected at most \(SelectLimits.scalarByteCountMax)")
                }
                terms.append(try string(part, "a term"))
            }
            return .words(try pointer(left, name), try WordPattern(terms))
        case "type":
            guard let kind = SelectKind(rawValue: try word(right, name)) else {
                throw wrong(right, name, SelectKind.allCases.map(\.rawValue).joined(separator: ", "))
            }
            return .kind(try operand(left, name), kind)
        default: throw SelectError("the operator \"\(name.prefix(60))\" is not known")
        }
    }

    private func pointer(_ place: Range<Int>, _ noun: String) throws(SelectError) -> SelectOperand {
        let operand = try operand(place, noun)
        guard case .value = operand else { throw wrong(place, noun, "a JSON pointer") }
        return operand
    }
}
