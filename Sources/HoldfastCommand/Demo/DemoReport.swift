import HoldfastConfiguration
import HoldfastModel
import HoldfastPlugins

/// What a demonstration has done and seen, told while it happens.
struct DemoReport: Sendable {
    private var answer: Answer
    private var stepCount = 0

    /// Tells it on standard output.
    init(_ answer: Answer) { self.answer = answer }

    /// Begins a step.
    mutating func step(_ text: String) throws(HoldfastError) {
        stepCount += 1
        if answer.isJSON {
            try answer.line(["step": .integer(stepCount), "does": .string(text)])
        } else {
            try answer.line("\n\(stepCount). \(text)")
        }
        try answer.flush()
    }

    /// Says what was seen to be so.
    mutating func fact(_ text: String) throws(HoldfastError) {
        if answer.isJSON {
            try answer.line(["step": .integer(stepCount), "holds": .string(text)])
        } else {
            try answer.line("   ✓ \(text)")
        }
        try answer.flush()
    }

    /// Says what the chain says about what happens to it.
    var log: HostServices.Log {
        let isJSON = answer.isJSON
        return { level, source, message in
            guard let line = StoreOpening.line(level, source, message) else { return }
            let text = isJSON ? JSONValue.object([JSONMember("chain", .string(line))]).text : "   · \(line)"
            // What cannot be told must not end what is shown.
            try? FileDescriptor.standardOutput.write(Array("\(text)\n".utf8))
        }
    }

    /// Says something before the first step or after the last.
    mutating func remark(_ text: String) throws(HoldfastError) {
        if answer.isJSON { try answer.line(["remark": .string(text)]) } else { try answer.line(text) }
        try answer.flush()
    }
}
