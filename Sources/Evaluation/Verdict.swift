/// Which of two outputs for one item a judge preferred; A is the candidate, B what it is compared with.
public enum Verdict: String, Sendable, CaseIterable {
    /// A is better.
    case win
    /// Neither is better.
    case tie
    /// B is better.
    case loss

    /// The score of A: 1 for a win, one half for a tie, 0 for a loss.
    public var score: Double {
        switch self {
        case .win: 1
        case .tie: 0.5
        case .loss: 0
        }
    }
}

/// One item judged once: the two scores of one prompt's outputs, and the verdict that follows.
///
/// Verdicts of several orders or judges on one item must be collapsed to one comparison first: rows that add no prompts
/// make every standard error too small.
public struct Comparison: Sendable, Equatable {
    /// The item's id: one prompt.
    public let item: String
    /// The patient whom the item is about; items of one patient are not independent.
    public let cluster: String
    /// The judge's score of A; higher is better.
    public let scoreA: Double
    /// The judge's score of B; higher is better.
    public let scoreB: Double
    /// Which output is preferred.
    public let verdict: Verdict

    /// Compares two scores; those that differ by no more than `tieMargin` (zero or more) tie.
    ///
    /// Both scores must be finite.
    public init(item: String, cluster: String, scoreA: Double, scoreB: Double, tieMargin: Double = 0) {
        precondition(scoreA.isFinite && scoreB.isFinite, "scores must be finite, found \(scoreA) and \(scoreB)")
        precondition(tieMargin >= 0, "a tie margin is zero or more, found \(tieMargin)")
        self.item = item
        self.cluster = cluster
        self.scoreA = scoreA
        self.scoreB = scoreB
        verdict = abs(scoreA - scoreB) <= tieMargin ? .tie : scoreA > scoreB ? .win : .loss
    }

    /// Takes a verdict as it was given; the scores are those of the verdict.
    public init(item: String, cluster: String, verdict: Verdict) {
        self.item = item
        self.cluster = cluster
        self.verdict = verdict
        scoreA = verdict.score
        scoreB = 1 - verdict.score
    }

    /// The score of A: 1, one half or 0.
    public var score: Double { verdict.score }
}
