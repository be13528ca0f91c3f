/// A figure of how far raters agree.
public enum AgreementStatistic: Sendable, Equatable, Hashable, CustomStringConvertible {
    /// How much a disagreement by so many levels weighs in Cohen's κ.
    public enum Weights: String, Sendable, CaseIterable {
        /// Every disagreement weighs the same.
        case none
        /// By the number of levels between the two.
        case linear
        /// By its square.
        case quadratic
    }

    /// How far two values are apart in Krippendorff's α.
    public enum Metric: String, Sendable, CaseIterable {
        /// Equal or not.
        case nominal
        /// By how many ratings lie between them.
        case ordinal
        /// By their difference, squared.
        case interval
    }

    /// The share of pairs of raters who gave the same level, averaged over items; 0 to 1, chance not taken out.
    case raw
    /// Cohen's κ of two raters, −1 to 1. Cohen, Educ Psychol Meas 1960; weighted: Psychol Bull 1968.
    case cohen(Weights)
    /// Fleiss' κ of as many raters on each item. Fleiss, Psychol Bull 1971.
    case fleiss
    /// Gwet's AC1, which stays high where nearly all ratings are of one level. Gwet, Br J Math Stat Psychol 2008.
    case gwet
    /// Krippendorff's α of any number of raters, with missing ratings. Krippendorff, Content Analysis, chapter 12.
    case krippendorff(Metric)

    /// The figure's name, such as `Krippendorff's alpha (ordinal)`.
    public var description: String {
        switch self {
        case .raw: "raw agreement"
        case .cohen(.none): "Cohen's kappa"
        case .cohen(let weights): "Cohen's kappa (\(weights.rawValue) weights)"
        case .fleiss: "Fleiss' kappa"
        case .gwet: "Gwet's AC1"
        case .krippendorff(let metric): "Krippendorff's alpha (\(metric.rawValue))"
        }
    }
}

/// A figure that may not exist: its value, or why there is none.
public enum AgreementValue: Sendable, Equatable, CustomStringConvertible {
    /// Why a figure has no value.
    public enum Reason: String, Sendable, CaseIterable {
        /// No item was rated twice.
        case noJointItem = "no item has two ratings"
        /// Chance agreement is complete, so nothing is left to agree about.
        case unanimous = "all ratings are the same: without variation there is no agreement beyond chance to measure"
        /// Cohen's κ is of two raters.
        case notTwoRaters = "the figure is of exactly two raters"
        /// Fleiss' κ wants as many raters on every item.
        case unequalRaters = "items have different numbers of raters; Krippendorff's alpha takes such sets"
        /// A scale of one level leaves no choice.
        case oneLevel = "the scale has one level only"
    }

    /// The figure.
    case value(Double)
    /// There is none.
    case undefined(Reason)

    /// The figure, or nil.
    public var number: Double? {
        if case .value(let number) = self { number } else { nil }
    }

    /// The figure's digits, or `undefined: ` and the reason in words.
    public var description: String {
        switch self {
        case .value(let number): "\(number)"
        case .undefined(let reason): "undefined: \(reason.rawValue)"
        }
    }
}
