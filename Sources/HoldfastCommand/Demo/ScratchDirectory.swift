import Glibc
import HoldfastModel
import HoldfastSupport

/// A directory that a demonstration has to itself.
struct ScratchDirectory: Sendable {
    /// Absolute, without a slash at the end.
    let path: String
    private let files = PosixFileSystem()

    /// Makes an empty directory in the one for temporary files.
    init() throws(HoldfastError) {
        let parent = ChildProcess.environmentValue("TMPDIR") ?? "/tmp"
        var template = Array("\(parent)/holdfast-demo-XXXXXX".utf8CString)
        guard unsafe mkdtemp(&template) != nil else {
            throw systemError("cannot make a directory in \(parent)")
        }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The path of something in the directory.
    func file(_ name: String) -> String { "\(path)/\(name)" }

    /// Writes a whole file.
    func write(_ bytes: [UInt8], to name: String) throws(HoldfastError) {
        let descriptor = try FileDescriptor.create(file(name))
        defer { descriptor.close() }
        try descriptor.write(bytes)
    }

    /// Makes a directory inside.
    func makeDirectory(_ name: String) throws(HoldfastError) {
        guard unsafe mkdir(file(name), 0o755) == 0 else { throw systemError("cannot make \(file(name))") }
    }

    /// Removes the directory and everything in it.
    func remove() throws(HoldfastError) { try remove(path) }

    private func remove(_ path: String) throws(HoldfastError) {
        // What can be listed is a directory; anything else is a file.
        for name in (try? files.list(path)) ?? [] where name != "." && name != ".." {
            try remove("\(path)/\(name)")
        }
        let isRemoved = unsafe (rmdir(path) == 0 || unlink(path) == 0)
        guard isRemoved else { throw systemError("cannot remove \(path)") }
    }
}
