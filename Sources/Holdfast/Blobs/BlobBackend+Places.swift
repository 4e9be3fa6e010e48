internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

extension BlobBackend {
    /// Where contents were taken out: an empty document for each namespace and member of the outermost object.
    static let placesNamespace: Bytes = "~blob-places"

    private static let placeCountMax: UInt64 = 256
    private static let memberByteCountMax = 64

    /// The key of a place; long names are all the one without a name.
    static func place(_ namespace: Bytes, _ member: Bytes) -> Bytes {
        let name = member.count > memberByteCountMax ? "" : member.description
        return Bytes(CompositeKey(namespace.description, name).text)
    }

    /// Answers a query, and says so where it could not look into contents that it asks about.
    func noting(
        _ reach: SelectReach, in namespace: Bytes, _ options: CallOptions,
        _ answer: QueryAnswer
    ) async throws(HoldfastError) -> QueryAnswer {
        guard !reach.isEmpty, try await isApart(reach, in: namespace, options) else { return answer }
        // A daemon that answers for this backend has said so already.
        guard !answer.degradations.contains(.contentsApart) else { return answer }
        var answer = answer
        answer.degradations.append(.contentsApart)
        return answer
    }

    /// Whether contents may be kept apart where a query looks.
    func isApart(
        _ reach: SelectReach, in namespace: Bytes, _ options: CallOptions
    ) async throws(HoldfastError) -> Bool {
        let query = Query(
            namespace: Self.placesNamespace,
            keyPrefix: Bytes(CompositeKey(namespace.description).prefix),
            scope: [.documents, .keysOnly], limit: Self.placeCountMax)
        let places = try await backend.query(query, options).records
        guard !reach.isWhole, places.count < Int(Self.placeCountMax) else { return !places.isEmpty }
        let members = Set(reach.members.map { Self.place(namespace, $0) })
        // One without a name may be any.
        let any = Self.place(namespace, .empty)
        return places.contains { $0.key == any || members.contains($0.key) }
    }
}
