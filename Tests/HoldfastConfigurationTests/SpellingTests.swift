import HoldfastConfiguration
import Testing

@Suite("Spelling")
struct SpellingTests {
    @Test(
        "the nearest word is named when it is near",
        arguments: [
            ("primry", "primary"), ("PRIMARY", "primary"), ("backup", "backups"), ("lgo", "log"),
            ("flush-interval", "flush_interval"),
            ("retian", "retain"), ("tyep", "type"),
        ])
    func near(word: String, expected: String) {
        let words = ["primary", "backups", "log", "wal", "flush_interval", "retain", "type"]
        #expect(Spelling.nearest(to: word, among: words) == expected)
    }

    @Test(
        "a word that is far from all, empty or very long is left alone",
        arguments: ["colour", "x", "", String(repeating: "a", count: 500)])
    func far(word: String) {
        #expect(Spelling.nearest(to: word, among: ["primary", "log", ""]) == nil)
    }

    @Test("of words that are equally near the first of the alphabet is named")
    func tie() {
        #expect(Spelling.nearest(to: "bat", among: ["rat", "cat"]) == "cat")
    }
}
