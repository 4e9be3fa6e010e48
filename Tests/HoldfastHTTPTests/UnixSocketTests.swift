import Glibc
import HoldfastModel
import HoldfastTestSupport
import Testing

@testable import HoldfastHTTP

@Suite("Unix sockets") struct UnixSocketTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func refusal(_ name: String) -> HoldfastError? {
        do throws(HoldfastError) {
            UnixSocket.close(try UnixSocket.open(directory.file(name)))
            return nil
        } catch {
            return error
        }
    }

    @Test("a socket takes the place of one that nobody listens on, and of nothing else")
    func places() throws {
        defer { directory.remove() }
        #expect(refusal("s") == nil)
        #expect(refusal("s") == nil)
        try directory.write(Array("precious".utf8), to: "file")
        let taken = try #require(refusal("file"))
        #expect(taken.code == .invalid && taken.message.hasSuffix("something that is no socket is there"))
        #expect(try TextFile.read(directory.file("file")) == "precious")
        let descriptor = try UnixSocket.open(directory.file("busy"))
        defer { UnixSocket.close(descriptor) }
        #expect(listen(descriptor, 1) == 0)
        #expect(refusal("busy")?.code == .conflict)
    }

    @Test("where there is no directory, or none that this user may write to, that is what is said")
    func absent() throws {
        defer { directory.remove() }
        let absent = try #require(refusal("none/s"))
        #expect(absent.code == .unavailable && absent.message.hasSuffix("No such file or directory"))
        try directory.write([], to: "file")
        #expect(refusal("file/s")?.message.hasSuffix("Not a directory") == true)
        guard getuid() != 0 else { return }
        #expect(chmod(directory.path, 0o500) == 0)
        defer { _ = chmod(directory.path, 0o700) }
        #expect(refusal("s")?.code == .permission)
    }
}
