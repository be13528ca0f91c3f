/// What a comparison of a given size can show: planning figures for the tie-half win rate.
///
/// The null hypothesis is a rate of one half. With ties at rate `t` the score's variance is `¼(1−t)` under it and
/// `w + t/4 − μ²` with `w = μ − t/2` at the rate `μ`; the normal approximation gives
/// `n = [(z_{1−α/2}·√v₀ + z_power·√v₁)/(μ − ½)]²`.
public enum DetectableWinRate {
    /// How many items (not rounded) are needed to show a tie-half rate above one half.
    ///
    /// - Parameters:
    ///   - rate: the true tie-half rate, above one half and at most `1 − tieRate/2`.
    ///   - tieRate: the share of ties, from 0 to less than 1.
    ///   - power: the chance of showing it.
    ///   - level: the confidence level of the interval that must exclude one half.
    public static func itemsNeeded(
        rate: Double, tieRate: Double = 0, power: Double = 0.8, level: Double = 0.95
    ) -> Double {
        precondition(rate > 0.5 && rate <= 1 - tieRate / 2 + 1e-12, "no such rate: \(rate) with ties at \(tieRate)")
        let nullVariance = 0.25 * (1 - tieRate)
        let variance = max(0, rate - tieRate / 2 + tieRate / 4 - rate * rate)
        let reach =
            NormalDistribution.quantile(1 - (1 - level) / 2) * nullVariance.squareRoot()
            + NormalDistribution.quantile(power) * variance.squareRoot()
        return (reach / (rate - 0.5)) * (reach / (rate - 0.5))
    }

    /// The smallest tie-half rate above one half that so many items can show; nil when no rate would be.
    ///
    /// - Parameters:
    ///   - items: how many items there are.
    ///   - tieRate: the share of ties, from 0 to 1.
    ///   - designEffect: by how much patients with several items inflate the variance, 1 or more.
    ///   - power: the chance of showing it.
    ///   - level: the confidence level.
    public static func smallest(
        items: Int, tieRate: Double = 0, designEffect: Double = 1, power: Double = 0.8, level: Double = 0.95
    ) -> Double? {
        precondition(items > 0, "items must be positive, found \(items)")
        precondition(tieRate >= 0 && tieRate <= 1, "a tie rate from 0 to 1, found \(tieRate)")
        let effective = Double(items) / max(1, designEffect)
        let highest = 1 - tieRate / 2
        func excess(_ rate: Double) -> Double {
            itemsNeeded(rate: rate, tieRate: tieRate, power: power, level: level) - effective
        }
        guard highest > 0.5 + 1e-6, excess(highest) <= 0 else { return nil }
        return root(between: 0.5 + 1e-6, and: highest, of: excess)
    }
}
