import ArgumentParser

/// For whom a command prints.
struct OutputOptions: ParsableArguments {
    /// Whether for programs.
    @Flag(name: .long, help: "Print JSON, one object a line; errors too.")
    var json = false

    /// Makes options that nobody has given.
    init() {}

    /// Where the answer goes.
    var answer: Answer { Answer(isJSON: json) }
}
