import Glibc
import HoldfastModel
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("Files that replace others") struct ReplacementFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("until it is whole a file has no name, so a process that is killed leaves nothing behind")
    func nameless() throws {
        defer { directory.remove() }
        let path = directory.file("out")
        let file = try ReplacementFile(at: path)
        try file.descriptor.write(Array("whole".utf8))
        // Where the file system has no such files there is one that ends with this.
        #expect(try directory.names().allSatisfy { $0.hasSuffix(".part") })
        if FileDescriptor.unnamed(beside: path) != nil { #expect(try directory.names() == []) }
        try file.commit()
        #expect(try directory.names() == ["out"])
        #expect(try TextFile.read(path) == "whole")
        let other = try ReplacementFile(at: path)
        try other.descriptor.write(Array("half".utf8))
        other.discard()
        #expect(try directory.names() == ["out"])
        #expect(try TextFile.read(path) == "whole")
    }

    @Test("a name that no file can have is refused before anything is written")
    func names() throws {
        defer { directory.remove() }
        for name in [String(repeating: "n", count: 300), "none/out"] {
            let error = #expect(throws: HoldfastError.self) {
                try ReplacementFile(at: directory.file(name))
            }
            #expect(error?.message.contains("cannot create \(directory.file(name))") == true)
        }
    }
}
