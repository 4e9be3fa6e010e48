// `environ` is a global variable that Swift cannot prove safe; it is read once, in `process()`.
@unsafe @preconcurrency internal import Glibc
internal import HoldfastModel

extension Surroundings {
    /// The environment and the files of this process.
    ///
    /// Call it before other threads change the environment: `setenv` beside it is a race, as everywhere in
    /// POSIX.
    public static func process() -> Surroundings {
        Surroundings(
            variables: processVariables(), workingDirectory: processDirectory(), readFile: readProcessFile)
    }

    private static func processVariables() -> [String: String] {
        var variables: [String: String] = [:]
        // Null after `clearenv`, although the header does not say so.
        let start: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = unsafe environ
        guard var next = unsafe start else { return variables }
        while let entry = unsafe next.pointee {
            let pair = unsafe String(cString: entry).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
            unsafe next += 1
        }
        return variables
    }

    private static func processDirectory() -> String {
        guard let path = unsafe getcwd(nil, 0) else { return "/" }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    private static func readProcessFile(_ path: String, byteCountMax: Int) throws(HoldfastError)
        -> FileContents
    {
        // O_NONBLOCK: a FIFO must not hang the start; it is refused below like all that is not a regular
        // file.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw failure(errno) }
        defer { close(descriptor) }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw failure(errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw HoldfastError(.invalid, "it is not a regular file")
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = unsafe chunk.withUnsafeMutableBytes {
                unsafe read(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw failure(errno) }
            guard count > 0 else { return FileContents(bytes: bytes, mode: UInt32(status.st_mode & 0o7777)) }
            bytes += chunk[..<count]
            guard bytes.count <= byteCountMax else {
                throw HoldfastError(.invalid, "it is longer than \(SizeText.render(UInt64(byteCountMax)))")
            }
        }
    }

    private static func failure(_ number: Int32) -> HoldfastError {
        let code: HoldfastError.Code =
            switch number {
            case ENOENT, ENOTDIR: .notFound
            case EACCES, EPERM: .permission
            default: .unavailable
            }
        let text = unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
        return HoldfastError(code, text, vendorCode: Int64(number))
    }
}
