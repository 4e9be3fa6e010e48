internal import HoldfastModel

/// Random numbers that a seed repeats.
///
/// Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators (2014), SplitMix64.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    /// Random bytes, the same few thousand over and over: enough to tell a page from another.
    mutating func bytes(_ count: Int) -> Bytes {
        let block = (0..<min(count, 4099)).map { _ in UInt8(truncatingIfNeeded: next()) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count { bytes.append(contentsOf: block.prefix(count - bytes.count)) }
        return Bytes(bytes)
    }
}
