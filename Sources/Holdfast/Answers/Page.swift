public import HoldfastChain
internal import HoldfastModel

/// A part of a longer answer, and where the next part begins.
///
/// A page is a sequence of its elements.
public struct Page<Element: Sendable, Next: Hashable & Sendable>: Sendable {
    /// In the order that was asked for.
    public let elements: [Element]
    /// What asks for the next page, or nothing after the last.
    ///
    /// A page that is exactly full has a next one, which may turn out empty.
    public let next: Next?
    /// The provider that answered, by its name in storage.yaml; empty when nobody had to be asked.
    public let source: String
    /// What the answer had to do without; empty when all is well.
    public let degradations: [Degradation]

    init(_ elements: [Element], next: Next?, source: String = "", degradations: [Degradation] = []) {
        self.elements = elements
        self.next = next
        self.source = source
        self.degradations = degradations
    }
}

extension Page: Equatable where Element: Equatable {}
extension Page: Hashable where Element: Hashable {}

extension Page: RandomAccessCollection {
    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of elements.
    public var endIndex: Int { elements.count }
    /// One element.
    public subscript(position: Int) -> Element { elements[position] }
}

extension Page {
    /// The same page of other elements.
    func mapPage<Other: Sendable>(
        _ body: (Element) throws(HoldfastError) -> Other
    ) throws(HoldfastError) -> Page<Other, Next> {
        var others: [Other] = []
        others.reserveCapacity(count)
        for element in elements { others.append(try body(element)) }
        return Page<Other, Next>(others, next: next, source: source, degradations: degradations)
    }

    /// The same page without those that are none; what follows begins where it did.
    func compactMapPage<Other: Sendable>(
        _ body: (Element) throws(HoldfastError) -> Other?
    ) throws(HoldfastError) -> Page<Other, Next> {
        var others: [Other] = []
        for element in elements { if let other = try body(element) { others.append(other) } }
        return Page<Other, Next>(others, next: next, source: source, degradations: degradations)
    }
}
