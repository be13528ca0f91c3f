/// Exact tests of two counts that are alike under the null hypothesis, and the correction for several of them.
public enum ExactTests {
    /// The exact two-sided sign test: `2·P(X ≤ min)` with X binomial of one half, at most 1; 1 when both counts are 0.
    public static func sign(_ first: Int, _ second: Int) -> Double {
        precondition(first >= 0 && second >= 0, "counts are zero or more, found \(first) and \(second)")
        guard first + second > 0, first != second else { return 1 }
        return min(
            1, 2 * BinomialDistribution.cumulative(min(first, second), trials: first + second, probability: 0.5))
    }

    /// The exact two-sided test of McNemar on the two discordant counts; the sign test under its other name.
    public static func mcNemar(fixed: Int, broken: Int) -> Double { sign(fixed, broken) }

    /// McNemar's mid-p: the exact p less the probability of what was seen; 1 when both counts are 0.
    public static func mcNemarMidP(fixed: Int, broken: Int) -> Double {
        let trials = fixed + broken
        let least = min(fixed, broken)
        guard trials > 0, fixed != broken else { return 1 }
        return 2 * BinomialDistribution.cumulative(least, trials: trials, probability: 0.5)
            - BinomialDistribution.mass(least, trials: trials, probability: 0.5)
    }

    /// Holm's adjusted p values, in the given order: they hold the chance of any false lead in the family.
    public static func holm(_ pValues: [Double]) -> [Double] {
        let order = pValues.indices.sorted { (pValues[$0], $0) < (pValues[$1], $1) }
        var adjusted = pValues
        var largest = 0.0
        for (rank, index) in order.enumerated() {
            largest = max(largest, min(1, pValues[index] * Double(pValues.count - rank)))
            adjusted[index] = largest
        }
        return adjusted
    }
}
