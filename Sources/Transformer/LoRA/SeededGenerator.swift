/// A small counter-based generator: one seed, one named stream, the same numbers on every machine.
///
/// SplitMix64 (Steele, Lea and Flood 2014) over a state that the seed and the FNV-1a hash of the stream's name give.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    /// The state; with it a stream can be saved and continued.
    public private(set) var state: UInt64

    /// The stream `stream` of a seed.
    public init(seed: UInt64, stream: String) {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in stream.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        state = hash ^ (seed &* 0x9e37_79b9_7f4a_7c15)
    }

    /// A stream continued from a saved state.
    public init(state: UInt64) { self.state = state }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// A number in [0, 1) with 24 bits.
    public mutating func nextUnit() -> Float { Float(next() >> 40) / 16_777_216 }

    /// A number in [0, 1) with 53 bits.
    public mutating func nextDouble() -> Double { Double(next() >> 11) / 9_007_199_254_740_992 }
}
