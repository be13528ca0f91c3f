#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A true proportion: so many successes in so many independent trials.
///
/// Not for the tie-half win rate, which varies less than a coin does.
public struct Proportion: Sendable, Equatable {
    /// How many trials succeeded.
    public let successes: Int
    /// How many trials there were.
    public let trials: Int

    /// Makes a proportion of at least one trial.
    public init(_ successes: Int, of trials: Int) {
        precondition(trials > 0, "a proportion needs a trial, found \(trials)")
        precondition(0...trials ~= successes, "successes from 0 to \(trials), found \(successes)")
        self.successes = successes
        self.trials = trials
    }

    /// The share of successes.
    public var value: Double { Double(successes) / Double(trials) }

    /// Wilson's score interval.
    public func wilson(level: Double = 0.95) -> ConfidenceInterval {
        let z = NormalDistribution.quantile(1 - (1 - level) / 2)
        let n = Double(trials)
        let denominator = 1 + z * z / n
        let centre = (value + z * z / (2 * n)) / denominator
        let half = z / denominator * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
        return ConfidenceInterval(
            lower: successes == 0 ? 0 : centre - half, upper: successes == trials ? 1 : centre + half,
            level: level, method: .wilson)
    }

    /// The exact interval of Clopper and Pearson.
    public func clopperPearson(level: Double = 0.95) -> ConfidenceInterval {
        let tail = (1 - level) / 2
        let (k, n) = (successes, trials)
        let lower =
            k == 0
            ? 0
            : root(between: 0, and: 1) {
                BetaFunction.regularized($0, complement: 1 - $0, Double(k), Double(n - k + 1)) - tail
            }
        let upper =
            k == n
            ? 1
            : root(between: 0, and: 1) { BinomialDistribution.cumulative(k, trials: n, probability: $0) - tail }
        return ConfidenceInterval(lower: lower, upper: upper, level: level, method: .clopperPearson)
    }

    /// The largest share that is compatible with never having occurred in so many trials: `1 − tail^(1/n)`.
    ///
    /// With a tail of 0.05 this is the one-sided 95 % bound behind the rule of three.
    public static func differingShare(trials: Int, tail: Double) -> Double {
        precondition(trials > 0, "a bound needs a trial, found \(trials)")
        return -expm1(log(tail) / Double(trials))
    }
}
