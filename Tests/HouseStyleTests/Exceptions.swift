/// The files to which a rule does not apply, each for a reason.
enum Exceptions {
    /// Where unsafe code is: at the border to C, to the kernel, and to memory that a plugin lends.
    static let bridgingFiles: Set<String> = [
        // Memory with an address of its own, and the lock.
        "Sources/HoldfastModel/Bytes.swift",
        "Sources/HoldfastSupport/CRC32C.swift",
        "Sources/HoldfastSupport/Guarded.swift",
        "Sources/HoldfastSupport/HostClock.swift",
        "Sources/HoldfastSupport/ZeroBytes.swift",
        // Files.
        "Sources/HoldfastSupport/FileSystemError.swift",
        "Sources/HoldfastSupport/PosixFileSystem.swift",
        // libyaml; the files and the environment of the process.
        "Sources/HoldfastConfiguration/YAML/YAMLEventReader.swift",
        "Sources/HoldfastConfiguration/Surroundings/ProcessSurroundings.swift",
        // The kernel's threads, locks, files and system calls.
        "Sources/HoldfastSupport/Monitor.swift",
        "Sources/HoldfastSupport/ProcessIdentity.swift",
        "Sources/HoldfastSupport/SealedFile.swift",
        "Sources/HoldfastSupport/ThreadSpawner.swift",
        "Sources/HoldfastSupport/UnnamedFile.swift",
        // Entries copied once, into memory with an address of its own.
        "Sources/HoldfastPlugins/Log/PrimitiveLogGroup.swift",
        "Sources/HoldfastChain/Log/ByteReader.swift",
        "Sources/HoldfastChain/Log/ByteWriter.swift",
        "Sources/HoldfastChain/Log/LogEntryCodec.swift",
        // Jobs of the Swift runtime.
        "Sources/HoldfastChain/Driver/InlineExecutor.swift",
        // A digest over memory that a plugin's file was read into.
        "Sources/Holdfast/Store/PluginLoader.swift",
        "Sources/HoldfastCommand/Options/StoreOpening.swift",
        // Buffers of the network, and sockets with a mode.
        "Sources/HoldfastHTTP/Answers/Array+Bytes.swift",
        "Sources/HoldfastHTTP/Answers/ByteBuffer+Bytes.swift",
        "Sources/HoldfastHTTP/Answers/OutputRawSpan+Text.swift",
        "Sources/HoldfastHTTP/Server/ServiceNotice.swift",
        "Sources/HoldfastHTTP/Server/UnixSocket.swift",
        // What the kernel says of the process.
        "Sources/HoldfastHTTP/Operations/ProcessMetrics.swift",
        // System calls of the command.
        "Sources/HoldfastCommand/Demo/ScratchDirectory.swift",
        "Sources/HoldfastCommand/Processes/ChildProcess.swift",
        "Sources/HoldfastCommand/Processes/DescriptorLimit.swift",
        "Sources/HoldfastCommand/Processes/StandardStreams.swift",
        "Sources/HoldfastCommand/Processes/CommandWords.swift",
        "Sources/HoldfastCommand/Processes/ForegroundCommand.swift",
        "Sources/HoldfastCommand/Terminal/FileDescriptor.swift",
    ]

    /// A plugin is a border from end to end, and so is what loads and calls one: such folders are not listed by file.
    static func isBridging(_ path: String) -> Bool {
        bridgingFiles.contains(path) || path.hasPrefix("Plugins/")
            || path.hasPrefix("Sources/HoldfastProviderKit/")
            || path.hasPrefix("Sources/HoldfastPlugins/Loading/")
            || path.hasPrefix("Sources/HoldfastPlugins/Calling/")
    }

    /// The tidy test itself walks through folders.
    static func importsFoundation(_ path: String) -> Bool { path.hasPrefix("Tests/HouseStyleTests/") }

    /// The daemon is made of NIO; nothing below it is.
    static func importsNIO(_ path: String) -> Bool {
        path.hasPrefix("Sources/HoldfastHTTP/") || path.hasPrefix("Tests/HoldfastHTTPTests/")
    }
}
