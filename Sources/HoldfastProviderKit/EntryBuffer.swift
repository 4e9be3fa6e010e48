internal import CHoldfastProvider

/// The entries of one append to a log, lent for one call.
@safe public struct EntryBuffer: RandomAccessCollection {
    private let start: UnsafePointer<hf_bytes>?
    /// How many there are.
    public let count: Int

    init(start: UnsafePointer<hf_bytes>?, count: Int) {
        unsafe self.start = start
        self.count = unsafe start == nil ? 0 : count
    }

    /// Zero.
    public var startIndex: Int { 0 }
    /// The same as ``count``.
    public var endIndex: Int { count }

    /// One entry.
    public subscript(index: Int) -> BorrowedBytes {
        precondition(index >= 0 && index < count, "entry \(index) of \(count)")
        return unsafe start.map { unsafe BorrowedBytes($0[index]) } ?? .empty
    }
}

@available(*, unavailable) extension EntryBuffer: Sendable {}

/// Takes the entries of a log that is read; used only until the call returns.
@safe public struct EntrySink: ~Copyable {
    typealias Take = @convention(c) (UnsafeMutableRawPointer?, UInt64, hf_bytes) -> Int32

    private let take: Take?
    private let context: UnsafeMutableRawPointer?
    /// Whether the host wants no more.
    public private(set) var isStopped = false

    init(_ take: Take?, context: UnsafeMutableRawPointer?) {
        unsafe self.take = take
        unsafe self.context = context
    }

    /// Hands one entry over; its bytes may die after the return.
    ///
    /// - Returns: whether the host wants more.
    public mutating func push(lsn: UInt64, _ entry: BorrowedBytes) -> Bool {
        guard !isStopped, let take = unsafe take else { return false }
        isStopped = unsafe take(context, lsn, entry.crossing) != 0
        return !isStopped
    }
}

@available(*, unavailable) extension EntrySink: Sendable {}

/// Takes what `verify` finds; used only until the call returns.
@safe public struct FindingSink: ~Copyable {
    typealias Take = @convention(c) (UnsafeMutableRawPointer?, UnsafePointer<hf_log_finding>?) -> Int32

    private let take: Take?
    private let context: UnsafeMutableRawPointer?
    /// Whether the host wants no more.
    public private(set) var isStopped = false

    init(_ take: Take?, context: UnsafeMutableRawPointer?) {
        unsafe self.take = take
        unsafe self.context = context
    }

    /// Hands one finding over.
    ///
    /// - Returns: whether the host wants more.
    public mutating func push(_ finding: LogFinding) -> Bool {
        guard !isStopped, let take = unsafe take else { return false }
        var file = finding.file
        var message = finding.message
        let answer = file.withUTF8 { file in
            message.withUTF8 { message in
                var crossing = unsafe hf_log_finding()
                unsafe crossing.struct_size = UInt32(MemoryLayout<hf_log_finding>.size)
                unsafe crossing.kind = finding.kind.rawValue
                unsafe crossing.first_lsn = finding.firstLSN
                unsafe crossing.last_lsn = finding.lastLSN
                unsafe crossing.offset = finding.offset
                unsafe crossing.size = finding.byteCount
                unsafe crossing.file = hf_bytes(data: file.baseAddress, size: file.count)
                unsafe crossing.message = hf_bytes(data: message.baseAddress, size: message.count)
                return unsafe take(context, &crossing)
            }
        }
        isStopped = answer != 0
        return !isStopped
    }
}

@available(*, unavailable) extension FindingSink: Sendable {}
