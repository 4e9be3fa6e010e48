/// Decides which writes to a WAL are held, so that the frames of a commit reach the file in one piece.
///
/// SQLite writes each page that a commit has changed as two writes, a header of 24 bytes and the page. Held and written
/// together, they cost one call for up to ``heldByteCountMax`` bytes. Nobody looks at a frame before SQLite has noted it in
/// the index of the WAL, and it notes the frames of a commit when the last one is written: the one whose header carries
/// the size of the database. With that one all that is held is written, so what SQLite has been told is written is in
/// the file whenever somebody may look. Only new frames, one behind the other, are held. Whatever else SQLite does to the
/// file inside of a commit ends the holding until the next.
///
/// Source: sqlite.org/fileformat2.html, section 4.1.
struct SQLiteCommitFrames: Sendable {
    /// How much is held at most: SQLite writes no more than 128 KiB less one byte in one call.
    static let heldByteCountMax = 124 << 10
    private static let headerByteCount = 24

    /// What becomes of a write.
    enum Move: Hashable, Sendable {
        /// What is held is written, then this goes where it came for.
        case pass
        /// It is held, after what is held was written where there is no room.
        case hold
        /// It is held, and with it everything is written.
        case holdAndWrite
    }

    private enum Phase {
        /// Nothing is held.
        case off
        /// A header is expected: anywhere at first, then where the last frame has ended.
        case header(at: Int64?)
        case page(at: Int64, endsCommit: Bool)
    }

    private var phase = Phase.off

    /// Begins a commit.
    mutating func begin() { phase = .header(at: nil) }

    /// Ends the holding: with a commit, or before the file is read, synced, cut or measured.
    mutating func end() { phase = .off }

    /// Decides a write.
    ///
    /// - Parameters:
    ///   - count: how many bytes it has.
    ///   - offset: where in the file it begins.
    ///   - databasePageCount: bytes 4 to 7 of it, which in a header are not zero when it ends a commit.
    /// - Returns: what becomes of it.
    mutating func move(
        count: Int, at offset: Int64, databasePageCount: @autoclosure () -> UInt32
    ) -> Move {
        switch phase {
        case .header(let expected):
            guard count == Self.headerByteCount, offset == expected ?? offset else { break }
            phase = .page(at: offset + Int64(count), endsCommit: databasePageCount() != 0)
            return .hold
        case .page(let expected, let endsCommit):
            guard offset == expected, count <= Self.heldByteCountMax - Self.headerByteCount else { break }
            phase = .header(at: offset + Int64(count))
            return endsCommit ? .holdAndWrite : .hold
        case .off: break
        }
        phase = .off
        return .pass
    }
}
