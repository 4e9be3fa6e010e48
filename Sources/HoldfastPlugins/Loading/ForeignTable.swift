internal import CHoldfastProvider

/// Copies of plugins' tables: as much as both sides know, the rest zero.
///
/// This is the one bounds check on which the evolution rules of the contract rest. A plugin that was compiled against an
/// older header has a shorter table, and the functions it lacks are NULL in the copy; one of a newer header has a longer
/// table, whose tail is not looked at.
enum ForeignTable {
    /// Copies a table.
    ///
    /// - Parameters:
    ///   - pointer: a struct that begins with its `struct_size`.
    ///   - zero: the table with nothing in it.
    /// - Returns: the copy, and the size that the plugin states.
    static func copy<Table>(_ pointer: UnsafeRawPointer, into zero: Table) -> (table: Table, byteCount: Int) {
        let byteCount = Int(unsafe pointer.loadUnaligned(as: UInt32.self))
        var table = zero
        unsafe withUnsafeMutableBytes(of: &table) { target in
            let shared = unsafe UnsafeRawBufferPointer(start: pointer, count: min(byteCount, target.count))
            unsafe target.copyMemory(from: shared)
        }
        return (table, byteCount)
    }
}
