extension StorageConfiguration {
    /// What a Unix socket has room for, with the NUL behind it.
    private static let socketPathByteCountMax = 107

    /// Where the daemon of this configuration can be found by a command on the same machine: a socket beside the log.
    ///
    /// Who opens the log has it alone, so the socket that lies beside it is that of the process that has it. Without a log
    /// that is a file, it lies beside the first backend that is one. Nothing where there is no file, or its path is too long.
    public var controlSocketPath: String? {
        let logs = providers.filter { $0.role == .log }
        let stores = providers.filter { $0.role == .store }
        let path = (logs + stores).lazy.compactMap(\.filePath).first.map { $0 + ".sock" }
        return path.flatMap { $0.utf8.count <= Self.socketPathByteCountMax ? $0 : nil }
    }
}

extension ProviderConfiguration {
    /// The file or directory that the option `path` names, from the root.
    fileprivate var filePath: String? {
        guard let text = options.entries?.first(where: { $0.key == "path" })?.value.scalar?.text,
            !text.isHidden
        else { return nil }
        var path = Surroundings.absolute(text.revealed, in: directory)
        while path.hasSuffix("/") { path.removeLast() }
        return path
    }
}
