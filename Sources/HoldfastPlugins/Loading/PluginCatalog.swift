public import HoldfastModel
internal import HoldfastSupport

/// What can be loaded, and what cannot and why: for `plugin list` and `plugin describe`.
public struct PluginCatalog: Sendable {
    /// One `type:`.
    public struct Entry: Sendable {
        /// The type that the file's name states.
        public let type: String
        /// The file that is loaded.
        public let path: String
        /// Files of the same name further down the search path, which are not.
        public let shadowed: [String]
        /// What the plugin says of itself, if it can be loaded.
        public let description: Description?
        /// Why it cannot.
        public let refusal: HoldfastError?
    }

    /// What a plugin says of itself and of one type.
    public struct Description: Hashable, Sendable {
        /// What a backend can be in a chain.
        public enum Role: String, Hashable, Sendable {
            /// Primary or backup.
            case store
            /// Write-ahead log.
            case log
        }

        /// The type.
        public let type: String
        /// The file behind all links.
        public let path: String
        /// What the plugin calls itself.
        public let name: String
        /// The plugin's own version.
        public let version: String
        /// SPDX.
        public let license: String
        /// The contract it was compiled against, such as `1.0`.
        public let abi: String
        /// JSON Schema of the options.
        public let optionsSchema: String
        /// What it can be: what its schema states under `x-roles`, else everything, since the host makes a log of any
        /// store.
        public let roles: [Role]
    }

    /// By type.
    public let entries: [Entry]
    /// What was named as a directory but is not searched, one sentence each.
    public let ignored: [String]

    /// Loads every plugin of a search path.
    ///
    /// - Parameters:
    ///   - search: the directories.
    ///   - host: what plugins are given.
    public init(_ search: PluginSearchPath, host: HostServices) {
        ignored = search.ignored
        entries = search.types.map { type in
            let candidates = search.candidates(for: type)
            let path = candidates.first ?? ""
            let shadowed = Array(candidates.dropFirst())
            do throws(HoldfastError) {
                let description = try Self.describe(type, in: search, host: host)
                return Entry(
                    type: type, path: path, shadowed: shadowed, description: description, refusal: nil)
            } catch {
                return Entry(type: type, path: path, shadowed: shadowed, description: nil, refusal: error)
            }
        }
    }

    /// Loads the plugin of a type and asks it what it is.
    ///
    /// - Parameters:
    ///   - type: the `type:` of storage.yaml.
    ///   - search: the directories.
    ///   - host: what the plugin is given.
    /// - Returns: what it says.
    /// - Throws: why it cannot be loaded.
    public static func describe(
        _ type: String, in search: PluginSearchPath, host: HostServices
    ) throws(HoldfastError) -> Description {
        describe(type, of: try PluginLibrary(type: type, in: search, host: host))
    }

    /// What a loaded plugin says of one of its types.
    public static func describe(_ type: String, of library: PluginLibrary) -> Description {
        let schema = library.optionsSchema(of: type) ?? "{}"
        return Description(
            type: type, path: library.path, name: library.name, version: library.version,
            license: library.license,
            abi: "\(library.abi.major).\(library.abi.minor)", optionsSchema: schema, roles: roles(schema))
    }

    private static func roles(_ schema: String) -> [Description.Role] {
        let text = Array(schema.utf8)
        var roles: [Description.Role] = []
        while let value = try? JSONPointer.value(at: Array("/x-roles/\(roles.count)".utf8), in: text),
            let role = Description.Role(rawValue: String(decoding: value, as: UTF8.self))
        {
            roles.append(role)
        }
        return roles.isEmpty ? [.store, .log] : roles
    }
}
