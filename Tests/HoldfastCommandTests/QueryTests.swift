import Holdfast
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("holdfast query")
struct QueryTests {
    @Test(
        "a condition is a field, an operator and a value",
        arguments: [
            ("state=DONE", Operand.member("state").equals("DONE")), ("n=1", Operand.member("n").equals(1)),
            ("n=\"1\"", Operand.member("n").equals("1")),
            ("n>=1.5", Operand.member("n").isAtLeast(.init(json: "1.5"))),
            ("/a/b!=null", !Operand.pointer("/a/b").equals(.null)),
            ("@key^=run-", Operand.key.hasPrefix("run-")),
            ("text*=a=b", Operand.member("text").contains("a=b")),
            ("n<=x", Operand.member("n").isAtMost("x")),
            ("empty=", Operand.member("empty").equals("")),
        ])
    func clauses(text: String, predicate: Predicate) throws {
        #expect(try QueryClause(text).predicate == predicate)
    }

    @Test("a text without a field or an operator is refused", arguments: ["", "state", "=x"])
    func wrongClauses(text: String) {
        #expect(throws: HoldfastError.self) { try QueryClause(text) }
    }

    @Test("records are found, counted and grouped, for people and for programs")
    func endToEnd() throws {
        let home = try Home()
        for (session, message) in [
            ("s1", #"{"role":"user","n":1}"#), ("s2", #"{"role":"assistant","n":2}"#),
            ("s1", #"{"role":"user","n":3}"#),
        ] {
            #expect(try ExecutableRun("append", session, message, in: home).status == 0)
        }
        func query(_ arguments: String...) throws -> ExecutableRun {
            try ExecutableRun(["query", "conversations", "--items"] + arguments, in: home)
        }
        #expect(
            try query("--where", "role=user", "--order=-n").lines == [
                #"s1\#t{"role":"user","n":3}"#, #"s1\#t{"role":"user","n":1}"#,
            ])
        #expect(try query("--where", "n>1", "--count").lines == ["2"])
        #expect(try query("--count", "--json").lines == [#"{"count":3}"#])
        #expect(
            try query("--group-by", "role", "--sum", "n").lines == ["\"assistant\"\t1\t2", "\"user\"\t2\t4"])
        #expect(
            try query("--group-by", "role", "--sum", "n", "--json").lines.last
                == #"{"by":["user"],"count":2,"sums":[4]}"#)
        let page = try query("--order", "n", "--limit", "1", "--json")
        #expect(
            page.lines.first?.contains(#""key":"s1""#) == true
                && page.lines.last?.contains(#""next""#) == true)
        #expect(try query("--filter", #"{"like":1}"#).status == ExitStatus.data.rawValue)
        #expect(try query("--where", "role").errors.contains("expected FIELD=VALUE"))
    }
}
