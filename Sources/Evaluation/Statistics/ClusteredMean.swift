/// The mean of one value per item, with a standard error and an interval that respect that items of a patient are alike.
///
/// With `u_g` the sum of a patient's deviations from the mean, `SE = √(Σ u_g²)/n · √(G/(G−1))` (CR1), and the interval is
/// `mean ± t(G−1)·SE`. With one item a patient this is the plain standard error and the plain t interval. Miller, "Adding
/// Error Bars to Evals", arXiv 2411.00640.
///
/// **No interval has width 0.** For values within a known range, let `ν = 1 − (α/2)^(1/G)`: with `G` patients who all
/// agree, a share of up to `ν` of all patients could differ (the exact bound of Clopper and Pearson), and could differ as
/// far as the range goes. The limits `m(1−ν) + ν·range` are used when all patients agree or there is one, and no limit of
/// a t interval is ever nearer to the mean than they are: a set with one dissenter is not surer than one with none.
public struct ClusteredMean: Sendable, Equatable {
    /// The mean of the values.
    public let mean: Double
    /// The standard error clustered by patient (CR1); nil with fewer than two patients.
    public let standardError: Double?
    /// The standard error without the correction for few patients (CR0).
    public let uncorrectedStandardError: Double
    /// The standard error that takes all items as independent, with the n−1 divisor; nil with fewer than two items.
    public let naiveStandardError: Double?
    /// How many items there are.
    public let itemCount: Int
    /// How many patients there are.
    public let clusterCount: Int
    /// The interval; nil when the range is not known and there is no variation to estimate it from.
    public let interval: ConfidenceInterval?

    /// Estimates a mean of at least one value.
    ///
    /// - Parameters:
    ///   - values: one finite value an item.
    ///   - clusters: the patient of each item; as many as there are values.
    ///   - range: the least and the greatest value an item can have, where it is known; limits stay within it.
    ///   - level: the confidence level.
    public init(_ values: [Double], clusters: [String], range: ClosedRange<Double>? = nil, level: Double = 0.95) {
        precondition(!values.isEmpty, "a mean needs a value")
        precondition(values.count == clusters.count, "\(values.count) values but \(clusters.count) clusters")
        let n = Double(values.count)
        let mean = values.reduce(0, +) / n
        var deviations: [[UInt8]: Double] = [:]
        var order: [[UInt8]] = []
        for (value, cluster) in zip(values, clusters) {
            let key = Array(cluster.utf8)
            if deviations[key] == nil { order.append(key) }
            deviations[key, default: 0] += value - mean
        }
        let groups = Double(order.count)
        let uncorrected =
            order.reduce(0) { sum, key in
                let deviation = deviations[key] ?? 0
                return sum + deviation * deviation
            }.squareRoot() / n
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        self.mean = mean
        itemCount = values.count
        clusterCount = order.count
        uncorrectedStandardError = uncorrected
        naiveStandardError = values.count > 1 ? (squares / (n - 1) / n).squareRoot() : nil
        standardError = order.count > 1 ? uncorrected * (groups / (groups - 1)).squareRoot() : nil
        interval = Self.interval(
            mean: mean, standardError: standardError, clusterCount: order.count, range: range, level: level)
    }

    /// Smaller standard errors are rounding: all patients agree.
    private static let negligible = 1e-12

    private static func interval(
        mean: Double, standardError: Double?, clusterCount: Int, range: ClosedRange<Double>?, level: Double
    ) -> ConfidenceInterval? {
        var limits: (lower: Double, upper: Double)?
        if let standardError, standardError > negligible * max(1, abs(mean)) {
            let t = StudentDistribution.quantile(
                1 - (1 - level) / 2, degreesOfFreedom: Double(clusterCount - 1))
            limits = (mean - t * standardError, mean + t * standardError)
        }
        guard let range else {
            return limits.map {
                ConfidenceInterval(lower: $0.lower, upper: $0.upper, level: level, method: .clusteredT)
            }
        }
        let bound = agreementBound(mean: mean, clusterCount: clusterCount, range: range, level: level)
        guard let limits else {
            return ConfidenceInterval(lower: bound.lower, upper: bound.upper, level: level, method: .agreementBound)
        }
        let widened = bound.lower < limits.lower || bound.upper > limits.upper
        return ConfidenceInterval(
            lower: max(range.lowerBound, min(limits.lower, bound.lower)),
            upper: min(range.upperBound, max(limits.upper, bound.upper)),
            level: level, method: widened ? .clusteredTWidened : .clusteredT)
    }

    /// What as many patients who all agree leave open.
    static func agreementBound(
        mean: Double, clusterCount: Int, range: ClosedRange<Double>, level: Double
    ) -> (lower: Double, upper: Double) {
        let share = Proportion.differingShare(trials: clusterCount, tail: (1 - level) / 2)
        return (
            mean * (1 - share) + range.lowerBound * share,
            mean * (1 - share) + range.upperBound * share
        )
    }
}
