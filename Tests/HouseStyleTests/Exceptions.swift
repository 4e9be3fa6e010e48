/// The files to which a rule does not apply, each for a reason.
enum Exceptions {
    /// Where unsafe code is: at the border to C, to the kernel, and to memory that a plugin lends.
    static let bridgingFiles: Set<String> = [
        // Memory with an address of its own, and the lock.
        "Sources/HoldfastModel/Bytes.swift",
        "Sources/HoldfastSupport/CRC32C.swift",
        "Sources/HoldfastSupport/Guarded.swift",
        "Sources/HoldfastSupport/HostClock.swift",
        // libyaml; the files and the environment of the process.
        "Sources/HoldfastConfiguration/YAML/YAMLEventReader.swift",
        "Sources/HoldfastConfiguration/Surroundings/ProcessSurroundings.swift",
        // System calls of the command.
        "Sources/HoldfastCommand/Processes/ChildProcess.swift",
        "Sources/HoldfastCommand/Terminal/FileDescriptor.swift",
    ]

    /// A plugin is a border from end to end, so its own folder is not listed file by file.
    static func isBridging(_ path: String) -> Bool {
        bridgingFiles.contains(path) || path.hasPrefix("Plugins/")
            || path.hasPrefix("Sources/HoldfastProviderKit/")
    }

    /// The tidy test itself walks through folders.
    static func importsFoundation(_ path: String) -> Bool { path.hasPrefix("Tests/HouseStyleTests/") }
}
