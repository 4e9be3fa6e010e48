/// What is under `blobs`: large contents, which are kept apart from their records.
public struct BlobsConfiguration: Hashable, Sendable {
    /// Contents of at least so many bytes are kept apart.
    public let threshold: Int
    /// How long after a collection a daemon makes the next; zero is never.
    public let collectInterval: Duration
    /// Contents that were used so recently stay.
    public let grace: Duration

    /// What holds where the file has no `blobs`.
    public static let standard = standard(ConfigurationFindings())

    private static func standard(_ findings: ConfigurationFindings) -> BlobsConfiguration {
        guard
            let section = SectionReader(
                nil, path: "blobs", keys: ConfigurationKeys.blobs, findings: findings)
        else { preconditionFailure("a mapping that is absent has every default") }
        return BlobsConfiguration(section)
    }

    init(_ section: SectionReader) {
        threshold = section.size("threshold")
        collectInterval = section.duration("collect_interval")
        grace = section.duration("grace")
    }
}
