/// How the intervals of agreement figures are made, and on which scale the ratings are.
public struct AgreementOptions: Sendable, Equatable {
    /// The scale's levels, every value that occurs among them; nil takes the values that occur under the criterion.
    ///
    /// Weights of Cohen's κ count levels, so a scale of five of which the third was never given must be named.
    public var levels: [Double]?
    /// How many resamples are drawn; 2,000 or more for a 95 % interval.
    public var resamples: Int
    /// The seed of the resamples, to be printed beside the intervals.
    public var seed: UInt64
    /// The confidence level, between 0 and 1.
    public var level: Double

    /// Makes options.
    public init(levels: [Double]? = nil, resamples: Int = 2_000, seed: UInt64, level: Double = 0.95) {
        precondition(resamples > 0, "resamples must be positive, found \(resamples)")
        precondition(level > 0 && level < 1, "a level between 0 and 1, found \(level)")
        self.levels = levels
        self.resamples = resamples
        self.seed = seed
        self.level = level
    }
}

/// One figure of agreement with its interval, or the reasons why there is none.
///
/// The interval is of the percentiles of a bootstrap that draws whole exams, as many as there are, with replacement.
public struct AgreementEstimate: Sendable, Equatable {
    /// Why there is no interval.
    public enum NoInterval: String, Sendable, CaseIterable {
        /// There is no figure.
        case undefined = "the figure is undefined"
        /// One exam says nothing about how exams differ.
        case oneCluster = "all items are of one exam"
        /// Every resample has the same figure.
        case noWidth = "every resample gives the same figure"
        /// Percentiles of the rest would not be those of all.
        case rarelyDefined = "the figure is undefined in more than one resample in ten"
    }

    /// Which figure it is.
    public let statistic: AgreementStatistic
    /// The figure over all items.
    public let value: AgreementValue
    /// Its interval, if any.
    public let interval: ConfidenceInterval?
    /// Why there is no interval; nil when there is one.
    public let noInterval: NoInterval?
    /// The resamples in which the figure is undefined; they are left out of the percentiles.
    public let undefinedResamples: Int
    /// The items with at least two ratings, which are all that count.
    public let itemCount: Int
    /// The ratings of those items.
    public let ratingCount: Int
    /// The exams of those items.
    public let clusterCount: Int
    /// The items with one rating, which are left out.
    public let singleCount: Int

    init(_ statistic: AgreementStatistic, of table: RatingTable, options: AgreementOptions) {
        self.statistic = statistic
        itemCount = table.rows.count
        ratingCount = table.rows.reduce(0) { $0 + $1.given.count }
        singleCount = table.singleCount
        let sums = AgreementSums(statistic, levels: table.levels, raterCount: table.raters.count)
        if let obstacle = sums.obstacle(in: table.rows) {
            value = .undefined(obstacle)
            interval = nil
            noInterval = .undefined
            undefinedResamples = 0
            clusterCount = Set(table.rows.map(\.cluster)).count
            return
        }
        let exams = Self.examSums(table.rows, sums)
        clusterCount = exams.count
        value = sums.value(of: exams.reduce(Array(repeating: 0, count: sums.width), Self.add))
        let resampled = Self.resample(exams, sums, options)
        undefinedResamples = options.resamples - resampled.count
        let tail = (1 - options.level) / 2
        switch (value.number, resampled.first, resampled.last) {
        case (nil, _, _): (interval, noInterval) = (nil, .undefined)
        case _ where exams.count == 1: (interval, noInterval) = (nil, .oneCluster)
        case _ where undefinedResamples * 10 > options.resamples: (interval, noInterval) = (nil, .rarelyDefined)
        case (_, let least?, let most?) where least < most:
            let lower = Bootstrap.quantile(tail, ofSorted: resampled)
            let upper = Bootstrap.quantile(1 - tail, ofSorted: resampled)
            interval = ConfidenceInterval(
                lower: lower, upper: upper, level: options.level, method: .bootstrapPercentile)
            noInterval = nil
        default: (interval, noInterval) = (nil, .noWidth)
        }
    }

    /// The sums of each exam, in byte order of the exams.
    private static func examSums(_ rows: [RatingTable.Row], _ sums: AgreementSums) -> [[Double]] {
        var exams: [[UInt8]: [Double]] = [:]
        for row in rows {
            let contribution = sums.contribution(row)
            exams[row.cluster] = exams[row.cluster].map { add($0, contribution) } ?? contribution
        }
        return exams.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
    }

    private static func add(_ first: [Double], _ second: [Double]) -> [Double] {
        zip(first, second).map { $0 + $1 }
    }

    /// The sorted figures of the resamples that have one.
    private static func resample(
        _ exams: [[Double]], _ sums: AgreementSums, _ options: AgreementOptions
    ) -> [Double] {
        var generator = SeededGenerator(seed: options.seed)
        var figures: [Double] = []
        figures.reserveCapacity(options.resamples)
        for _ in 0..<options.resamples {
            var total = Array(repeating: 0.0, count: sums.width)
            for _ in exams.indices {
                let exam = exams[generator.index(below: exams.count)]
                for index in total.indices { total[index] += exam[index] }
            }
            if let figure = sums.value(of: total).number { figures.append(figure) }
        }
        return figures.sorted()
    }
}
