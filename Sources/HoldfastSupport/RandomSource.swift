/// Where randomness comes from; a simulation passes a seeded one.
public struct RandomSource: Sendable {
    private let draw: @Sendable () -> UInt64

    /// Makes a source of a function that draws 64 bits.
    public init(_ draw: @escaping @Sendable () -> UInt64) { self.draw = draw }

    /// The operating system's randomness.
    public static let system = RandomSource { UInt64.random(in: .min ... .max) }

    /// Draws 64 bits.
    public func next() -> UInt64 { draw() }
}
