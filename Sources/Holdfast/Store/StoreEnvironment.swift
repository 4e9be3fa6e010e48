public import HoldfastConfiguration
public import HoldfastModel
public import HoldfastPlugins
public import HoldfastSupport

/// The seams through which a store reaches the world: time, chance, files, its operator.
///
/// The defaults are the operating system's, and nobody to report to. Tests and embedders replace what they like.
public struct StoreEnvironment: Sendable {
    /// Expiry, versions and deadlines are counted on it.
    public var clock: any HostClock
    /// Tells hosts apart, and spreads retries.
    public var random: RandomSource
    /// Environment variables and files that storage.yaml may name.
    public var surroundings: Surroundings
    /// Hears one line about each thing that an operator should know, from any thread.
    public var log: HostServices.Log
    /// Computes SHA-256: of a plugin's file for `sha256:` in storage.yaml, which is refused without it, and of large
    /// contents, which without it are not kept apart.
    public var digest: (@Sendable (Bytes) -> [UInt8])?
    /// What plugins are told of the program: its version.
    public var version: String

    /// Makes an environment.
    public init(
        clock: any HostClock = SystemClock(), random: RandomSource = .system,
        surroundings: Surroundings = .process(), log: @escaping HostServices.Log = { _, _, _ in },
        digest: (@Sendable (Bytes) -> [UInt8])? = nil, version: String = Release.version
    ) {
        self.clock = clock
        self.random = random
        self.surroundings = surroundings
        self.log = log
        self.digest = digest
        self.version = version
    }
}
