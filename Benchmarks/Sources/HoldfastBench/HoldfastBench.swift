import Glibc
import Holdfast

/// Measures ratios: `holdfast-bench [--plugins DIR] [--directory DIR] [--scale F] [--check] [NAME …]`.
///
/// Every figure is a ratio of two variants that took turns in one run, so that it means the same on every machine.
@main
struct HoldfastBench {
    static func main() async {
        do {
            let options = try BenchOptions(Array(CommandLine.arguments.dropFirst()))
            let isGood = try await run(options)
            exit(options.isCheck && !isGood ? 1 : 0)
        } catch {
            print("holdfast-bench: \(error)")
            exit(64)
        }
    }

    private static let benchmarks: [(name: String, run: @Sendable (BenchContext) async throws -> [Ratio])] = [
        ("append-depth", AppendDepth.run), ("callers", Callers.run), ("history", HistoryReads.run),
        ("log-acks", LogAcks.run), ("sqlite-apply", SQLiteApply.run),
    ]

    private static func run(_ options: BenchOptions) async throws -> Bool {
        let names = benchmarks.map(\.name)
        if let unknown = options.names.first(where: { !names.contains($0) }) {
            throw BenchError("unknown benchmark \(unknown), expected \(names.joined(separator: ", "))")
        }
        let directory = try BenchDirectory(in: options.directory)
        print(
            "data in \(directory.path), plugins in \(options.plugins), \(sysconf(Int32(_SC_NPROCESSORS_ONLN))) processors"
        )
        var isGood = true
        for benchmark in benchmarks where options.names.isEmpty || options.names.contains(benchmark.name) {
            print("\n\(benchmark.name)")
            let context = BenchContext(
                directory: try directory.make(benchmark.name), plugins: options.plugins, scale: options.scale)
            for ratio in try await benchmark.run(context) {
                print("  \(ratio)")
                isGood = isGood && ratio.isGood
            }
        }
        return isGood
    }
}

/// A sentence that ends the run.
struct BenchError: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
