internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport
internal import Logging
internal import NIOCore
internal import NIOSSL

/// TLS, with a certificate that can be replaced while connections are open.
final class Encryption: Sendable {
    /// A certificate with its key, and where both were read from.
    struct Certificate: Sendable {
        fileprivate let files: (path: String, keyPath: String)
        fileprivate let context: NIOSSLContext
    }

    private let logger: Logger
    private let certificate: Guarded<Certificate>

    /// Reads a certificate and its key.
    ///
    /// - Parameters:
    ///   - certificatePath: PEM, the certificate first, then those that vouch for it.
    ///   - keyPath: PEM.
    ///   - logger: hears of a certificate that clients refuse today.
    /// - Throws: `invalid` when they cannot be read, or do not belong together.
    init(certificatePath: String, keyPath: String, logger: Logger) throws(HoldfastError) {
        self.logger = logger
        certificate = Guarded(
            Certificate(
                files: (certificatePath, keyPath),
                context: try Self.load(certificatePath, keyPath, logger)))
    }

    /// What both files hold now.
    ///
    /// - Parameter files: other files than those that were read last.
    /// - Returns: a certificate that is not shown yet.
    /// - Throws: `invalid` when they cannot be read, or do not belong together.
    func loaded(_ files: (path: String, keyPath: String)? = nil) throws(HoldfastError) -> Certificate {
        let files = files ?? certificate.withLock { $0.files }
        return Certificate(files: files, context: try Self.load(files.path, files.keyPath, logger))
    }

    /// Shows another certificate from now on; connections that are open keep what they have.
    func use(_ fresh: Certificate) { certificate.withLock { $0 = fresh } }

    /// Encrypts a connection; called on its event loop, before anything else is added to it.
    func add(to channel: any Channel) throws {
        let context = certificate.withLock { $0.context }
        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
    }

    private static func load(
        _ certificatePath: String, _ keyPath: String, _ logger: Logger
    ) throws(HoldfastError) -> NIOSSLContext {
        let chain = try part("certificate", certificatePath) { try NIOSSLCertificate.fromPEMFile($0) }
        guard let first = chain.first else {
            throw HoldfastError(.invalid, "\(certificatePath) has no certificate in PEM")
        }
        let key = try part("key", keyPath) { try NIOSSLPrivateKey(file: $0, format: .pem) }
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            let context = try NIOSSLContext(configuration: configuration)
            let (start, end) = (Int64(first.notValidBefore), Int64(first.notValidAfter))
            if let doubt = doubt(start, end, at: SystemClock().unixMilliseconds) {
                logger.warning("the certificate \(certificatePath) \(doubt): clients refuse it")
            }
            return context
        } catch {
            throw HoldfastError(
                .invalid,
                "cannot use the certificate \(certificatePath) with the key \(keyPath), expected the key that it was "
                    + "made for (\(error))")
        }
    }

    /// Why clients refuse a certificate today, or nothing.
    ///
    /// - Parameters:
    ///   - start: when it begins to be valid, in Unix seconds.
    ///   - end: when it ends.
    ///   - now: Unix milliseconds.
    /// - Returns: words that go on from the name of the file.
    static func doubt(_ start: Int64, _ end: Int64, at now: Int64) -> String? {
        let seconds = now / 1000
        if seconds < start { return "is not valid before \(Timestamp(unixMilliseconds: start * 1000))" }
        if seconds > end { return "has expired at \(Timestamp(unixMilliseconds: end * 1000))" }
        return nil
    }

    /// Reads one of the two files.
    private static func part<Part>(
        _ what: String, _ path: String, _ read: (String) throws -> Part
    ) throws(HoldfastError) -> Part {
        do throws(FileSystemError) {
            let files = PosixFileSystem()
            files.close(try files.open(path, .read))
        } catch {
            throw HoldfastError(.invalid, "cannot read the \(what): \(error)")
        }
        do {
            return try read(path)
        } catch {
            throw HoldfastError(.invalid, "\(path) has no \(what) in PEM (\(error))")
        }
    }
}
