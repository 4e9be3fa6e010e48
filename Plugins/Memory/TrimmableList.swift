/// A list that grows at its end and is trimmed at its start, both without moving what is between.
struct TrimmableList<Element> {
    private var elements: [Element?] = []
    private var head = 0

    /// How many elements there are.
    var count: Int { elements.count - head }
    var isEmpty: Bool { count == 0 }
    var last: Element? { isEmpty ? nil : self[count - 1] }

    subscript(index: Int) -> Element {
        get {
            guard let element = elements[head + index] else {
                preconditionFailure("element \(index) was trimmed")
            }
            return element
        }
        set { elements[head + index] = newValue }
    }

    mutating func append(_ element: Element) { elements.append(element) }

    mutating func insert(_ element: Element, at index: Int) {
        if index == count { append(element) } else { elements.insert(element, at: head + index) }
    }

    mutating func remove(at index: Int) {
        if index == count - 1 { elements.removeLast() } else { elements.remove(at: head + index) }
    }

    /// Takes elements away from the start.
    ///
    /// - Complexity: amortized O(count): the array moves only once at least half of it is unused.
    mutating func removeFirst(_ count: Int) -> [Element] {
        let taken = (0..<count).map { self[$0] }
        for index in head..<head + count { elements[index] = nil }
        head += count
        if head * 2 >= elements.count {
            elements.removeFirst(head)
            head = 0
        }
        return taken
    }

    /// Puts elements back at the start.
    mutating func insertFirst(_ front: [Element]) {
        elements.replaceSubrange(0..<head, with: front.map { Optional($0) })
        head = 0
    }

    /// Takes away what a predicate holds for.
    mutating func removeAll(where isUnwanted: (Element) -> Bool) -> [Element] {
        var removed: [Element] = []
        var kept: [Element?] = []
        for index in 0..<count {
            if isUnwanted(self[index]) { removed.append(self[index]) } else { kept.append(self[index]) }
        }
        if !removed.isEmpty {
            elements = kept
            head = 0
        }
        return removed
    }

    /// The index of the first element for which a predicate fails that holds for a run at the start.
    func partition(where isBefore: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
