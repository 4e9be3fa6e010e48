internal import CHoldfastProvider

/// Takes the records of an answer; used only until the call returns.
@safe public struct RecordSink: ~Copyable {
    private let sink: hf_sink
    /// How many records were pushed.
    public private(set) var count = 0
    /// Whether the host wants no more.
    public private(set) var isStopped = false

    init(_ sink: UnsafePointer<hf_sink>?) {
        unsafe self.sink = sink.map { unsafe knownFields(of: $0, hf_sink()) } ?? hf_sink()
    }

    /// Hands one record over; its bytes may die after the return.
    ///
    /// - Returns: whether the host wants more.
    public mutating func push(_ record: OutgoingRecord) -> Bool {
        unsafe withUnsafePointer(to: record) { unsafe push(start: $0, count: 1) }
    }

    /// Hands many records over at once; their bytes may die after the return.
    ///
    /// - Returns: whether the host wants more.
    public mutating func push(contentsOf records: [OutgoingRecord]) -> Bool {
        if records.isEmpty { return !isStopped }
        return unsafe records.withUnsafeBufferPointer { buffer in
            unsafe buffer.baseAddress.map { unsafe push(start: $0, count: buffer.count) } ?? false
        }
    }

    private mutating func push(start: UnsafePointer<OutgoingRecord>, count: Int) -> Bool {
        guard !isStopped, let take = unsafe sink.records else { return false }
        // An outgoing record is one C record and nothing else, so an array of them is an array of those.
        let records = unsafe UnsafeRawPointer(start).assumingMemoryBound(to: hf_record.self)
        self.count += count
        isStopped = unsafe take(sink.context, records, count, MemoryLayout<OutgoingRecord>.stride) != 0
        return !isStopped
    }
}

@available(*, unavailable) extension RecordSink: Sendable {}

/// One question of a batch of reads.
public struct ReadRequest {
    /// Whose document, or whose list.
    public let address: BorrowedAddress
    /// The page of the list, or nothing for the document.
    public let range: ListRange?
}

@available(*, unavailable) extension ReadRequest: Sendable {}

/// Questions about many addresses, each with a sink of its own; lent for one call.
@safe public struct ReadBuffer: RandomAccessCollection {
    private let addresses: UnsafeRawPointer?
    private let ranges: UnsafePointer<UnsafePointer<hf_range>?>?
    private let sinks: UnsafeRawPointer?
    private let stride: Int
    /// How many there are.
    public let count: Int

    init(
        addresses: UnsafePointer<hf_record>?, ranges: UnsafePointer<UnsafePointer<hf_range>?>?,
        sinks: UnsafePointer<hf_sink>?, count: Int, stride: Int
    ) {
        unsafe self.addresses = UnsafeRawPointer(addresses)
        unsafe self.ranges = ranges
        unsafe self.sinks = UnsafeRawPointer(sinks)
        self.stride = stride
        self.count = unsafe addresses == nil || sinks == nil ? 0 : count
    }

    /// Zero.
    public var startIndex: Int { 0 }
    /// The same as ``count``.
    public var endIndex: Int { count }

    /// One question.
    public subscript(index: Int) -> ReadRequest {
        precondition(index >= 0 && index < count, "request \(index) of \(count)")
        let address = unsafe addresses.unsafelyUnwrapped + index * stride
        let record = unsafe BorrowedRecord(address.assumingMemoryBound(to: hf_record.self))
        let range = unsafe ranges?[index].map { unsafe ListRange($0) }
        return ReadRequest(address: record.address, range: range)
    }

    /// Where the answer of one question goes; a document that is not there is answered with nothing.
    public func sink(at index: Int) -> RecordSink {
        precondition(index >= 0 && index < count, "request \(index) of \(count)")
        // The sinks of one call are of one size, which each of them carries.
        let size = unsafe Int(sinks.unsafelyUnwrapped.load(as: UInt32.self))
        let sink = unsafe sinks.unsafelyUnwrapped + index * size
        return unsafe RecordSink(sink.assumingMemoryBound(to: hf_sink.self))
    }
}

@available(*, unavailable) extension ReadBuffer: Sendable {}
