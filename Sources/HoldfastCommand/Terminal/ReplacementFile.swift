import Glibc
import HoldfastModel

/// A file that takes the place of another when it is complete, and not before.
///
/// It has the owner and the mode of the one that it replaces, and takes the place of what a symbolic link leads to. What
/// is no file of its own, such as a device or a pipe, is written to as it is.
struct ReplacementFile: Sendable {
    /// Where the contents go.
    let descriptor: FileDescriptor
    private let path: String
    /// Nothing where what is there is written to.
    private let temporaryPath: String?
    /// Whether the contents have the name yet: without, nothing is left of them whenever the process ends.
    private let isNamed: Bool

    /// Begins a file beside the one that it will replace.
    ///
    /// - Throws: what the system says against it; `invalid` for a directory, and for no name at all.
    init(at path: String) throws(HoldfastError) {
        switch try FileDescriptor.kind(of: path) {
        case .other:
            self.path = path
            temporaryPath = nil
            isNamed = true
            descriptor = try FileDescriptor.writing(to: path)
        case .file(let place, let status):
            let temporaryPath = Self.name(beside: place)
            self.path = place
            self.temporaryPath = temporaryPath
            (descriptor, isNamed) = try Self.descriptor(temporaryPath, for: path)
            descriptor.take(ownerAndModeOf: status)
        case .nothing:
            let temporaryPath = Self.name(beside: path)
            self.path = path
            self.temporaryPath = temporaryPath
            (descriptor, isNamed) = try Self.descriptor(temporaryPath, for: path)
        }
    }

    private static func descriptor(
        _ path: String, for name: String
    ) throws(HoldfastError) -> (FileDescriptor, isNamed: Bool) {
        // A name that the file cannot have is refused now, and not when everything is written.
        let last = path.utf8.split(separator: UInt8(ascii: "/")).last
        if let last, last.count <= Int(NAME_MAX), let unnamed = FileDescriptor.unnamed(beside: path) {
            return (unnamed, false)
        }
        return (try FileDescriptor.create(path, isNew: true, for: name), true)
    }

    /// Makes the contents durable and puts the file in its place.
    func commit() throws(HoldfastError) {
        if let temporaryPath {
            try descriptor.sync()
            if !isNamed { try descriptor.takeName(temporaryPath, for: path) }
            do throws(HoldfastError) {
                try FileDescriptor.rename(temporaryPath, to: path)
            } catch {
                if !isNamed { try? FileDescriptor.remove(temporaryPath) }
                throw error
            }
        }
        descriptor.close()
    }

    /// Leaves everything as it was.
    func discard() {
        descriptor.close()
        // What made the export fail is said already.
        if let temporaryPath, isNamed { try? FileDescriptor.remove(temporaryPath) }
    }

    /// A name that no other process uses; numbers of processes come again in every container.
    private static func name(beside path: String) -> String {
        "\(path).\(String(UInt64.random(in: .min ... .max), radix: 36)).part"
    }
}
