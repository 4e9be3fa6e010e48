import Glibc
import HoldfastModel

/// The words of the command line as the system hands them over: bytes, which need not be text.
struct CommandWords: Sendable {
    /// The words, without the name of the executable.
    let bytes: [[UInt8]]

    /// Words that are given.
    init(_ bytes: [[UInt8]]) { self.bytes = bytes }

    /// The words that this process was started with.
    static var ofProcess: CommandWords {
        let words = (1..<max(1, Int(CommandLine.argc))).compactMap { position in
            unsafe CommandLine.unsafeArgv[position].map { unsafe Self.bytes(of: $0) }
        }
        return CommandWords(words)
    }

    /// The bytes of a C string, without its end.
    static func bytes(of text: UnsafePointer<CChar>) -> [UInt8] {
        unsafe UnsafeRawBufferPointer(start: text, count: strlen(text)).map { $0 }
    }

    /// Refuses words that are no text: what stood in their place would be stored, or looked for, under another name.
    ///
    /// What stands behind `--` of `holdfast lock` is another command's, and goes to it as it is.
    ///
    /// - Throws: `invalid` with the position of the first such word.
    func check() throws(HoldfastError) {
        let isLock = bytes.first.map { $0.elementsEqual("lock".utf8) } ?? false
        let own = isLock ? bytes.prefix { !$0.elementsEqual("--".utf8) } : bytes[...]
        for (position, word) in own.enumerated() where String(validating: word, as: UTF8.self) == nil {
            throw HoldfastError(
                .invalid,
                "argument \(position + 1), \"\(String(decoding: word, as: UTF8.self))\", is not UTF-8, expected text in UTF-8"
            )
        }
    }
}
