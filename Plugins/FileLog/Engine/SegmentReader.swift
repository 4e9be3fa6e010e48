import HoldfastProviderKit
import HoldfastSupport

/// Reads the entries of one place of a segment, a window of the file at a time.
struct SegmentReader {
    private static let windowByteCount = 256 << 10

    private let place: LogIndex.Place
    private let directory: LogDirectory
    private let name: String
    private var window: [UInt8] = []
    /// Where the window begins in the file.
    private var origin = 0

    init(_ place: LogIndex.Place, _ directory: LogDirectory) {
        self.place = place
        self.directory = directory
        name = LogFormat.segmentName(place.segment)
    }

    /// Hands out the entries.
    ///
    /// - Parameter take: borrows an entry, and says whether more are wanted.
    /// - Returns: whether all were handed out.
    /// - Throws: `corrupt` where a record is not whole.
    mutating func read(
        _ take: (UInt64, BorrowedBytes) -> Bool
    ) throws(ProviderError) -> Bool {
        do throws(FileSystemError) {
            let file = try directory.files.open(directory.file(name), .read)
            defer { directory.files.close(file) }
            var lsn = place.lsn
            var offset = place.offset
            while lsn <= place.last {
                guard let record = try record(lsn, at: &offset, in: file) else { break }
                if lsn >= place.first {
                    let payload = record.payload
                    let start = offset - origin
                    let more = unsafe window.withUnsafeBytes { bytes in
                        let slice = unsafe UnsafeRawBufferPointer(
                            rebasing: bytes[start + payload.lowerBound..<start + payload.upperBound])
                        return unsafe take(lsn, BorrowedBytes(slice))
                    }
                    if !more { return false }
                }
                offset += record.paddedByteCount
                lsn += 1
            }
            guard lsn > place.last else { return try fail(lsn, offset) }
            return true
        } catch {
            guard error.number != 0 else {
                throw ProviderError(.corrupt, error.path, vendorCode: Int64(clamping: place.first))
            }
            throw ProviderError(error)
        }
    }

    /// Ends a read at bytes that are not whole any more.
    private func fail(_ lsn: UInt64, _ offset: Int) throws(FileSystemError) -> Bool {
        throw FileSystemError(
            .read,
            path:
                "\(directory.file(name)) is damaged at offset \(offset): the record of LSN \(lsn) is not whole; "
                + "close the log and open it again to see what is", number: 0)
    }

    /// The entry with an LSN, at an offset or at the start of the next block.
    private mutating func record(
        _ lsn: UInt64, at offset: inout Int, in file: OpenFile
    ) throws(FileSystemError) -> RecordHeader? {
        let block = LogFormat.roundUp(offset, to: LogFormat.blockByteCount)
        for candidate in offset == block ? [offset] : [offset, block] {
            try fill(from: candidate, count: RecordHeader.encodedByteCount, file)
            guard candidate - origin + RecordHeader.encodedByteCount <= window.count else { continue }
            let size = unsafe Int(window.span.bytes.littleEndian(at: candidate - origin, as: UInt32.self))
            guard size >= RecordHeader.encodedByteCount, candidate + size <= place.end else { continue }
            try fill(from: candidate, count: size, file)
            if let record = unsafe RecordHeader(
                decoding: window.span.bytes, at: candidate - origin, salt: place.salt),
                record.kind == .entry, record.lsn == lsn
            {
                offset = candidate
                return record
            }
        }
        return nil
    }

    /// Sees to it that bytes of the file are in the window, as far as the place reaches.
    private mutating func fill(from offset: Int, count: Int, _ file: OpenFile) throws(FileSystemError) {
        if offset >= origin, offset + count <= origin + window.count { return }
        let size = max(0, min(max(count, Self.windowByteCount), place.end - offset))
        let files = directory.files
        if window.count > size { window.removeLast(window.count - size) }
        if window.count < size { window += [UInt8](repeating: 0, count: size - window.count) }
        origin = offset
        let read = try Self.read(files, file, into: &window, at: offset)
        window.removeLast(size - read)
    }

    private static func read(
        _ files: any FileSystem, _ file: OpenFile, into bytes: inout [UInt8], at offset: Int
    ) throws(FileSystemError) -> Int {
        var span = bytes.mutableSpan
        var raw = unsafe span.mutableBytes
        return try files.read(file, into: &raw, at: offset)
    }
}
