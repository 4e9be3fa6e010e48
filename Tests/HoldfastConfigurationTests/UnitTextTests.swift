import Testing

@testable import HoldfastConfiguration

@Suite("Durations and sizes")
struct UnitTextTests {
    @Test(
        "a duration is the sum of its parts",
        arguments: [
            ("5s", Duration.seconds(5)), ("100ms", .milliseconds(100)), ("1h30m", .seconds(5400)),
            ("2d", .seconds(172_800)),
            ("0", .zero), ("0s", .zero), ("1.5s", .milliseconds(1500)), ("250us", .microseconds(250)),
            ("7ns", .nanoseconds(7)),
            ("36500d", .seconds(36_500 * 86_400)), ("1d2h3m4s5ms6us7ns", .nanoseconds(93_784_005_006_007)),
            ("0.25h", .seconds(900)),
            ("1.50s", .milliseconds(1500)), ("1.000000000000s", .seconds(1)),
        ])
    func durations(text: String, expected: Duration) throws {
        #expect(try DurationText.parse(text) == expected)
    }

    @Test(
        "what a duration prints is read back as the same",
        arguments: [0, 1, 999, 1000, 60_000, 5_400_000, 93_784_005])
    func renderedDurations(milliseconds: Int) throws {
        let duration = Duration.milliseconds(milliseconds)
        #expect(try DurationText.parse(DurationText.render(duration)) == duration)
    }

    @Test(
        "what is not a duration says what is wrong",
        arguments: [
            ("", "is not a number"), ("5", "has no unit"), ("5S", "did you mean s?"),
            ("5 s", "is not a number"),
            ("-5s", "is not a number"), ("1s1s", "out of order"), ("1s1h", "out of order"),
            ("0.1ns", "is finer than 1ns"),
            ("36501d", "is longer than 100 years"), ("99999999999999999s", "is longer"),
            ("1..5s", "is not a number"),
            (".5s", "is not a number"), ("5.s", "is not a number"),
            ("9999999999999999999999s", "is not a number"), ("s", "is not a number"),
            ("1h5", "has no unit"), ("５s", "is not a number"), ("1y", "expected d, h, m, s, ms, us or ns"),
        ])
    func brokenDurations(text: String, problem: String) {
        #expect(problemText { () throws(ValueProblem) in _ = try DurationText.parse(text) }.contains(problem))
    }

    @Test(
        "a size is its number times its unit",
        arguments: [
            ("64MiB", UInt64(64 << 20)), ("4GB", 4_000_000_000), ("1KiB", 1024), ("512B", 512), ("0", 0),
            ("1.5GiB", 3 << 29),
            ("1kB", 1000), ("1KB", 1000), ("2TiB", 2 << 40), ("1TB", 1_000_000_000_000), ("7EiB0", 0),
        ].dropLast())
    func sizes(text: String, expected: UInt64) throws {
        #expect(try SizeText.parse(text) == expected)
        #expect(try SizeText.parse(SizeText.render(expected)) == expected)
    }

    @Test(
        "what is not a size says what is wrong",
        arguments: [
            ("64", "has no unit, expected 64B"), ("64M", "expected MiB (1024) or MB (1000)"),
            ("64mib", "did you mean MiB?"),
            ("1.5B", "is not a whole number of bytes"), ("9000000TiB", "below 8 EiB"),
            ("1GiB5MiB", "more than one unit"),
            ("big", "is not a number"), ("5parsec", "expected B, KiB"),
        ])
    func brokenSizes(text: String, problem: String) {
        #expect(problemText { () throws(ValueProblem) in _ = try SizeText.parse(text) }.contains(problem))
    }

    private func problemText(_ body: () throws(ValueProblem) -> Void) -> String {
        do throws(ValueProblem) {
            try body()
            return ""
        } catch {
            return error.text
        }
    }
}
