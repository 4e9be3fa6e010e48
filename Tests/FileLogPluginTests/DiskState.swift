/// What a simulated disk holds: in its cache, and durably.
struct DiskState: Sendable {
    var files: [Int: DiskFile] = [:]
    var names: [String: Int] = [:]
    var durableNames: [String: Int] = [:]
    var pending: [DiskEntry] = []
    var open: [Int32: Int] = [:]
    var locked: [Int: Int32] = [:]
    var nextDescriptor: Int32 = 3
    var nextFile = 1
    var calls = 0
    var isCut = false
    var isFull = false
    var plan: @Sendable (Int) -> SimulatedDisk.Fault? = { _ in nil }

    /// Ends every process.
    mutating func kill() {
        open = [:]
        locked = [:]
        plan = { _ in nil }
        isCut = false
        isFull = false
    }
}

/// One file of a simulated disk.
struct DiskFile: Sendable {
    var bytes: [UInt8] = []
    var durable: [UInt8] = []
    var dirty: Set<Int> = []

    mutating func write(_ source: ArraySlice<UInt8>, at offset: Int) {
        guard !source.isEmpty else { return }
        let end = offset + source.count
        if bytes.count < end { bytes.append(contentsOf: repeatElement(0, count: end - bytes.count)) }
        bytes.replaceSubrange(offset..<end, with: source)
        let size = SimulatedDisk.sectorByteCount
        for sector in offset / size..<(end + size - 1) / size { dirty.insert(sector) }
    }

    mutating func truncate(_ size: Int) {
        bytes.removeLast(max(0, bytes.count - size))
        bytes.append(contentsOf: repeatElement(0, count: size - bytes.count))
    }

    mutating func sync() {
        durable.removeLast(max(0, durable.count - bytes.count))
        durable.append(contentsOf: repeatElement(0, count: bytes.count - durable.count))
        for sector in dirty { keep(sector) }
        dirty = []
    }

    /// Keeps, drops or garbles each dirty sector.
    mutating func settle(_ mood: Int, _ generator: inout SeededGenerator) {
        for sector in dirty.sorted() {
            let fate = mood < 2 ? mood : Int.random(in: 0..<mood, using: &generator)
            guard fate != 0 else { continue }
            keep(sector)
            guard fate == 2 else { continue }
            let garbage = UInt8(truncatingIfNeeded: generator.next())
            for index in range(sector) { durable[index] = garbage &+ UInt8(truncatingIfNeeded: index &* 7) }
        }
        bytes = durable
        dirty = []
    }

    /// Keeps exactly these of the dirty sectors.
    mutating func settle(keeping isKept: (Int) -> Bool) {
        for (index, sector) in dirty.sorted().enumerated() where isKept(index) { keep(sector) }
        bytes = durable
        dirty = []
    }

    private func range(_ sector: Int) -> Range<Int> {
        let start = sector * SimulatedDisk.sectorByteCount
        return start..<max(start, min(start + SimulatedDisk.sectorByteCount, bytes.count))
    }

    private mutating func keep(_ sector: Int) {
        let range = range(sector)
        guard !range.isEmpty else { return }
        if durable.count < range.upperBound {
            durable.append(contentsOf: repeatElement(0, count: range.upperBound - durable.count))
        }
        durable.replaceSubrange(range, with: bytes[range])
    }
}

/// A change of the names on a simulated disk.
enum DiskEntry: Sendable {
    case link(String, Int)
    case unlink(String)
    case rename(String, String)

    func apply(to names: inout [String: Int]) {
        switch self {
        case .link(let path, let number): names[path] = number
        case .unlink(let path): names[path] = nil
        case .rename(let old, let new): names[new] = names.removeValue(forKey: old)
        }
    }
}

/// The generator of SplitMix64: the same numbers for the same seed.
///
/// Source: Steele, Lea, Flood: Fast splittable pseudorandom number generators (2014).
struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
