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

    deinit {
        // A visit from the leaves up, so that each directory is empty when it goes.
        nftw(
            path, { name, _, _, _ in name.map { remove($0) } ?? 0 }, 16,
            Int32(FTW_DEPTH.rawValue | FTW_PHYS.rawValue))
    }
}
