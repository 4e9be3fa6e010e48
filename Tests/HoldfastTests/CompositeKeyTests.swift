import Holdfast
import Testing

@Suite("Composite keys") struct CompositeKeyTests {
    @Test("no two lists of names have one key, and every name comes back")
    func roundTrip() throws {
        let names = ["", "a", "a/b", "%2F", "%", "a\0b", "ä😀", "..", "#"]
        var keys: Set<String> = []
        for first in names {
            for second in names {
                let key = CompositeKey(first, second)
                #expect(try CompositeKey.names(of: key.text) == [first, second])
                #expect(key.text.hasPrefix(CompositeKey(first).prefix))
                keys.insert(key.text)
            }
        }
        #expect(keys.count == names.count * names.count)
    }

    @Test("a key that was not made of names is refused")
    func damage() {
        #expect(throws: HoldfastError.self) { try CompositeKey.names(of: "a%b") }
    }
}
