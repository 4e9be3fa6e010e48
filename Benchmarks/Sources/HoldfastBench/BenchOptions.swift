import Glibc

/// What the command line asks for.
struct BenchOptions {
    /// Where the plugins are: absolute.
    var plugins = ""
    /// Where data is written; it should be on the disk that is meant.
    var directory = "/var/tmp"
    /// Multiplies the number of rounds.
    var scale = 1.0
    /// Whether a missed bar is a failure.
    var isCheck = false
    /// Which benchmarks; none means all.
    var names: [String] = []

    init(_ arguments: [String]) throws {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--plugins": plugins = try Self.value(of: argument, &rest)
            case "--directory": directory = try Self.value(of: argument, &rest)
            case "--scale":
                guard let number = Double(try Self.value(of: argument, &rest)), number > 0 else {
                    throw BenchError("--scale takes a number above 0")
                }
                scale = number
            case "--check": isCheck = true
            case _ where argument.hasPrefix("-"):
                throw BenchError(
                    "unknown option \(argument), expected --plugins, --directory, --scale or --check")
            default: names.append(argument)
            }
        }
        plugins = try Self.resolve(plugins.isEmpty ? ".build/release" : plugins)
        directory = try Self.resolve(directory)
    }

    private static func value(of option: String, _ rest: inout ArraySlice<String>) throws -> String {
        guard let value = rest.popFirst() else { throw BenchError("\(option) needs a value") }
        return value
    }

    private static func resolve(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else { throw BenchError("\(path) is not there") }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
