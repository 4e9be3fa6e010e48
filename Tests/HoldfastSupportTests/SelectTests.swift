import HoldfastSupport
import Testing

@Suite("The text of queries")
struct SelectTests {
    @Test(
        "a query that is read is written so that it reads the same",
        arguments: [
            #"{"select":1,"namespace":"x"}"#,
            #"{"select":1,"namespace":"a\"b","key":"k\u00e9","scope":"items","offset":3,"limit":7,"answer":"keys"}"#,
            #"{"select":1,"namespace":"x","where":{"and":[{"eq":["/a",1.0]},{"not":{"or":[]}},{"in":["@key",["a",null]]}]}}"#,
            #"{"select":1,"namespace":"x","where":{"any":["/l",{"type":["/t","string"]}]},"order":[{"by":"/a~1b~0"}]}"#,
            #"{"select":1,"namespace":"x","where":{"or":[{"iprefix":["","A"]},{"contains":["/x","\u0000"]},{"exists":"/"}]}}"#,
            #"{"select":1,"namespace":"x","order":[{"by":"@time","descending":true}],"after":{"order":["1262"],"key":"k","id":"0123456789abcdef0123456789abcdef"}}"#,
            #"{"select":1,"namespace":"x","answer":{"by":["/a","@changed"],"aggregates":[{"sum":"/n"},{"min":"@version"}]}}"#,
        ])
    func roundTrip(text: String) throws {
        let select = try Select(parsing: Array(text.utf8))
        #expect(try Select(parsing: select.json) == select)
    }

    @Test(
        "what is no query is refused with what would be right",
        arguments: [
            ("", "not JSON"), ("[]", "an object"), (#"{"select":2,"namespace":"x"}"#, "version 1"),
            (#"{"select":1}"#, "no namespace"), (#"{"select":1,"namespace":"x","having":1}"#, "\"having\""),
            (#"{"select":1,"namespace":"x","limit":10001}"#, "0 to 10000"),
            (#"{"select":1,"namespace":"x","offset":-1}"#, "0 to 100000"),
            (#"{"select":1,"namespace":"x","where":{"like":["/a","b"]}}"#, "operator \"like\""),
            (#"{"select":1,"namespace":"x","where":{"eq":["a","b"]}}"#, "JSON pointer"),
            (#"{"select":1,"namespace":"x","where":{"eq":["/a",[]]}}"#, "a scalar"),
            (#"{"select":1,"namespace":"x","where":{"eq":["/a~2","b"]}}"#, "~"),
            (#"{"select":1,"namespace":"x","where":{"any":["@key",{"exists":""}]}}"#, "JSON pointer"),
            (#"{"select":1,"namespace":"x","order":[{"by":"/a","up":true}]}"#, "\"descending\""),
            (
                #"{"select":1,"namespace":"x","order":[{"by":"/a"}],"after":{"order":[],"key":"k","id":"00"}}"#,
                "32 hexadecimal"
            ),
            (#"{"select":1,"namespace":"x","answer":{"by":[],"aggregates":[{"median":"/n"}]}}"#, "sum, avg"),
        ])
    func refused(text: String, reason: String) {
        let error = #expect(throws: SelectError.self) { try Select(parsing: Array(text.utf8)) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    @Test("a filter that nests too deep, or has too many parts, is refused before it is followed")
    func tooLarge() {
        let deep =
            String(repeating: #"{"not":"#, count: 100) + #"{"exists":""}"#
            + String(repeating: "}", count: 100)
        let wide =
            #"{"and":["# + Array(repeating: #"{"exists":""}"#, count: 256).joined(separator: ",") + "]}"
        for filter in [deep, wide] {
            let text = #"{"select":1,"namespace":"x","where":\#(filter)}"#
            let error = #expect(throws: SelectError.self) { try Select(parsing: Array(text.utf8)) }
            #expect(error?.description.contains("too large") == true)
        }
    }

    @Test(
        "members are found by the last of a name, unescaped, at every level",
        arguments: [
            (#"{"a":1,"a":2}"#, "/a", "2"), (#"{"a":{"b":1},"a":{}}"#, "/a/b", nil),
            (#"{"\u0061":{"b":[1,{"c":3}]}}"#, "/a/b/1/c", "3"), (#"[1,[2,3]]"#, "/1/0", "2"),
            ("[1]", "/01", nil),
            (#"{"0":5}"#, "/0", "5"), (#"{"a/b":{"~":7}}"#, "/a~1b/~0", "7"), (" 4 ", "", "4"),
            (#"{"a":1} x"#, "/a", nil),
            (#"{"":{"":8}}"#, "//", "8"), (#"{"a":{"a":1,"a":9}}"#, "/a/a", "9"),
            (#"{"a":"x","b":"y"}"#, "/b", #""y""#),
        ] as [(String, String, String?)])
    func pointers(text: String, pointer: String, found: String?) throws {
        let operand = try SelectText.operand(Array(pointer.utf8))
        let nobody = SelectMeta(key: [], id: SelectID(high: 0, low: 0), version: SelectID(high: 0, low: 0))
        let keys = SelectEvaluator(filter: nil, outputs: [operand]).keys(nobody, Array(text.utf8).span)
        let wanted = try found.map { try #require(SelectScalar(json: Array($0.utf8))).key } ?? SortKey.missing
        #expect(keys == [wanted])
    }

    @Test("an exact sum does not depend on the order, and says when it is too large")
    func sums() throws {
        func row(_ numbers: [String]) throws -> [String?] {
            let operand = SelectOperand.value([])
            var groups = SelectGroups(
                SelectGrouping(
                    by: [],
                    aggregates: SelectGrouping.Aggregate.Function.allCases.map { .init($0, of: operand) }))
            for number in numbers {
                let key = try #require(SelectScalar(json: Array(number.utf8))).key
                try groups.add([key, key, key, key])
            }
            return groups.rows[0].figures.map { $0.map { String(decoding: $0, as: UTF8.self) } }
        }
        let numbers = ["1e20", "0.1", "-1e20", "0.2", "9223372036854775808", "-9223372036854775807"]
        #expect(
            try row(numbers) == ["1.3", "0.216666666666", "-100000000000000000000", "100000000000000000000"])
        #expect(try row(numbers.reversed()) == row(numbers))
        #expect(try row(["-1", "0.5"]) == ["-0.5", "-0.25", "-1", "0.5"])
        #expect(try row(["1e32", "1"])[0] == nil)
        #expect(try row([#""a""#, "true", "null"]) == [nil, nil, "true", #""a""#])
    }

    @Test("the comparison of plugins takes the last of a name, numbers by value, and nothing but objects")
    func matches() {
        func holds(_ value: String, _ field: String, _ json: String) -> Bool {
            JSONMatch.holds(Array(value.utf8).span, [(Array(field.utf8), Array(json.utf8))])
        }
        #expect(holds(#"{"n":1,"n":1e400}"#, "n", " 10e399 "))
        #expect(!holds(#"{"n":1e-99999999999999999999}"#, "n", "1e99999999999999999999"))
        #expect(!holds("[5]", "0", "5") && holds(#"{"0":5}"#, "0", "5"))
        #expect(!holds(#"{"n":1}}"#, "n", "1") && !holds(#"{"n":[]}"#, "n", "[]"))
        #expect(holds(#"{"s":"\ud83d"}"#, "s", #""\ud83d""#) && !holds(#"{"s":"\ud83d"}"#, "s", #""\ud83e""#))
    }
}
