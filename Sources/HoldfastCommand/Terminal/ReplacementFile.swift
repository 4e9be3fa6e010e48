import Glibc
import HoldfastModel

/// A file that takes the place of another when it is complete, and not before.
struct ReplacementFile: Sendable {
    /// Where the contents go.
    let descriptor: FileDescriptor
    private let path: String
    private let temporaryPath: String

    /// Begins a file beside the one that it will replace.
    init(at path: String) throws(HoldfastError) {
        self.path = path
        temporaryPath = "\(path).\(getpid()).part"
        descriptor = try FileDescriptor.create(temporaryPath, isNew: true)
    }

    /// Makes the contents durable and puts the file in its place.
    func commit() throws(HoldfastError) {
        try descriptor.sync()
        try FileDescriptor.rename(temporaryPath, to: path)
        descriptor.close()
    }

    /// Leaves everything as it was.
    func discard() {
        descriptor.close()
        // What made the export fail is said already; a file that stays behind bears this process's number.
        try? FileDescriptor.remove(temporaryPath)
    }
}
