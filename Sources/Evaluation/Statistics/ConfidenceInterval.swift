/// A two-sided interval for an estimate, with its level and how it was made.
public struct ConfidenceInterval: Sendable, Equatable {
    /// How an interval was made.
    public enum Method: String, Sendable, CaseIterable {
        /// Student's t with one fewer degrees of freedom than patients, standard error clustered by patient (CR1).
        case clusteredT = "clustered-t"
        /// The clustered t interval, widened to what as many patients without any difference between them would allow.
        case clusteredTWidened = "clustered-t-widened"
        /// The bound that holds when all patients agree, or when there is only one.
        case agreementBound = "agreement-bound"
        /// Wilson's score interval of a proportion.
        case wilson
        /// The exact interval of Clopper and Pearson.
        case clopperPearson = "clopper-pearson"
        /// Wald's normal interval.
        case wald
        /// The percentiles of a seeded bootstrap over patients.
        case bootstrapPercentile = "bootstrap-percentile"
    }

    /// The lower limit.
    public let lower: Double
    /// The upper limit.
    public let upper: Double
    /// The confidence level, such as 0.95.
    public let level: Double
    /// How it was made.
    public let method: Method

    /// Makes an interval; the limits must be in order and the level between 0 and 1.
    public init(lower: Double, upper: Double, level: Double, method: Method) {
        precondition(lower <= upper, "limits in order, found \(lower) and \(upper)")
        precondition(level > 0 && level < 1, "a level between 0 and 1, found \(level)")
        self.lower = lower
        self.upper = upper
        self.level = level
        self.method = method
    }

    /// Whether the value lies within the limits, which belong to the interval.
    public func contains(_ value: Double) -> Bool { lower <= value && value <= upper }
}
