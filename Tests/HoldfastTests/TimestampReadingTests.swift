import Holdfast
import Testing

@Suite("Times that callers write") struct TimestampReadingTests {
    @Test(
        "one moment has many forms",
        arguments: [
            "2026-01-02T03:04:05.250Z", "2026-01-02t03:04:05.25z", "2026-01-02 03:04:05.2509999",
            "2026-01-02T05:04:05.250+02:00", "2026-01-01T22:34:05,250-0430", "2026-01-02 03:04:05.250+00",
        ])
    func forms(text: String) { #expect(Timestamp(text)?.description == "2026-01-02T03:04:05.250Z") }

    @Test(
        "what is no time is none",
        arguments: [
            "", "2026", "2026-02-30", "2026-13-01", "2026-1-2", "2026-01-02T24:00:00Z", "2026-01-02T03:60Z",
            "2026-01-02T03:04:05.Z", "2026-01-02T03:04:05Zx", "2026-01-02T03", "26-01-02",
            "2026-01-02T03:04+24:00",
        ])
    func noTimes(text: String) { #expect(Timestamp(text) == nil) }

    @Test("what is written is read again")
    func roundTrip() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let time = Timestamp(
                unixMilliseconds: .random(in: -60_000_000_000_000...250_000_000_000_000, using: &random))
            #expect(Timestamp(time.description) == time)
        }
        #expect(Timestamp("2024-02-29")?.unixMilliseconds == 1_709_164_800_000)
        #expect(Timestamp("1970-01-01T00:00:00Z")?.unixMilliseconds == 0)
    }
}
