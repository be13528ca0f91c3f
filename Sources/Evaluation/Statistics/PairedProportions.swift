/// A pass-or-fail rule judged on the same items for two models: what A fixed, what it broke, and the difference.
public struct PairedProportions: Sendable, Equatable {
    /// One item to which the rule applies for both models.
    public struct Item: Sendable, Equatable {
        /// The patient.
        public let cluster: String
        /// Whether A, the candidate, keeps the rule.
        public let passesA: Bool
        /// Whether B keeps it.
        public let passesB: Bool

        /// Makes an item.
        public init(cluster: String, passesA: Bool, passesB: Bool) {
            self.cluster = cluster
            self.passesA = passesA
            self.passesB = passesB
        }
    }

    /// The items on which both pass.
    public let bothPass: Int
    /// The items on which B fails and A passes.
    public let fixed: Int
    /// The items on which B passes and A fails.
    public let broken: Int
    /// The items on which both fail.
    public let bothFail: Int
    /// A's pass rate less B's, with its interval clustered by patient, within −1 to 1.
    public let difference: ClusteredMean

    /// Compares two models on at least one item.
    public init(_ items: [Item], level: Double = 0.95) {
        bothPass = items.count { $0.passesA && $0.passesB }
        fixed = items.count { $0.passesA && !$0.passesB }
        broken = items.count { !$0.passesA && $0.passesB }
        bothFail = items.count { !$0.passesA && !$0.passesB }
        difference = ClusteredMean(
            items.map { ($0.passesA ? 1 : 0) - ($0.passesB ? 1 : 0) }, clusters: items.map(\.cluster), range: -1...1,
            level: level)
    }

    /// How many items the rule applies to.
    public var total: Int { bothPass + fixed + broken + bothFail }
    /// The share of items on which A passes.
    public var passRateA: Double { Double(bothPass + fixed) / Double(total) }
    /// The share of items on which B passes.
    public var passRateB: Double { Double(bothPass + broken) / Double(total) }
    /// Wald's standard error of the difference, `√(b + c − (b−c)²/n)/n`, items taken as independent.
    public var waldStandardError: Double {
        let (b, c, n) = (Double(fixed), Double(broken), Double(total))
        return max(0, b + c - (b - c) * (b - c) / n).squareRoot() / n
    }
    /// Wald's interval of the difference; nil when it would have no width.
    public func waldInterval(level: Double = 0.95) -> ConfidenceInterval? {
        let half = NormalDistribution.quantile(1 - (1 - level) / 2) * waldStandardError
        guard half > 0 else { return nil }
        return ConfidenceInterval(
            lower: difference.mean - half, upper: difference.mean + half, level: level, method: .wald)
    }
    /// The exact two-sided p of McNemar's test on `fixed` and `broken`.
    public var exactP: Double { ExactTests.mcNemar(fixed: fixed, broken: broken) }
    /// McNemar's mid-p.
    public var midP: Double { ExactTests.mcNemarMidP(fixed: fixed, broken: broken) }
}
