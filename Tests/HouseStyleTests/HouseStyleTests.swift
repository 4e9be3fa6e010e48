import Testing

@Suite("House style")
struct HouseStyleTests {
    @Test("a Swift file of a product has at most 400 lines")
    func productFileSize() {
        #expect(Repository.products.count > 50, "the files of the repository have not been found")
        #expect(Repository.products.filter { $0.lines.count > 401 }.map(\.path) == [])
    }

    @Test("a file of tests has at most 500 lines")
    func testFileSize() {
        #expect(Repository.tests.filter { $0.lines.count > 501 }.map(\.path) == [])
    }

    @Test("a C file has at most 420 lines")
    func cFileSize() {
        #expect(Repository.c.filter { $0.lines.count > 421 }.map(\.path) == [])
    }

    @Test("a function has at most 60 lines")
    func functionSize() {
        let long = (Repository.products + Repository.tests).flatMap { file in
            file.functions.filter { $0.lineCount > 60 }.map {
                "\(file.path):\($0.line): \($0.lineCount) lines"
            }
        }
        #expect(long == [])
    }

    @Test("unsafe code stands in the bridging files alone")
    func unsafeCode() {
        let wrong = Repository.products.filter { file in !Exceptions.isBridging(file.path) }.flatMap { file in
            file.places(with: "unsafe") { $0.contains(/\bunsafe\b/) }
        }
        #expect(wrong == [])
    }

    @Test("every file in the list of bridging files is there, and needs to be in it")
    func bridgingList() {
        let used = Set(
            Repository.products.filter { !$0.places(with: "unsafe") { $0.contains(/\bunsafe\b/) }.isEmpty }
                .map(\.path))
        #expect(Exceptions.bridgingFiles.filter { !used.contains($0) } == [])
    }

    @Test("what the compiler is told not to check says why in a comment")
    func unchecked() {
        let wrong = (Repository.products + Repository.tests).flatMap { file in
            file.code.filter { $0.text.contains("@unchecked") || $0.text.contains("nonisolated(unsafe)") }
                .filter { line in
                    let near = file.lines[max(0, line.number - 3)...min(file.lines.count - 1, line.number)]
                    return !near.contains { $0.contains(/\/\/ ?[@A-Za-z]/) }
                }.map { "\(file.path):\($0.number)" }
        }
        #expect(wrong == [])
    }

    @Test("no product imports Foundation, Dispatch or NIO, and no test does without a reason")
    func imports() {
        let files = Repository.products + Repository.tests
        let wrong = files.filter { !Exceptions.importsFoundation($0.path) }.flatMap { file in
            file.places(with: "import ") { $0.contains(/^\s*(\w+ )?import (Foundation|Dispatch)/) }
        }
        #expect(wrong == [])
        let networked = files.filter { !Exceptions.importsNIO($0.path) }.flatMap { file in
            file.places(with: "import ") { $0.contains(/^\s*(\w+ )?import NIO/) }
        }
        #expect(networked == [])
    }

    @Test("no test waits for a time instead of a condition")
    func sleeps() {
        let wrong = Repository.tests.flatMap { file in
            file.places(with: "sleep(") {
                $0.contains(/\b(usleep|nanosleep|sleep)\(/) || $0.contains(/\.sleep\(/)
            }
        }
        #expect(wrong == [])
    }

    @Test("nothing traps without a sentence, nothing is left for later")
    func traps() {
        let wrong = (Repository.products + Repository.tests).flatMap { file in
            file.places(with: "try!", "fatalError", "as!") { $0.contains(/\btry!|fatalError\(\)|\bas!/) }
                + file.lines.enumerated().filter { line in
                    ["TO", "FIX", "XX", "HA"].contains { line.element.contains($0) }
                        && line.element.contains(/\b(TO[D]O|FIX[M]E|XX[X]|HA[C]K)\b/)
                }
                .map {
                    "\(file.path):\($0.offset + 1): \($0.element)"
                }
        }
        #expect(wrong == [])
    }

    @Test("no file is named after what anything could be called")
    func names() {
        let vague = ["Utils", "Util", "Helpers", "Helper", "Common", "Manager", "Misc", "New", "Placeholder"]
        let wrong = (Repository.products + Repository.tests).map(\.path).filter { path in
            let name = path.split(separator: "/").last.map { $0.dropLast(".swift".count) } ?? ""
            return vague.contains { name.hasSuffix($0) }
        }
        #expect(wrong == [])
    }

    @Test("every suite and every test states its rule in words")
    func displayNames() {
        let wrong = Repository.tests.flatMap { file in
            file.lines.enumerated().filter {
                $0.element.contains("@") && $0.element.contains(/^\s*@(Test|Suite)(\s|$|\((?!\s*$|"))/)
            }.map {
                "\(file.path):\($0.offset + 1): \($0.element)"
            }
        }
        #expect(wrong == [])
    }
}

extension SourceFile {
    /// The functions of the file: where each begins, and how many lines it has.
    ///
    /// The formatter puts the closing brace of a declaration under its first letter, so no parser is needed.
    var functions: [(line: Int, lineCount: Int)] {
        lines.indices.compactMap { start in
            let line = lines[start]
            guard ["func ", "init", "subscript"].contains(where: { line.contains($0) }),
                line.contains(/^\s*(@\w+(\([^)]*\))? )*([a-z()]+ )*(func |init[?(<]|deinit |subscript[(<])/)
            else {
                return nil
            }
            let indentation = line.prefix { $0 == " " }
            guard let brace = lines[start...].firstIndex(where: { $0.hasSuffix("{") }) else { return nil }
            // What stands between the name and the brace is indented, or closes the list of parameters; a requirement
            // of a protocol has something else there.
            let isSignature = lines[start...brace].dropFirst().allSatisfy {
                $0.hasPrefix(indentation + " ") || $0.hasPrefix(indentation + ")") || $0 == indentation + "{"
            }
            guard isSignature, !line.hasSuffix("}") else { return nil }
            guard let end = lines[brace...].firstIndex(where: { $0 == indentation + "}" }) else { return nil }
            return (start + 1, end - start + 1)
        }
    }
}
