import HoldfastConfiguration
import Testing

@Suite("The blobs section") struct BlobsConfigurationTests {
    private static func file(_ blobs: String) -> String {
        "storage: { type: sqlite, path: ./h.db }\nblobs: \(blobs)\n"
    }

    @Test("what is given holds, and the defaults where nothing is")
    func values() throws {
        let blobs = try Fixture.read(Self.file("{ threshold: 1MiB, collect_interval: 0s, grace: 2h }")).blobs
        #expect(blobs.threshold == 1 << 20)
        #expect(blobs.collectInterval == .zero && blobs.grace == .seconds(7200))
        let standard = try Fixture.read("storage: { type: sqlite, path: ./h.db }").blobs
        #expect(standard == .standard && standard.threshold == 256 << 10)
        #expect(standard.grace == .seconds(86_400) && standard.collectInterval == .seconds(86_400))
    }

    @Test("the effective values say who gave them, whether the section is there or not")
    func effective() throws {
        let (configuration, options) = try Fixture.check(
            "storage: { type: memory }\nblobs: { threshold: 300KiB }", ["HOLDFAST_BLOBS_GRACE": "3h"])
        let lines = configuration.effective(options: options).text.split(separator: "\n").map { line in
            line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        #expect(lines.contains("blobs.threshold 300KiB storage.yaml:2:21"))
        #expect(lines.contains("blobs.grace 3h environment HOLDFAST_BLOBS_GRACE"))
        #expect(lines.contains("blobs.collect_interval 1d default"))
        let absent = try Fixture.read("storage: { type: sqlite, path: ./h.db }").effective().text
        #expect(absent.contains("blobs.threshold"))
    }

    @Test(
        "what cannot be meant is refused, with its place",
        arguments: [
            ("{ threshold: 255B }", "2:21: ", "out of range, expected a size, 256B to 1GiB"),
            ("{ threshold: 4096 }", "2:21: ", "has no unit"),
            ("{ grace: -1s }", "2:17: ", "grace"),
            ("{ treshold: 1MiB }", "2:10: ", "did you mean \"threshold\"?"),
            ("[]", "2:8: ", "expected a mapping with the keys threshold, collect_interval, grace"),
        ])
    func refused(blobs: String, place: String, reason: String) {
        let errors = Fixture.errors(Self.file(blobs))
        #expect(errors.hasPrefix("storage.yaml:\(place)") && errors.contains(reason), "\(errors)")
    }
}
