import Glibc
import HoldfastConfiguration
import HoldfastModel
import HoldfastTestSupport
import Testing

@Suite("Environment and files of the process")
struct ProcessSurroundingsTests {
    @Test("a file is read with its permissions")
    func read() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("hello".utf8), to: "a", mode: 0o640)
        #expect(
            try Surroundings.process().readFile(path, 5)
                == FileContents(bytes: Array("hello".utf8), mode: 0o640))
    }

    @Test("a configuration is loaded from disk, its secrets and paths beside it")
    func load() throws {
        let directory = try TemporaryDirectory()
        try directory.write(Array("pw\n".utf8), to: "secret")
        let path = try directory.write(
            Array("storage: { type: redis, url: redis://h, password: file:./secret }".utf8),
            to: "storage.yaml")
        let configuration = try StorageConfiguration.load(path: path)
        let options = try configuration.checkOptions(schema: Fixture.schema)
        #expect(options["storage"]?.json == #"{"url":"redis://h","password":"pw","database":0}"#)
        #expect(configuration.directory == directory.path)
    }

    @Test("what is too long, no regular file or not there is refused with its reason")
    func errors() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write(Array("hello".utf8), to: "a")
        let surroundings = Surroundings.process()
        let fifo = directory.file("fifo")
        #expect(mkfifo(fifo, 0o600) == 0)
        for (path, code) in [
            (path, HoldfastError.Code.invalid), (directory.path, .invalid), (fifo, .invalid),
            (directory.file("none"), .notFound),
        ] {
            do throws(HoldfastError) {
                _ = try surroundings.readFile(path, 4)
                Issue.record("\(path) was read")
            } catch {
                #expect(error.code == code)
            }
        }
    }

    @Test("the environment and the working directory are those of the process")
    func environment() {
        let surroundings = Surroundings.process()
        #expect(surroundings.variables["PATH"] == getenv("PATH").map { String(cString: $0) })
        #expect(surroundings.workingDirectory.hasPrefix("/"))
    }
}
