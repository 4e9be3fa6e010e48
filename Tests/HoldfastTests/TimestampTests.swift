import Holdfast
import HoldfastModel
import Testing

@Suite("Timestamps") struct TimestampTests {
    @Test(
        "a time is written as RFC 3339 says",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (1_715_785_200_250, "2024-05-15T15:00:00.250Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"), (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"), (1_735_689_599_999, "2024-12-31T23:59:59.999Z"),
            (-1, "1969-12-31T23:59:59.999Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (253_402_300_800_000, "10000-01-01T00:00:00.000Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ])
    func description(milliseconds: Int64, text: String) {
        #expect(Timestamp(unixMilliseconds: milliseconds).description == text)
    }

    @Test("a version carries its time, and times are ordered")
    func version() {
        let version = Version(milliseconds: 1_715_785_200_250, counter: 3, node: 4)
        #expect(Timestamp(version).unixMilliseconds == 1_715_785_200_250)
        #expect(Timestamp(version) < Timestamp(unixMilliseconds: 1_715_785_200_251))
    }
}
