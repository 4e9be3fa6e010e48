private import Glibc
public import HoldfastModel
private import HoldfastSupport

/// The directories in which plugins are looked for, in order.
///
/// Neither the current directory nor `LD_LIBRARY_PATH` is one of them: what is loaded runs with all rights of the host.
public struct PluginSearchPath: Hashable, Sendable {
    /// Where a directory was named.
    public enum Origin: String, Hashable, Sendable {
        /// `HOLDFAST_PLUGIN_PATH`.
        case environment = "HOLDFAST_PLUGIN_PATH"
        /// `plugins.path` of storage.yaml.
        case configuration = "plugins.path"
        /// The directory of the executable.
        case executable = "executable"
        /// `../lib/holdfast` of the executable.
        case installation = "installation"
    }

    /// One directory of the path.
    public struct Directory: Hashable, Sendable {
        /// Absolute.
        public let path: String
        /// Who named it.
        public let origin: Origin
    }

    /// In the order in which they are searched.
    public let directories: [Directory]
    /// What was named but is not searched, one sentence each.
    public let ignored: [String]

    /// Makes a path of its parts.
    ///
    /// - Parameters:
    ///   - configured: `plugins.path`, already relative to nothing.
    ///   - environment: the value of `HOLDFAST_PLUGIN_PATH`, directories with `:` between them.
    ///   - executableDirectory: where the running program lies.
    ///   - isPrivileged: whether the process has rights that its user lacks; the environment is then not believed.
    public init(
        configured: [String], environment: String?, executableDirectory: String?, isPrivileged: Bool = false
    ) {
        var directories: [Directory] = []
        var ignored: [String] = []
        func add(_ path: String, _ origin: Origin) {
            let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
            if !trimmed.hasPrefix("/") {
                ignored.append(
                    "\(origin.rawValue) names \"\(path)\", which is relative; an absolute path is searched")
            } else if !directories.contains(where: { $0.path == trimmed }) {
                directories.append(Directory(path: trimmed, origin: origin))
            }
        }
        if let environment, !environment.isEmpty {
            if isPrivileged {
                ignored.append("HOLDFAST_PLUGIN_PATH is not read by a program with raised privileges")
            } else {
                for part in environment.split(separator: ":") { add(String(part), .environment) }
            }
        }
        for path in configured { add(path, .configuration) }
        if let executableDirectory {
            add(executableDirectory, .executable)
            if let slash = executableDirectory.lastIndex(of: "/"), executableDirectory[slash...] == "/bin" {
                add("\(executableDirectory[..<slash])/lib/holdfast", .installation)
            }
        }
        self.directories = directories
        self.ignored = ignored
    }

    /// The path of this process.
    public static func ofProcess(configured: [String]) -> PluginSearchPath {
        let environment = unsafe getenv("HOLDFAST_PLUGIN_PATH").map { unsafe String(cString: $0) }
        let executable = resolve("/proc/self/exe")
        let directory = executable.flatMap { path in path.lastIndex(of: "/").map { String(path[..<$0]) } }
        return PluginSearchPath(
            configured: configured, environment: environment, executableDirectory: directory,
            isPrivileged: ProcessRights.areRaised)
    }

    /// Whether a text can be the `type:` of a backend.
    public static func isType(_ text: String) -> Bool {
        func isLetterOrDigit(_ byte: UInt8) -> Bool { (97...122).contains(byte) || (48...57).contains(byte) }
        guard let first = text.utf8.first, isLetterOrDigit(first), text.utf8.count <= 64 else { return false }
        return text.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
    }

    /// Every file that a type names, the one that is loaded first.
    public func candidates(for type: String) -> [String] {
        directories.map { "\($0.path)/libholdfast-\(type).so" }.filter { unsafe access($0, F_OK) == 0 }
    }

    /// The types for which there is a file, sorted.
    public var types: [String] {
        var found: Set<String> = []
        for directory in directories {
            for name in DirectoryListing.names(in: directory.path) {
                guard name.hasPrefix("libholdfast-"), name.hasSuffix(".so") else { continue }
                let type = String(name.dropFirst("libholdfast-".count).dropLast(".so".count))
                if Self.isType(type) { found.insert(type) }
            }
        }
        return found.sorted()
    }

    /// The file of a type.
    ///
    /// - Parameter type: the `type:` of storage.yaml.
    /// - Returns: the path of the first file that has the right name.
    /// - Throws: `invalid` for a text that is no type, or when no directory holds such a file.
    public func path(for type: String) throws(HoldfastError) -> String {
        guard Self.isType(type) else {
            throw HoldfastError(
                .invalid,
                "type \"\(type)\" cannot name a plugin, expected small letters, digits and hyphens, such as \"sqlite\""
            )
        }
        if let path = candidates(for: type).first { return path }
        let searched = directories.isEmpty ? "no directory" : directories.map(\.path).joined(separator: ", ")
        let known = types
        let found = known.isEmpty ? "no plugin is there" : "found there: \(known.joined(separator: ", "))"
        let notes = ignored.isEmpty ? "" : "; \(ignored.joined(separator: "; "))"
        throw HoldfastError(
            .invalid,
            "no libholdfast-\(type).so in \(searched); \(found); install it there, or add its directory to "
                + "plugins.path in storage.yaml\(notes)")
    }
}

/// The true, absolute path behind links, or nothing.
func resolve(_ path: String) -> String? {
    guard let resolved = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(resolved) }
    return unsafe String(cString: resolved)
}

/// The names in a directory.
enum DirectoryListing {
    static func names(in path: String) -> [String] {
        guard let directory = unsafe opendir(path) else { return [] }
        defer { unsafe closedir(directory) }
        var names: [String] = []
        while let entry = unsafe readdir(directory) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
            }
            names.append(name)
        }
        return names
    }
}
