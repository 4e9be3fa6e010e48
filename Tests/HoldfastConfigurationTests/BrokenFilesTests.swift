import Glibc
import HoldfastConfiguration
import HoldfastModel
import Testing

/// `UPDATE_GOLDEN=1` writes what is printed beside each file; then read the difference before it is committed.
@Suite("Broken files")
struct BrokenFilesTests {
    static let directory =
        "\(#filePath.prefix(upTo: #filePath.lastIndex(of: "/") ?? #filePath.endIndex))/Fixtures/broken"

    static let names: [String] = {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasSuffix(".yaml") { names.append(String(name.dropLast(5))) }
        }
        return names.sorted()
    }()

    @Test("a broken file says exactly what its .expected file holds", arguments: names)
    func brokenFile(name: String) throws {
        let bytes = try Surroundings.process().readFile("\(Self.directory)/\(name).yaml", 1 << 20).bytes
        let printed = Self.errors(bytes) + "\n"
        let goldenPath = "\(Self.directory)/\(name).expected"
        if getenv("UPDATE_GOLDEN") != nil { try Self.write(printed, to: goldenPath) }
        let expected = try Surroundings.process().readFile(goldenPath, 1 << 20).bytes
        #expect(printed == String(decoding: expected, as: UTF8.self))
        #expect(!printed.contains("hunter2"))
        #expect(printed != "\n", "the file is not broken")
    }

    @Test("there are at least 60 broken files")
    func count() {
        #expect(Self.names.count >= 60)
    }

    private static func errors(_ bytes: [UInt8]) -> String {
        do {
            let configuration = try StorageConfiguration(
                parsing: bytes, file: "storage.yaml", surroundings: Fixture.surroundings())
            _ = try configuration.checkOptions(schema: Fixture.schema)
            return ""
        } catch {
            return error.description
        }
    }

    private static func write(_ text: String, to path: String) throws {
        let file = try #require(fopen(path, "w"))
        defer { fclose(file) }
        fputs(text, file)
    }
}
