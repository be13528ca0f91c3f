/// How often A was preferred to B: counts, rates, a standard error, an interval and a test.
///
/// The headline is the tie-half rate `(W + T/2)/n`, AlpacaEval's `win_rate` as a fraction; it is never shown without W, T
/// and L. Standard error and interval are clustered by patient (see `ClusteredMean`, also for sets that all agree).
public struct WinRate: Sendable, Equatable {
    /// How many items A won.
    public let wins: Int
    /// How many items tied.
    public let ties: Int
    /// How many items A lost.
    public let losses: Int
    /// The mean score with all that is known about it.
    public let estimate: ClusteredMean
    /// The 95 % interval (or another level) of the tie-half rate, within 0 to 1.
    public let interval: ConfidenceInterval

    /// Sums up at least one comparison, each of another item.
    public init(_ comparisons: [Comparison], level: Double = 0.95) {
        precondition(!comparisons.isEmpty, "a win rate needs a comparison")
        precondition(
            Set(comparisons.map { Array($0.item.utf8) }).count == comparisons.count,
            "\(comparisons.count) comparisons are not of as many items: collapse them first")
        wins = comparisons.count { $0.verdict == .win }
        ties = comparisons.count { $0.verdict == .tie }
        losses = comparisons.count { $0.verdict == .loss }
        let estimate = ClusteredMean(
            comparisons.map(\.score), clusters: comparisons.map(\.cluster), range: 0...1, level: level)
        guard let interval = estimate.interval else { preconditionFailure("a bounded mean always has an interval") }
        self.estimate = estimate
        self.interval = interval
    }

    /// How many items there are.
    public var total: Int { wins + ties + losses }
    /// How many patients there are.
    public var clusterCount: Int { estimate.clusterCount }
    /// The headline: a tie counts one half.
    public var tieHalf: Double { estimate.mean }
    /// The share of wins; here a tie counts as a loss.
    public var strict: Double { Double(wins) / Double(total) }
    /// The share of wins among the items that did not tie; nil when all did.
    public var decisive: Double? { wins + losses == 0 ? nil : Double(wins) / Double(wins + losses) }
    /// Wins less losses, as a share of the items.
    public var net: Double { Double(wins - losses) / Double(total) }
    /// The share of ties.
    public var tieRate: Double { Double(ties) / Double(total) }
    /// The standard error clustered by patient; nil with one patient.
    public var standardError: Double? { estimate.standardError }
    /// The exact two-sided sign test on wins and losses; ties are dropped, items are taken as independent.
    public var signTestP: Double { ExactTests.sign(wins, losses) }
}
