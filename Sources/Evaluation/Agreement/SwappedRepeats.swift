/// Pairs of drafts that were judged in both orders: how often the verdict stayed, and which side gained when it did not.
///
/// For people it is self-agreement on swapped repeats; for a model judge, the debiased verdicts. An item's score is the
/// mean of its two: rows that add no items would make every standard error too small.
public struct SwappedRepeats: Sendable, Equatable {
    /// The items, each once by each reviewer, that were judged in both orders.
    public let itemCount: Int
    /// The items with the same verdict in both orders.
    public let consistentCount: Int
    /// The hard flips, from a win to a loss, that prefer whatever is shown on the left.
    public let flipsToLeft: Int
    /// The hard flips that prefer whatever is shown on the right.
    public let flipsToRight: Int
    /// All changes of verdict, hard or from or to a tie, that favour the left.
    public let shiftsToLeft: Int
    /// All changes of verdict that favour the right.
    public let shiftsToRight: Int
    /// The mean score of the first draft, both orders averaged, clustered by exam, within 0 to 1.
    public let debiased: ClusteredMean
    /// The mean score of the first draft when it is shown on the left.
    public let scoreOnLeft: Double
    /// The mean score of the first draft when it is shown on the right.
    public let scoreOnRight: Double
    /// Raw agreement and Cohen's κ, without and with linear weights, of the verdicts in the two orders.
    public let estimates: [AgreementEstimate]

    /// The figures of agreement that are made.
    public static let statistics: [AgreementStatistic] = [.raw, .cohen(.none), .cohen(.linear)]

    /// Finds the repeats among ratings of preference (1, one half, 0; see `Rating`); nil when there are none.
    ///
    /// A repeat is the first later rating by the same reviewer of the same item under the same criterion with the sides
    /// the other way round. Repeats with the sides unchanged are left out. Give one criterion's ratings at a time.
    public init?(_ ratings: [Rating], options: AgreementOptions) {
        var firsts: [[[UInt8]]: Rating] = [:]
        var repeats: [(key: [[UInt8]], left: Rating, right: Rating)] = []
        var isRepeated: Set<[[UInt8]]> = []
        for rating in ratings {
            let key = [Array(rating.item.utf8), Array(rating.rater.utf8), Array(rating.criterion.utf8)]
            guard let first = firsts[key] else {
                firsts[key] = rating
                continue
            }
            guard first.isSwapped != rating.isSwapped, isRepeated.insert(key).inserted else { continue }
            repeats.append(first.isSwapped ? (key, rating, first) : (key, first, rating))
        }
        guard !repeats.isEmpty else { return nil }
        repeats.sort { $0.key.lexicographicallyPrecedes($1.key) { $0.lexicographicallyPrecedes($1) } }
        let onLeft = repeats.map { Verdict(preference: $0.left.value) }
        let onRight = repeats.map { Verdict(preference: $0.right.value) }
        let changes = zip(onLeft, onRight).map { $0.score - $1.score }
        let n = Double(repeats.count)
        itemCount = repeats.count
        consistentCount = changes.count { $0 == 0 }
        flipsToLeft = changes.count { $0 == 1 }
        flipsToRight = changes.count { $0 == -1 }
        shiftsToLeft = changes.count { $0 > 0 }
        shiftsToRight = changes.count { $0 < 0 }
        scoreOnLeft = onLeft.reduce(0) { $0 + $1.score } / n
        scoreOnRight = onRight.reduce(0) { $0 + $1.score } / n
        debiased = ClusteredMean(
            zip(onLeft, onRight).map { ($0.score + $1.score) / 2 }, clusters: repeats.map(\.left.cluster), range: 0...1,
            level: options.level)
        // One row a repeat: a reviewer's repeats of an item are rows of their own.
        let names = repeats.indices.map { "\($0)" }
        let columns = [onLeft, onRight].map { verdicts in
            RatingTable.Column(
                name: "",
                ratings: zip(names, zip(repeats, verdicts)).map { name, judged in
                    Rating(item: name, cluster: judged.0.left.cluster, rater: "", verdict: judged.1)
                })
        }
        let table = RatingTable(columns: columns, levels: Verdict.allCases.map(\.score))
        estimates = Self.statistics.map { AgreementEstimate($0, of: table, options: options) }
    }

    /// The repeats of each reviewer who has any, in byte order of their ids.
    public static func byRater(
        _ ratings: [Rating], options: AgreementOptions
    ) -> [(rater: String, repeats: SwappedRepeats)] {
        ratings.byRater().compactMap { rater, ratings in
            SwappedRepeats(ratings, options: options).map { (rater, $0) }
        }
    }

    /// The share of items with the same verdict in both orders.
    public var consistentShare: Proportion { Proportion(consistentCount, of: itemCount) }
    /// The share of items whose verdict turned from a win to a loss or back.
    public var hardFlipShare: Proportion { Proportion(flipsToLeft + flipsToRight, of: itemCount) }
    /// How much a draft gains by being on the left: the difference of the two mean scores, −1 to 1.
    public var leftAdvantage: Double { scoreOnLeft - scoreOnRight }
    /// The exact two-sided sign test of hard flips to the left against those to the right.
    public var flipP: Double { ExactTests.sign(flipsToLeft, flipsToRight) }
    /// The exact two-sided sign test of all changes to the left against those to the right.
    public var shiftP: Double { ExactTests.sign(shiftsToLeft, shiftsToRight) }
}

extension Verdict {
    /// The verdict of a rating of preference: above one half a win, one half a tie, below it a loss.
    init(preference value: Double) {
        self = value > 0.5 ? .win : value == 0.5 ? .tie : .loss
    }
}
