import HoldfastModel
import HoldfastSupport

extension JSONNode {
    /// The object that a line holds.
    ///
    /// - Throws: `invalid`, naming the column of the first byte that cannot be.
    init(line: [UInt8]) throws(HoldfastError) {
        do {
            try self.init(line)
        } catch {
            throw HoldfastError(.invalid, "column \(error.offset + 1): expected \(error.expected)")
        }
        guard kind == .object else {
            throw HoldfastError(.invalid, "column \(offset + 1): expected an object")
        }
    }
}
