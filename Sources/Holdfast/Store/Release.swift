/// What this build of Holdfast is.
public enum Release: Sendable {
    /// Its version, as semver.org has it.
    public static let version = "0.1.0"
}
