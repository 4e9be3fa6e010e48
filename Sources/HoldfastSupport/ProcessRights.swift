private import CHoldfastSupport

/// What the operating system says of this process's rights.
public enum ProcessRights: Sendable {
    /// Whether the process has rights that its user lacks; it then must not believe its environment.
    ///
    /// Source: `AT_SECURE` in getauxval(3).
    public static var areRaised: Bool { hf_is_privileged() != 0 }
}
