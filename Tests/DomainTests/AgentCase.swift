import Holdfast
import HoldfastModel

/// One row of the table: a method of Kode's stores, or a way in which they failed.
struct AgentCase: Sendable {
    /// The method, or the number of the failure.
    let name: String
    /// What must hold; runs in a store that other rows use as well, so each has agents of its own.
    let run: @Sendable (HistoryStore) async throws -> Void

    init(_ name: String, _ run: @escaping @Sendable (Agents) async throws -> Void) {
        self.name = name
        self.run = { store in try await run(store.agents()) }
    }

    init(_ name: String, past run: @escaping @Sendable (Agents, HistoryStore) async throws -> Void) {
        self.name = name
        self.run = { store in try await run(store.agents(), store) }
    }
}

/// What agents keep, made up.
enum AgentSample {
    static func message(_ text: String, role: String = "user") -> Bytes {
        Bytes(#"{"role":"\#(role)","content":[{"type":"text","text":"\#(text)"}]}"#)
    }

    static func messages(_ texts: String...) -> [Bytes] { texts.map { message($0) } }

    static func call(
        _ id: String, _ name: String = "fs_read", state: String = "COMPLETED",
        at time: Int = 1_767_325_200_000,
        _ more: String = ""
    ) -> Bytes {
        Bytes(
            #"{"id":"\#(id)","name":"\#(name)","input":{"path":"/x"},"state":"\#(state)","createdAt":\#(time)"#
                + #","auditTrail":[{"state":"PENDING","timestamp":\#(time)}]\#(more)}"#)
    }

    static func event(_ sequence: Int, _ channel: String = "progress", _ type: String = "text_chunk") -> Bytes
    {
        Bytes(
            #"{"cursor":\#(sequence),"bookmark":{"seq":\#(sequence),"timestamp":1767325200456},"#
                + #""event":{"channel":"\#(channel)","type":"\#(type)"}}"#)
    }

    static func info(
        _ agent: String, template: String = "assistant", created: String = "2026-01-02T03:04:05.678Z",
        _ more: String = ""
    ) -> Bytes {
        Bytes(
            #"{"agentId":"\#(agent)","templateId":"\#(template)","createdAt":"\#(created)","lineage":["root"],"#
                + #""configVersion":"v2.7.0","messageCount":0,"lastSfpIndex":4,"metadata":{"userId":"u-17"}\#(more)}"#
        )
    }

    static func window(_ id: String, at time: Int) -> Bytes {
        Bytes(#"{"id":"\#(id)","messages":[],"events":[],"stats":{},"timestamp":\#(time)}"#)
    }

    static func snapshot(_ id: String, _ messages: [Bytes]) -> Bytes {
        let text = messages.map(\.description).joined(separator: ",")
        return Bytes(
            #"{"id":"\#(id)","messages":[\#(text)],"lastSfpIndex":4,"createdAt":"2026-01-02T03:40:05.100Z"}"#)
    }
}
