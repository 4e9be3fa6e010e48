import Glibc
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("POSIX file system")
struct PosixFileSystemTests {
    let files = PosixFileSystem()

    /// Runs a body in a directory of its own, which is removed afterwards.
    func inDirectory(_ body: (String) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        try body(directory.path)
    }

    @Test("what was written is read back, and a read stops at the end of the file")
    func roundTrip() throws {
        try inDirectory { directory in
            let file = try files.open("\(directory)/a", .create)
            defer { files.close(file) }
            let bytes = [UInt8]((0..<5000).map { UInt8(truncatingIfNeeded: $0) })
            try files.writeAll(bytes.span.bytes, to: file, at: 100)
            try files.sync(file)
            #expect(try files.size(file) == 5100)
            var buffer = [UInt8](repeating: 9, count: 6000)
            var span = buffer.mutableSpan
            var raw = span.mutableBytes
            #expect(try files.read(file, into: &raw, at: 0) == 5100)
            #expect(Array(buffer[0..<100]) == [UInt8](repeating: 0, count: 100))
            #expect(Array(buffer[100..<5100]) == bytes)
            #expect(Array(buffer[5100...]) == [UInt8](repeating: 9, count: 900))
        }
    }

    @Test("reserving gives a file its size, cutting takes it away")
    func sizes() throws {
        try inDirectory { directory in
            let file = try files.open("\(directory)/a", .create)
            defer { files.close(file) }
            try files.allocate(file, size: 65536)
            #expect(try files.size(file) == 65536)
            try files.truncate(file, size: 10)
            #expect(try files.size(file) == 10)
        }
    }

    @Test("names appear, change and go, and are listed without the two dots")
    func names() throws {
        try inDirectory { directory in
            files.close(try files.open("\(directory)/a", .create))
            files.close(try files.open("\(directory)/b", .create))
            try files.rename("\(directory)/a", to: "\(directory)/c")
            try files.syncDirectory(directory)
            #expect(try files.list(directory).sorted() == ["b", "c"])
            try files.unlink("\(directory)/b")
            #expect(try files.list(directory) == ["c"])
        }
    }

    @Test("a file is there until its name leads to another, or to none")
    func places() throws {
        try inDirectory { directory in
            let file = try files.open("\(directory)/a", .create)
            defer { files.close(file) }
            #expect(files.isThere(file))
            try files.rename("\(directory)/a", to: "\(directory)/b")
            #expect(!files.isThere(file))
            files.close(try files.open("\(directory)/a", .create))
            #expect(!files.isThere(file))
            try files.rename("\(directory)/b", to: "\(directory)/a")
            #expect(files.isThere(file))
            try files.unlink("\(directory)/a")
            #expect(!files.isThere(file))
        }
    }

    @Test("a lock is held by one descriptor until it is closed")
    func locks() throws {
        try inDirectory { directory in
            let first = try files.open("\(directory)/LOCK", .create)
            let second = try files.open("\(directory)/LOCK", .create)
            defer { files.close(second) }
            #expect(try files.lock(first))
            #expect(try files.lock(second) == false)
            files.close(first)
            #expect(try files.lock(second))
        }
    }

    @Test("a lock ends with the file, also where a child that was just forked has a copy of the descriptor")
    func inheritedLock() throws {
        try inDirectory { directory in
            let first = try files.open("\(directory)/lock", .create)
            #expect(try files.lock(first))
            let copy = dup(first.descriptor)
            defer { close(copy) }
            files.close(first)
            let second = try files.open("\(directory)/lock", .create)
            defer { files.close(second) }
            #expect(try files.lock(second))
        }
    }

    @Test("a failure names the call, the path and the reason")
    func failures() throws {
        try inDirectory { directory in
            let error = #expect(throws: FileSystemError.self) {
                _ = try files.open("\(directory)/none", .read)
            }
            #expect(error?.isNotFound == true)
            #expect(error?.description == "cannot open \(directory)/none: No such file or directory")
            let unwritable = try files.open("\(directory)/a", .create)
            files.close(unwritable)
            let readOnly = try files.open("\(directory)/a", .read)
            defer { files.close(readOnly) }
            let refused = #expect(throws: FileSystemError.self) {
                try files.writeAll([UInt8](repeating: 0, count: 3).span.bytes, to: readOnly, at: 0)
            }
            #expect(refused?.operation == .write)
            #expect(throws: FileSystemError.self) { _ = try files.list("\(directory)/none") }
            #expect(throws: FileSystemError.self) { try files.syncDirectory("\(directory)/none") }
            #expect(throws: FileSystemError.self) { try files.rename("\(directory)/x", to: "\(directory)/y") }
        }
    }

    @Test("a directory that exists is left alone, one without a parent is an error")
    func directories() throws {
        try inDirectory { directory in
            try files.makeDirectory(directory)
            #expect(throws: FileSystemError.self) { try files.makeDirectory("\(directory)/none/below") }
        }
    }
}
