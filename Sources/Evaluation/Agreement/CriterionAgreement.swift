/// How far reviewers agree under one criterion: all of them together, and each two of them.
public struct CriterionAgreement: Sendable, Equatable {
    /// Two reviewers on the items that both rated.
    public struct Pair: Sendable, Equatable {
        /// The reviewer whose id comes first in byte order.
        public let first: String
        /// The other one.
        public let second: String
        /// Raw agreement, Cohen's κ without, with linear and with quadratic weights, and AC1.
        public let estimates: [AgreementEstimate]

        /// The estimate of a statistic that was made.
        public subscript(statistic: AgreementStatistic) -> AgreementEstimate? {
            estimates.first { $0.statistic == statistic }
        }
    }

    /// The criterion; empty for the overall preference.
    public let criterion: String
    /// The reviewers' ids in byte order.
    public let raters: [String]
    /// Ordinal α as the headline, then nominal and interval α, raw agreement, Fleiss' κ and AC1.
    public let estimates: [AgreementEstimate]
    /// Each two reviewers, in byte order of their ids.
    public let pairs: [Pair]

    /// The figures of all reviewers together, the headline first.
    public static let overall: [AgreementStatistic] = [
        .krippendorff(.ordinal), .krippendorff(.nominal), .krippendorff(.interval), .raw, .fleiss, .gwet,
    ]
    /// The figures of two reviewers.
    public static let paired: [AgreementStatistic] = [
        .raw, .cohen(.none), .cohen(.linear), .cohen(.quadratic), .gwet,
    ]

    /// The estimate of a statistic of all reviewers that was made.
    public subscript(statistic: AgreementStatistic) -> AgreementEstimate? {
        estimates.first { $0.statistic == statistic }
    }

    /// The agreement under each criterion that occurs, in byte order; every figure has the same seed.
    ///
    /// Traps when `options.levels` lacks a value that occurs.
    public static func all(_ ratings: [Rating], options: AgreementOptions) -> [CriterionAgreement] {
        ratings.byCriterion().map { criterion, ratings in
            let table = RatingTable(ratings, levels: options.levels)
            var pairs: [Pair] = []
            for first in table.raters.indices {
                for second in table.raters.indices.dropFirst(first + 1) {
                    let both = table.pair(first, second)
                    pairs.append(
                        Pair(
                            first: table.raters[first], second: table.raters[second],
                            estimates: paired.map { AgreementEstimate($0, of: both, options: options) }))
                }
            }
            return CriterionAgreement(
                criterion: criterion, raters: table.raters,
                estimates: overall.map { AgreementEstimate($0, of: table, options: options) }, pairs: pairs)
        }
    }
}
