internal import CHoldfastProvider
private import Glibc
internal import HoldfastModel
internal import HoldfastSupport

/// Where a plugin's answers go while its call runs, and nowhere afterwards.
///
/// The context that a plugin gets is a number, never an address: a plugin that calls a sink after its call has returned,
/// or from another thread, finds no slot and is told to stop. Numbers are never used twice.
///
/// | bits | field |
/// |---|---|
/// | 63…40 | which open store, so that the right one is blamed |
/// | 39…0 | the sink, counted from 1 |
@safe final class AnswerSlots {
    private var firstNumber: UInt = 0
    private var collectors: [AnswerCollector] = []
    private var sinks: UnsafeMutablePointer<hf_sink>
    private var capacity: Int
    private var nextNumber: UInt = 1

    init() {
        capacity = 16
        unsafe sinks = .allocate(capacity: capacity)
    }

    deinit { unsafe sinks.deallocate() }

    /// Opens one slot for each collector.
    ///
    /// - Parameters:
    ///   - collectors: what takes the answers.
    ///   - owner: who is to blame for a late answer.
    /// - Returns: sinks in the order of the collectors.
    func open(_ collectors: [AnswerCollector], owner: LateAnswers) -> UnsafeMutablePointer<hf_sink> {
        if collectors.count > capacity {
            unsafe sinks.deallocate()
            while capacity < collectors.count { capacity *= 2 }
            unsafe sinks = .allocate(capacity: capacity)
        }
        firstNumber = owner.number << 40 | owner.draw(UInt(collectors.count))
        self.collectors = collectors
        for position in 0..<collectors.count {
            unsafe (sinks + position).initialize(
                to: hf_sink(
                    struct_size: UInt32(MemoryLayout<hf_sink>.size), reserved: 0, context: context(position),
                    records: { @Sendable context, records, count, stride in
                        guard let collector = unsafe AnswerSlots.collector(of: context) else { return 1 }
                        return unsafe collector.take(records, count: count, stride: stride)
                    }))
        }
        unsafe pthread_setspecific(AnswerSlots.running, Unmanaged.passUnretained(self).toOpaque())
        return unsafe sinks
    }

    /// The context of a slot, for callbacks that are not sinks.
    func context(_ position: Int) -> UnsafeMutableRawPointer? {
        unsafe UnsafeMutableRawPointer(bitPattern: firstNumber + UInt(position))
    }

    /// Closes all slots: whoever calls from here on is late.
    func close() {
        pthread_setspecific(AnswerSlots.running, nil)
        collectors.removeAll(keepingCapacity: true)
        firstNumber = 0
    }

    /// The collector of a context, if its call runs on this thread.
    static func collector(of context: UnsafeMutableRawPointer?) -> AnswerCollector? {
        let number = UInt(bitPattern: context)
        if let pointer = unsafe pthread_getspecific(running) {
            let slots = unsafe Unmanaged<AnswerSlots>.fromOpaque(pointer).takeUnretainedValue()
            let position = number &- slots.firstNumber
            if slots.firstNumber != 0, position < UInt(slots.collectors.count) {
                return slots.collectors[Int(position)]
            }
        }
        LateAnswers.blame(number >> 40)
        return nil
    }

    /// The slots of the call that runs on the calling thread.
    private static let running: pthread_key_t = {
        var key = pthread_key_t()
        unsafe pthread_key_create(&key, nil)
        return key
    }()
}

/// Counts the answers that came when nobody asked, for each open store.
final class LateAnswers: Sendable {
    /// What is written into the upper bits of a context.
    let number: UInt
    private let state = Guarded<(count: Int, next: UInt)>((0, 1))
    private static let all = Guarded<(next: UInt, owners: [UInt: LateAnswers])>((1, [:]))

    /// Registers a store.
    init() {
        number = Self.all.withLock { all in
            defer { all.next = (all.next + 1) & 0xFF_FFFF }
            return all.next
        }
        let number = number
        Self.all.withLock { $0.owners[number] = self }
    }

    /// Ends the registration; a later answer is ignored.
    func forget() {
        let number = number
        _ = Self.all.withLock { $0.owners.removeValue(forKey: number) }
    }

    /// Draws numbers that this store has never used.
    func draw(_ count: UInt) -> UInt {
        state.withLock { state in
            defer { state.next = (state.next + count) & 0xFF_FFFF_FFFF }
            return state.next
        }
    }

    /// Takes the count since it was last taken.
    func take() -> Int {
        state.withLock { state in
            defer { state.count = 0 }
            return state.count
        }
    }

    fileprivate static func blame(_ number: UInt) {
        let owner = all.withLock { $0.owners[number] }
        owner?.state.withLock { $0.count += 1 }
    }
}
