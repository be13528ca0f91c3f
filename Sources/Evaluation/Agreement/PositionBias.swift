/// Whether the draft on the left is chosen more often than the one on the right.
///
/// With the sides drawn by chance, either should win half of the decided comparisons. Ties choose no side: they are
/// counted, and left out of the share, its interval and the test. Each rating is taken as an independent draw of sides.
public struct PositionBias: Sendable, Equatable {
    /// How often the left one was chosen.
    public let left: Int
    /// How often neither was.
    public let ties: Int
    /// How often the right one was chosen.
    public let right: Int

    /// Counts ratings of preference (1, one half, 0; see `Rating`), repeats included.
    public init(_ ratings: [Rating]) {
        let verdicts = ratings.map { (verdict: Verdict(preference: $0.value), isSwapped: $0.isSwapped) }
        ties = verdicts.count { $0.verdict == .tie }
        left = verdicts.count { $0.verdict == ($0.isSwapped ? .loss : .win) }
        right = verdicts.count - ties - left
    }

    /// The bias of each reviewer, in byte order of their ids.
    public static func byRater(_ ratings: [Rating]) -> [(rater: String, bias: PositionBias)] {
        ratings.byRater().map { ($0.rater, PositionBias($0.ratings)) }
    }

    /// The share of the left among the comparisons that were decided; nil when none was.
    public var leftShare: Proportion? { left + right == 0 ? nil : Proportion(left, of: left + right) }
    /// Wilson's interval of that share; nil when no comparison was decided.
    public func interval(level: Double = 0.95) -> ConfidenceInterval? { leftShare?.wilson(level: level) }
    /// The exact two-sided binomial test of one half; 1 when no comparison was decided.
    public var exactP: Double { ExactTests.sign(left, right) }
    /// The share of ties; nil without ratings.
    public var tieShare: Double? {
        left + ties + right == 0 ? nil : Double(ties) / Double(left + ties + right)
    }
}
