public import HoldfastModel

/// Everything that a question has for an answer, fetched page by page while it is read.
///
/// Not a snapshot: each page is read when the one before is used up. A reader that stops early costs no further page.
/// Iterating again starts again.
public struct RecordStream<Element: Sendable>: AsyncSequence, Sendable {
    /// A page, and a function that fetches the one after it.
    struct Part: Sendable {
        let elements: [Element]
        let following: Fetch?
    }

    typealias Fetch = @Sendable () async throws(HoldfastError) -> Part

    /// The only error that is thrown.
    public typealias Failure = HoldfastError

    private let first: Fetch

    init(_ first: @escaping Fetch) { self.first = first }

    /// Follows pages from one to the next.
    ///
    /// - Parameters:
    ///   - start: where the first page begins; nothing is the beginning.
    ///   - page: fetches a page.
    init<Next: Hashable & Sendable>(
        from start: Next?,
        _ page: @escaping @Sendable (Next?) async throws(HoldfastError) -> Page<Element, Next>
    ) {
        first = Self.fetching(from: start, page)
    }

    private static func fetching<Next: Hashable & Sendable>(
        from start: Next?,
        _ page: @escaping @Sendable (Next?) async throws(HoldfastError) -> Page<Element, Next>
    ) -> Fetch {
        { () async throws(HoldfastError) -> Part in
            let answer = try await page(start)
            guard let next = answer.next else { return Part(elements: answer.elements, following: nil) }
            return Part(elements: answer.elements, following: fetching(from: next, page))
        }
    }

    /// Starts at the first page.
    public func makeAsyncIterator() -> Iterator { Iterator(following: first) }

    /// Walks over the pages.
    public struct Iterator: AsyncIteratorProtocol, Sendable {
        private var elements: [Element] = []
        private var position = 0
        private var following: Fetch?

        init(following: Fetch?) { self.following = following }

        /// The next element, or nothing after the last.
        ///
        /// - Throws: what the read throws; `cancelled` once the task is.
        public mutating func next() async throws(HoldfastError) -> Element? {
            while position == elements.count {
                guard let fetch = following else { return nil }
                guard !Task.isCancelled else {
                    throw HoldfastError(.cancelled, "the task that reads was cancelled")
                }
                let part = try await fetch()
                elements = part.elements
                following = part.following
                position = 0
            }
            defer { position += 1 }
            return elements[position]
        }

        /// The next element, or nothing after the last, on the caller's actor.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(HoldfastError) -> Element? {
            try await next()
        }
    }
}
