import Glibc

/// A directory of its own for one run, removed at its end.
final class BenchDirectory {
    let path: String

    init(in parent: String) throws {
        var template = Array("\(parent)/holdfast-bench-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("cannot make a directory in \(parent)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Makes a directory inside.
    func make(_ name: String) throws -> String {
        let directory = "\(path)/\(name)"
        guard mkdir(directory, 0o700) == 0 else { throw BenchError("cannot make \(directory)") }
        return directory
    }

    deinit { Self.erase(path) }

    private static func erase(_ path: String) {
        if let directory = opendir(path) {
            while let entry = readdir(directory) {
                let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                }
                if name != ".", name != ".." { erase("\(path)/\(name)") }
            }
            closedir(directory)
        }
        remove(path)
    }
}
