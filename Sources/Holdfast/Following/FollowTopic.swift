internal import HoldfastModel

/// What the hub knows of one list that is followed: how far it has read, and the newest items.
///
/// The first read asks for the last id alone. So `start` and `tail` are always ids that were read: an item that arrives
/// later is after both, since a list never takes an item before one that somebody has read.
struct FollowTopic {
    /// Somebody who waits for the next item.
    struct Waiter {
        let number: Int
        /// Who waits.
        let seat: ObjectIdentifier
        let continuation: CheckedContinuation<Result<Void, HoldfastError>, Never>
        /// Monotonic nanoseconds after which it is woken without an item.
        let deadline: Int64?
    }

    /// What a follower finds.
    enum Look {
        /// The items after its place, in order, at least one.
        case items(ArraySlice<Item>)
        /// Its place is before what is kept: everything up to the id must be read by itself.
        case behind(Version)
        /// There is nothing after its place yet.
        case nothing
    }

    let key: String
    /// Tells the topic from an earlier one of the same list.
    let generation: Int
    /// How many follow.
    var followerCount = 0
    /// Those of them that wait.
    var waiters: [Waiter] = []
    /// Whether something may have been written since the last read began.
    var isDirty = true
    /// Whether a read is under way.
    var isReading = false
    /// Whether the last read was of no use, and the next one waits for its time.
    var isHeld = false
    /// Whether it stands in the queue of those to be read.
    var isQueued = false

    /// Whether the last id of the list was read.
    private(set) var isPrimed = false
    /// Everything up to it has been read.
    private(set) var tail = Version.zero
    /// What is kept comes after it.
    private(set) var start = Version.zero
    private var kept: [Item] = []
    private var keptByteCount = 0

    init(key: String, generation: Int) {
        self.key = key
        self.generation = generation
    }

    /// Whether a read would help somebody.
    var wantsRead: Bool { isDirty && !waiters.isEmpty && !isReading && !isHeld && !isQueued }

    /// Whether everything was read that is known to have been written.
    var isUpToDate: Bool { isPrimed && !isDirty && !isReading }

    /// What comes after a place.
    func look(after place: Version) -> Look {
        guard isPrimed else { return .nothing }
        guard place >= start else { return .behind(start) }
        var low = 0
        var high = kept.count
        while low < high {
            let middle = (low + high) / 2
            if kept[middle].id <= place { low = middle + 1 } else { high = middle }
        }
        return low < kept.count ? .items(kept[low...]) : .nothing
    }

    /// The question whose answer brings the topic up to date.
    func range(_ settings: FollowSettings) -> ReadRequest.Range {
        isPrimed
            ? ReadRequest.Range(after: tail, limit: UInt64(settings.pageCount))
            : ReadRequest.Range(limit: 1, reversed: true)
    }

    /// Takes what the question brought.
    ///
    /// - Returns: whether those who wait have something to look at.
    mutating func take(_ records: [Record], _ settings: FollowSettings) -> Bool {
        guard isPrimed else {
            isPrimed = true
            tail = records.first?.id ?? .zero
            start = tail
            return true
        }
        let before = tail
        for record in records where record.id > tail {
            kept.append(Item(record, key: key))
            keptByteCount += record.value.count
            tail = record.id
        }
        if records.count >= settings.pageCount { isDirty = true }
        var excess = 0
        while kept.count - excess > settings.keptCountMax
            || (keptByteCount > settings.keptByteCountMax && kept.count - excess > 1)
        {
            keptByteCount -= kept[excess].bytes.count
            start = kept[excess].id
            excess += 1
        }
        kept.removeFirst(excess)
        return tail > before
    }
}
