private import Glibc

/// A certificate that nobody but itself vouches for, and its key; made by the command `openssl`.
public struct TestCertificate: Sendable {
    /// PEM.
    public let certificate: [UInt8]
    /// PEM.
    public let key: [UInt8]
    /// The file of the certificate, as a client needs it to check its owner.
    public let certificatePath: String
    /// The file of the key, which nobody else may read.
    public let keyPath: String
    private let directory: TemporaryDirectory

    /// Whether certificates can be made here, said once where they cannot.
    public static let isPossible: Bool = {
        let isThere = (try? CommandRun(["openssl", "version"], scratch: TemporaryDirectory()).status) == 0
        if !isThere { print("skipped: the command openssl is not installed") }
        return isThere
    }()

    /// Makes one.
    ///
    /// - Parameters:
    ///   - name: whose it is.
    ///   - address: the address of the server that it is for, as libpq compares it.
    /// - Throws: what openssl said.
    public init(_ name: String, address: String = "127.0.0.1") throws {
        directory = try TemporaryDirectory()
        (certificatePath, keyPath) = (directory.file("certificate.pem"), directory.file("key.pem"))
        let run = try CommandRun(
            [
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-days", "2", "-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:\(address)", "-keyout",
                keyPath, "-out", certificatePath,
            ], scratch: directory)
        guard run.status == 0, chmod(keyPath, 0o600) == 0 else {
            throw TestSupportError("openssl failed: \(run.output)")
        }
        certificate = try TextFile.readBytes(certificatePath)
        key = try TextFile.readBytes(keyPath)
    }
}
