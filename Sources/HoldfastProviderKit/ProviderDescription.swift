/// One backend type of a plugin: what storage.yaml calls it, what it takes, and how it is opened.
public struct ProviderDescription: Sendable {
    /// Validates the options and touches nothing.
    public typealias Check = @Sendable (OpenRequest, HostServices) throws(ProviderError) -> Void
    /// Opens one handle; its role is among ``roles``.
    public typealias Open =
        @Sendable (OpenRequest, HostServices, CallContext) throws(ProviderError) -> any Driver

    /// The `type:` of storage.yaml: lower case letters, digits and hyphens.
    public let type: String
    /// A JSON Schema of the options.
    ///
    /// `"secret": true` marks what is never shown, `"format": "duration"` a time and `"format": "size"` a number
    /// of bytes, which storage.yaml gives with a unit and the plugin gets in milliseconds and bytes.
    public let optionsSchema: String
    /// What it can be opened as.
    public let roles: Set<Role>
    let check: Check
    let open: Open

    /// Describes a backend type.
    ///
    /// - Parameters:
    ///   - type: see ``type``.
    ///   - optionsSchema: see ``optionsSchema``.
    ///   - roles: see ``roles``; a driver in the store role is a ``StoreDriver``, in the log role a ``LogDriver``.
    ///   - check: throws `invalid` for options that `open` would refuse.
    ///   - open: makes a driver, which refines ``Driver`` with whatever it can do.
    public init(
        type: String, optionsSchema: String, roles: Set<Role> = [.store], check: @escaping Check,
        open: @escaping Open
    ) {
        self.type = type
        self.optionsSchema = optionsSchema
        self.roles = roles
        self.check = check
        self.open = open
    }
}
