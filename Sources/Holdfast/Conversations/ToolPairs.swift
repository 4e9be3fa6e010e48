/// Which messages of a history belong together because one calls a tool and another answers.
///
/// An answer belongs to the latest call before it with its id; one without an id, to the latest call. An answer whose call
/// is nowhere belongs to nothing.
struct ToolPairs {
    /// For each message, the positions of the calls that it answers.
    private let calls: [[Int]]

    /// Finds the pairs of a history.
    ///
    /// - Parameter shapes: of its messages, oldest first.
    init(_ shapes: [MessageShape]) {
        var places: [String: Int] = [:]
        var latest: Int?
        var calls: [[Int]] = []
        for (position, shape) in shapes.enumerated() {
            // What is called and answered in one message is no pair of two.
            for id in shape.calls {
                places[id] = position
                latest = position
            }
            calls.append(
                shape.answers.compactMap { id in
                    let call = id.isEmpty ? latest : places[id]
                    return call == position ? nil : call
                })
        }
        self.calls = calls
    }

    /// The first position, from one on, at which a history may begin without an answer whose call is cut off.
    ///
    /// Moves towards the newest message. Where that would leave nothing, moves back instead, and takes the calls in.
    ///
    /// - Parameter start: 0 to the number of messages.
    /// - Returns: 0 to the number of messages.
    func safeStart(from start: Int) -> Int {
        var later = start
        for position in start..<calls.count where calls[position].contains(where: { $0 < later }) {
            later = position + 1
        }
        guard later == calls.count, start < calls.count else { return later }
        var earlier = start
        // A call that is taken in may itself stand in a message that answers an earlier one.
        for position in stride(from: calls.count - 1, through: 0, by: -1) where position >= earlier {
            earlier = min(earlier, calls[position].min() ?? earlier)
        }
        return earlier
    }
}
