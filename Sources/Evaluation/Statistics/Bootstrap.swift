/// Resampling of whole patients, with a seed: a check of the intervals that formulas give.
public enum Bootstrap {
    /// The standard deviation of the mean over all possible resamples of items, `√(Σ(s−m)²)/n`, without a random number.
    public static func idealStandardError(_ values: [Double]) -> Double {
        precondition(!values.isEmpty, "a mean needs a value")
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot() / n
    }

    /// The percentile interval of the mean from resampled patients; nil when it would have no width.
    ///
    /// - Parameters:
    ///   - values: one value an item, at least one.
    ///   - clusters: the patient of each item.
    ///   - resamples: how many sets are drawn; 2,000 or more for a 95 % interval.
    ///   - seed: to be printed beside the interval.
    ///   - level: the confidence level.
    public static func percentileInterval(
        _ values: [Double], clusters: [String], resamples: Int = 10_000, seed: UInt64, level: Double = 0.95
    ) -> ConfidenceInterval? {
        precondition(!values.isEmpty && values.count == clusters.count, "one cluster a value, at least one")
        precondition(resamples > 0, "resamples must be positive, found \(resamples)")
        var positions: [[UInt8]: Int] = [:]
        var groups: [(sum: Double, count: Double)] = []
        for (value, cluster) in zip(values, clusters) {
            let key = Array(cluster.utf8)
            let position = positions[key] ?? groups.count
            if position == groups.count {
                positions[key] = position
                groups.append((0, 0))
            }
            groups[position].sum += value
            groups[position].count += 1
        }
        var generator = SeededGenerator(seed: seed)
        var means: [Double] = []
        means.reserveCapacity(resamples)
        for _ in 0..<resamples {
            var (sum, count) = (0.0, 0.0)
            for _ in groups.indices {
                let group = groups[generator.index(below: groups.count)]
                sum += group.sum
                count += group.count
            }
            means.append(sum / count)
        }
        means.sort()
        let tail = (1 - level) / 2
        let (lower, upper) = (quantile(tail, ofSorted: means), quantile(1 - tail, ofSorted: means))
        guard lower < upper else { return nil }
        return ConfidenceInterval(lower: lower, upper: upper, level: level, method: .bootstrapPercentile)
    }

    /// The smallest value at or below which the given share of the sorted values lies (quantile of type 1).
    public static func quantile(_ share: Double, ofSorted values: [Double]) -> Double {
        precondition(!values.isEmpty, "a quantile needs a value")
        // 0.05 · 20 must count as 1 although the product may lie a rounding above it.
        let position = (share * Double(values.count) - 1e-9).rounded(.up)
        return values[min(values.count - 1, max(0, Int(position) - 1))]
    }
}
