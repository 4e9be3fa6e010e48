import HoldfastSupport
import Testing

@Suite("JSON nodes") struct JSONNodeTests {
    @Test("values are read where they stand, byte for byte, and of members with one name the last counts")
    func reading() throws {
        let text =
            #" {"a":1.0 ,"b":[ 1, "x" ,{} ],"\u0061":[true,null],"c":"\ud83d\ude00\n","n":9223372036854775807} "#
        let node = try JSONNode(Array(text.utf8))
        #expect(node.kind == .object && node.offset == 1)
        #expect(node["a"].map { String(decoding: $0.bytes, as: UTF8.self) } == "[true,null]")
        #expect(node["b"]?.elements.map(\.kind) == [.number, .string, .object])
        #expect(node["b"]?.elements[1].string == "x")
        #expect(node["c"]?.string == "😀\n")
        #expect(node["n"]?.integer == .max)
        #expect(node["d"] == nil && node["a"]?["x"] == nil && node["c"]?.elements.isEmpty == true)
        #expect(node.members.map(\.name) == ["a", "b", "a", "c", "n"])
        #expect(try JSONNode(Array("[]".utf8)).elements.isEmpty)
    }

    @Test("half of a surrogate pair is no text, and has bytes of its own")
    func loneSurrogate() throws {
        let node = try JSONNode(Array(#""\ud800""#.utf8))
        #expect(node.string == nil)
        #expect(node.characters == [0xED, 0xA0, 0x80])
    }

    @Test("what is no JSON is refused at its first wrong byte")
    func damage() {
        let damage = #expect(throws: JSONDamage.self) { try JSONNode(Array(#"{"a" 1}"#.utf8)) }
        #expect(damage?.offset == 5)
    }

    @Test("what a writer writes reads back, and JSON goes in as it is")
    func writing() throws {
        var writer = JSONWriter()
        writer.object { object in
            object.member("text", "a\"b\n")
            object.member("none", String?.none)
            object.member("count", 3)
            object.member("raw", json: Array("1.00".utf8))
            object.member("list") { list in
                list.array { array in
                    array.value(true)
                    array.value(0.5)
                    array.null()
                    array.object { _ in }
                }
            }
            object.member("last", false)
        }
        #expect(
            String(decoding: writer.bytes, as: UTF8.self)
                == #"{"text":"a\"b\u000a","count":3,"raw":1.00,"list":[true,0.5,null,{}],"last":false}"#)
    }
}
