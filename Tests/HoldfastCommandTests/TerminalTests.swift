import HoldfastModel
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("What people read")
struct TerminalTests {
    @Test("columns are aligned, numbers to the right, and no line ends in blanks")
    func table() {
        var table = TextTable("name", " count", "note")
        table.append("a", "12", "")
        table.append("longer", "3", "x")
        #expect(table.text == "name    count  note\na          12\nlonger      3  x\n")
    }

    @Test("what a terminal would obey is shown instead")
    func controlCharacters() {
        #expect(TextTable.printable("a\u{1B}[2Jé") == "a\\u{1b}[2Jé")
    }

    @Test("numbers, sizes and times are written for people")
    func quantities() {
        #expect(Quantity.count(5308) == "5 308")
        #expect(Quantity.count(1_000_000, of: "message") == "1 000 000 messages")
        #expect(Quantity.count(1, of: "message") == "1 message")
        #expect(Quantity.bytes(1023) == "1023 B")
        #expect(Quantity.bytes(1536) == "1.5 KiB")
        #expect(Quantity.duration(.milliseconds(340)) == "340 ms")
        #expect(Quantity.duration(.milliseconds(2120)) == "2.1 s")
        #expect(Quantity.duration(.seconds(65)) == "1 min 5 s")
        #expect(Quantity.duration(.seconds(7380)) == "2 h 3 min")
    }

    @Test(
        "progress shows a bar, a rate and the time that remains, and never breaks the line",
        arguments: 1...200)
    func progress(columnCount: Int) {
        let position = ProgressBar.Position(done: 250, total: 1000, messageCount: 5000)
        let line = ProgressBar.line(position, elapsed: .seconds(2), columnCount: columnCount)
        #expect(line.count < columnCount)
        if columnCount > 100 {
            #expect(line.contains("25 %  5 000 messages  2 500/s  6.0 s left"))
            #expect(line.filter { $0 == "█" }.count == 10)
        }
    }

    @Test("progress without a known end shows figures alone")
    func progressWithoutTotal() {
        let position = ProgressBar.Position(done: 0, total: nil, messageCount: 10)
        #expect(
            ProgressBar.line(position, elapsed: .seconds(1), columnCount: 80) == "10 messages  10/s")
    }

    @Test(
        "every error code has the exit status of its row in docs/reference/errors.md",
        arguments: HoldfastError.Code.allCases)
    func exitStatus(code: HoldfastError.Code) throws {
        let documents =
            String(#filePath.dropLast("Tests/HoldfastCommandTests/TerminalTests.swift".count)) + "docs"
        let text = try TextFile.read("\(documents)/reference/errors.md")
        let row = try #require(text.split(separator: "\n").first { $0.hasPrefix("| `\(code)` |") })
        let cells = row.split(separator: "|").map { $0.trimmingPrefix(" ") }
        #expect(cells[3] == "\(ExitStatus(HoldfastError(code, "")).rawValue) ")
    }

    @Test("a wrong configuration has an exit status of its own")
    func configurationStatus() {
        let place = FileLocation(file: "storage.yaml", line: 1, column: 1)
        #expect(ExitStatus(HoldfastError(.invalid, "", at: place)) == .configuration)
    }
}
