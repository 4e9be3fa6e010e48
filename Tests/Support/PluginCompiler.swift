private import Glibc

/// Builds the C plugins of `Tests/Fixtures/plugins` with nothing but clang and the header.
public struct PluginCompiler: Sendable {
    /// Where libraries are put.
    public let directory: TemporaryDirectory

    /// Compiles into a directory.
    public init(into directory: TemporaryDirectory) { self.directory = directory }

    /// The top of the package.
    public static let packageDirectory = String(
        #filePath.dropLast("/Tests/Support/PluginCompiler.swift".count))

    /// The directory of the test's executable, where the package's own plugins are built.
    public static var productDirectory: String { ProcessFacts.executableDirectory }

    /// Compiles a plugin, exactly as the guide tells a plugin author to.
    ///
    /// - Parameters:
    ///   - source: the name of a file in `Tests/Fixtures/plugins`, without `.c`.
    ///   - type: the library becomes `libholdfast-<type>.so`.
    ///   - defines: `NAME` or `NAME=VALUE`, for sources with variants.
    /// - Returns: the path of the library.
    /// - Throws: what clang said.
    @discardableResult
    public func compile(_ source: String, as type: String, defines: [String] = []) throws -> String {
        var library = directory.file("libholdfast-\(type).so")
        if access(library, F_OK) == 0 {
            // Another file at a path that was loaded is refused.
            let folder = try directory.makeDirectory("again-\(UInt64.random(in: 0 ... .max))")
            library = "\(folder)/libholdfast-\(type).so"
        }
        let root = Self.packageDirectory
        let run = try CommandRun(
            [
                "clang", "-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-fPIC",
                "-fvisibility=hidden",
                "-shared", "-I\(root)/Sources/CHoldfastProvider/include",
            ] + defines.map { "-D\($0)" } + [
                "\(root)/Tests/Fixtures/plugins/\(source).c", "-o", library, "-pthread", "-Wl,-z,defs",
                "-Wl,-z,now",
                "-Wl,-z,nodelete",
            ], scratch: directory)
        guard run.status == 0 else { throw TestSupportError("clang refused \(source).c: \(run.output)") }
        return library
    }
}
