internal import HoldfastModel

/// What turns one list of values into another with the fewest new items, so that what stays keeps its id and time.
///
/// The common beginning stays. So does the common end where items before it only go or change: an item cannot be put
/// in front of one that is there.
struct MessageDifference: Hashable, Sendable {
    /// An item that stays in its place and gets another value.
    struct Edit: Hashable, Sendable {
        /// Its position in the old list.
        let old: Int
        /// The position of the value in the new one.
        let new: Int
    }

    /// How many values at the beginning stay.
    let keptCount: Int
    /// Positions in the old list whose items go.
    let removed: Range<Int>
    /// See ``Edit``.
    let edited: [Edit]
    /// Positions in the new list that are appended.
    let appended: Range<Int>

    init(from old: [Bytes], to new: [Bytes]) {
        let shorter = min(old.count, new.count)
        var prefix = 0
        while prefix < shorter, old[prefix] == new[prefix] { prefix += 1 }
        var suffix = 0
        while suffix < shorter - prefix, old[old.count - 1 - suffix] == new[new.count - 1 - suffix] {
            suffix += 1
        }
        let oldMiddle = old.count - prefix - suffix
        let newMiddle = new.count - prefix - suffix
        if suffix > 0, newMiddle <= oldMiddle {
            let first = prefix + oldMiddle - newMiddle
            removed = prefix..<first
            edited = (0..<newMiddle).map { Edit(old: first + $0, new: prefix + $0) }
            appended = new.count..<new.count
        } else {
            removed = prefix..<old.count
            edited = []
            appended = prefix..<new.count
        }
        keptCount = prefix
    }

    /// Whether an item that somebody may have read goes or changes.
    var changesPast: Bool { !removed.isEmpty || !edited.isEmpty }
    /// Whether the lists are equal.
    var isEmpty: Bool { !changesPast && appended.isEmpty }
}
