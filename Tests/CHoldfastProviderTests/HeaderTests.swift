import Glibc
import HoldfastTestSupport
import Testing

@Suite("The header")
struct HeaderTests {
    private static let root = PluginCompiler.packageDirectory
    private static let include = "-I\(root)/Sources/CHoldfastProvider/include"
    private static let warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]

    @Test(
        "the header compiles as C11 and as C++14 and later, without a warning",
        arguments: ["c11", "c17", "c++14", "c++17", "c++20"])
    func compiles(standard: String) throws {
        let scratch = try TemporaryDirectory()
        let isCPlusPlus = standard.hasPrefix("c++")
        let source = try scratch.write(
            Array("#include \"holdfast_provider.h\"\n".utf8), to: isCPlusPlus ? "only.cpp" : "only.c")
        let compiler = isCPlusPlus ? "clang++" : "clang"
        let run = try CommandRun(
            [compiler, "-std=\(standard)", Self.include, "-fsyntax-only"] + Self.warnings + [source],
            scratch: scratch)
        #expect(run.status == 0, "\(run.output)")
    }

    @Test("no layout, number or name of the contract has moved; UPDATE_GOLDEN=1 writes them anew")
    func layouts() throws {
        let scratch = try TemporaryDirectory()
        let program = scratch.file("layouts")
        let fixture = "\(Self.root)/Tests/Fixtures/abi"
        let build = try CommandRun(
            ["clang", "-std=c11", Self.include, "\(fixture)/layouts.c", "-o", program], scratch: scratch)
        #expect(build.status == 0, "\(build.output)")
        let printed = try CommandRun([program], scratch: scratch)
        #expect(printed.status == 0)
        let golden = "\(fixture)/layouts.txt"
        if let update = getenv("UPDATE_GOLDEN"), String(cString: update) == "1" {
            let copied = try CommandRun(
                ["cp", try scratch.write(Array(printed.output.utf8), to: "layouts.txt"), golden],
                scratch: scratch)
            #expect(copied.status == 0, "\(copied.output)")
        }
        #expect(try TextFile.read(golden) == printed.output)
    }

    @Test("every struct that the header defines is in the golden layouts")
    func complete() throws {
        let header = try TextFile.read("\(Self.root)/Sources/CHoldfastProvider/include/holdfast_provider.h")
        let golden = try TextFile.read("\(Self.root)/Tests/Fixtures/abi/layouts.txt")
        let lines = Set(golden.split(separator: "\n").map { $0.prefix { $0 != " " } })
        let defined = header.matches(of: /typedef struct (hf_[a-z_]+) \{/).map(\.output.1)
        #expect(defined.count > 20)
        for name in defined { #expect(lines.contains(name), "\(name) is not in layouts.txt") }
    }

    @Test("the kept copy of the 1.0 header is the header, until 1.0 is released")
    func frozenHeader() throws {
        let header = try TextFile.read("\(Self.root)/Sources/CHoldfastProvider/include/holdfast_provider.h")
        let kept = try TextFile.read("\(Self.root)/Tests/Fixtures/frozen-1.0/holdfast_provider.h")
        #expect(kept == header, "copy the header to Tests/Fixtures/frozen-1.0, or raise HF_ABI_MINOR")
    }
}
