import HoldfastModel
import Testing

@Suite("Version") struct VersionTests {
    @Test("versions of one clock rise strictly, also when the wall clock goes back")
    func rises() {
        var clock = VersionClock(node: 7)
        var last = Version.zero
        for milliseconds: UInt64 in [1000, 1000, 999, 1, 1001, 1001, 500] {
            let next = clock.next(at: milliseconds)
            #expect(next > last)
            last = next
        }
        #expect(last.milliseconds == 1001)
    }

    @Test("a version is a UUIDv7 and survives its text")
    func text() throws {
        let version = Version(
            milliseconds: 0x0123_4567_89AB, counter: Version.counterMax, node: Version.nodeMax)
        #expect(version.description == "01234567-89ab-7fff-bfff-ffffffffffff")
        #expect(Version(version.description) == version)
        #expect(Version("01234567-89ab-7fff-bfff-fffffffffff") == nil)
    }

    @Test("what follows a read is newer than what was read, unless that came from too far in the future")
    func observesReads() {
        var clock = VersionClock(node: 1)
        let other = {
            Record(namespace: "n", key: "k", version: Version(milliseconds: $0, counter: 9, node: 2))
        }
        clock.observe([other(3000), other(61_001)], at: 1000, driftMax: 60_000)
        let next = clock.next(at: 1000)
        #expect(next > other(3000).version && next.milliseconds == 3000)
    }

    @Test("a full counter moves on to the next millisecond")
    func overflow() {
        let full = Version(milliseconds: 5, counter: Version.counterMax, node: 1)
        var clock = VersionClock(node: 1, last: full)
        #expect(clock.next(at: 5) == Version(milliseconds: 6, counter: 0, node: 1))
    }
}
