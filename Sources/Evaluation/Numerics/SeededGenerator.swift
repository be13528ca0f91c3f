/// A small generator of random numbers that gives the same sequence for a seed on every machine (SplitMix64).
///
/// For resampling and for drawing examples, not for secrets. Steele, Lea and Flood, OOPSLA 2014.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// Starts the sequence of a seed.
    public init(seed: UInt64) {
        state = seed
    }

    /// The next 64 bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// A whole number from 0 to `bound − 1`, each as likely; `bound` must be positive.
    ///
    /// Our own reduction, because the standard library does not promise to keep its own.
    public mutating func index(below bound: Int) -> Int {
        precondition(bound > 0, "a bound must be positive, found \(bound)")
        let range = UInt64(bound)
        let limit = UInt64.max - (UInt64.max % range + 1) % range
        var word = next()
        while word > limit { word = next() }
        return Int(word % range)
    }
}
