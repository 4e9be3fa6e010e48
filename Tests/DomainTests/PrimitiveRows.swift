import Holdfast
import HoldfastModel
import Testing

extension ThreadsMethodTests {
    /// The primitives of slack-agents, and how its stores begin and end.
    static let primitiveRows: [SeedTable.Row] = [
        .init("initialize") { (store) async throws in
            #expect(try await store.primitives().get("n", "k").content == nil)
            #expect(try await store.primitives().query("n", "{}").isEmpty)
        },
        .init("close") { store in
            await store.close()
            let error = await #expect(throws: HoldfastError.self) {
                try await store.primitives().get("n", "k")
            }
            #expect(error?.code == .unavailable)
        },
        .init("get") { store in
            let primitives = store.primitives()
            let value: Bytes = #"{ "b":1.0,"a":9007199254740993,"a":"\ud83d" }"#
            try await primitives.set("n", "k/../#%_", value)
            #expect(try await primitives.get("n", "k/../#%_").content == value)
            #expect(try await primitives.get("n", "k").content == nil)
            #expect(try await primitives.get("m", "k/../#%_").content == nil)
        },
        .init("set") { store in
            let primitives = store.primitives()
            try await primitives.set("n", "k", #"{"v":1}"#)
            try await primitives.set("n", "k", #"{"v":false}"#)
            #expect(try await primitives.get("n", "k").content == #"{"v":false}"#)
            for wrong: Bytes in ["1", "[]", "null", "{", ""] {
                let error = await #expect(throws: HoldfastError.self) {
                    try await primitives.set("n", "k", wrong)
                }
                #expect(error?.code == .invalid)
            }
        },
        .init("delete") { store in
            let primitives = store.primitives()
            try await primitives.set("n", "k", "{}")
            try await primitives.append("n", "k", #"{"v":1}"#)
            try await primitives.delete("n", "k")
            try await primitives.delete("n", "k")
            #expect(try await primitives.get("n", "k").content == nil)
            #expect(try await primitives.list("n", "k").count == 1)
        },
        .init("append") { store in
            let primitives = store.primitives()
            var ids: [String] = []
            for number in 0..<5 {
                ids.append(try await primitives.append("n", "k\(number % 2)", Bytes(#"{"v":\#(number)}"#)))
            }
            #expect(ids == ids.sorted())
            #expect(Set(ids).count == 5)
            #expect(try await primitives.list("n", "k1").content.map(\.id) == [ids[1], ids[3]])
        },
        .init("get_list") { store in
            let primitives = store.primitives()
            #expect(try await primitives.list("n", "none").content.isEmpty)
            let id = try await primitives.append("n", "k", #"{"v":1,"id":7}"#)
            try await primitives.append("n", "k", #"{"v":null}"#)
            let entries = try await primitives.list("n", "k").content
            #expect(entries.map(\.json) == [#"{"v":1,"id":7}"#, #"{"v":null}"#])
            #expect(entries[0].jsonWithID == Bytes(#"{"v":1,"id":"\#(id)"}"#))
        },
        .init("query", query),
    ]

    @Sendable static func query(_ store: HistoryStore) async throws {
        let primitives = store.primitives()
        let values: [Bytes] = [
            #"{"a":1}"#, #"{"a":true}"#, #"{"a":null}"#, "{}", #"{"a":{"b":1}}"#, #"{"a":{"b":1,"c":2}}"#,
            #"{"a":[1,2]}"#, #"{"a":[1,2,3]}"#, #"{"a":"1"}"#, #"{"a":1.0,"z":2}"#,
            #"{"a":9007199254740993}"#,
            #"{"a":""}"#, #"{"a":false}"#, #"{"a":0}"#,
        ]
        for (number, value) in values.enumerated() {
            let key = "k" + String(number + 100)
            if number % 2 == 0 {
                try await primitives.set("n", key, value)
            } else {
                try await primitives.append("n", key, value)
            }
        }
        func found(_ filter: Bytes) async throws -> [Bytes] {
            try await primitives.query("n", filter).map(\.json)
        }
        #expect(try await found("{}") == values)
        #expect(try await found(#"{"a":1}"#) == [values[0], values[9]])
        #expect(try await found(#"{"a":true}"#) == [values[1]])
        #expect(try await found(#"{"a":null}"#) == [values[2]])
        #expect(try await found(#"{"a":{"b":1}}"#) == [values[4]])
        #expect(try await found(#"{"a":{"c":2.0,"b":1}}"#) == [values[5]])
        #expect(try await found(#"{"a":[1,2]}"#) == [values[6]])
        #expect(try await found(#"{"a":"1"}"#) == [values[8]])
        #expect(try await found(#"{"a":1,"z":2}"#) == [values[9]])
        #expect(try await found(#"{"a":9007199254740992}"#) == [])
        #expect(try await found(#"{"a":false}"#) == [values[12]])
        #expect(try await found(#"{"a":0}"#) == [values[13]])
        let page = try await primitives.query("n", "{}", limit: 4)
        #expect(
            try await primitives.query("n", "{}", limit: 4, after: page.next).map(\.json)
                == Array(values[4..<8]))
        let error = await #expect(throws: HoldfastError.self) { try await primitives.query("n", "[]") }
        #expect(error?.code == .invalid)
    }
}
