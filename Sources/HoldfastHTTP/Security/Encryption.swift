internal import HoldfastModel
internal import HoldfastSupport
internal import NIOCore
internal import NIOSSL

/// TLS, with a certificate that can be replaced while connections are open.
final class Encryption: Sendable {
    private let certificatePath: String
    private let keyPath: String
    private let context: Guarded<NIOSSLContext>

    /// Reads a certificate and its key.
    ///
    /// - Parameters:
    ///   - certificatePath: PEM, the certificate first, then those that vouch for it.
    ///   - keyPath: PEM.
    /// - Throws: `invalid` when they cannot be read, or do not belong together.
    init(certificatePath: String, keyPath: String) throws(HoldfastError) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        context = Guarded(try Self.load(certificatePath, keyPath))
    }

    /// What both files hold now.
    ///
    /// - Throws: `invalid` when they cannot be read, or do not belong together.
    func loaded() throws(HoldfastError) -> NIOSSLContext { try Self.load(certificatePath, keyPath) }

    /// Shows another certificate from now on; connections that are open keep what they have.
    func use(_ fresh: NIOSSLContext) { context.withLock { $0 = fresh } }

    /// Encrypts a connection; called on its event loop, before anything else is added to it.
    func add(to channel: any Channel) throws {
        let context = context.withLock { $0 }
        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
    }

    private static func load(_ certificatePath: String, _ keyPath: String) throws(HoldfastError)
        -> NIOSSLContext
    {
        let chain = try part("certificate", certificatePath) { try NIOSSLCertificate.fromPEMFile($0) }
        guard !chain.isEmpty else {
            throw HoldfastError(.invalid, "\(certificatePath) has no certificate in PEM")
        }
        let key = try part("key", keyPath) { try NIOSSLPrivateKey(file: $0, format: .pem) }
        do {
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) },
                privateKey: .privateKey(key))
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw HoldfastError(
                .invalid,
                "cannot use the certificate \(certificatePath) with the key \(keyPath), expected the key that it was "
                    + "made for (\(error))")
        }
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
