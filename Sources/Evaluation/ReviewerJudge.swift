/// One held-out item as reviewers judged it, blinded: which of two systems' outputs each preferred.
public struct ReviewedItem: Sendable, Equatable {
    /// One answer of one reviewer.
    public struct Reading: Sendable, Equatable {
        /// The reviewer's id.
        public let reader: String
        /// Whether A, the candidate system, was preferred.
        public let verdict: Verdict
        /// Whether both outputs were called bad; a tie then.
        public let isBothBad: Bool
        /// Whether B stood on the left.
        public let isSwapped: Bool
        /// Whether it repeats an earlier reading with the sides swapped; it then counts for no verdict.
        public let isRepeat: Bool

        /// Makes a reading.
        public init(reader: String, verdict: Verdict, isBothBad: Bool, isSwapped: Bool, isRepeat: Bool) {
            self.reader = reader
            self.verdict = verdict
            self.isBothBad = isBothBad
            self.isSwapped = isSwapped
            self.isRepeat = isRepeat
        }
    }

    /// The item's id: one prompt.
    public let item: String
    /// The patient whom the item is about.
    public let cluster: String
    /// Whether both systems wrote the same text, so that it is a tie and nobody was asked.
    public let isIdentical: Bool
    /// What an adjudicator decided over the readings; nil where nobody did.
    public let decided: Verdict?
    /// The readings in the order of time.
    public let readings: [Reading]

    /// Makes an item.
    public init(item: String, cluster: String, isIdentical: Bool, decided: Verdict? = nil, readings: [Reading]) {
        self.item = item
        self.cluster = cluster
        self.isIdentical = isIdentical
        self.decided = decided
        self.readings = readings
    }

    /// One verdict of all: an adjudicator's, else that of the mean score of the readings without repeats.
    ///
    /// Readings that cancel out are a tie, as are identical texts; nil while nobody has answered.
    public var verdict: Verdict? {
        if isIdentical { return .tie }
        if let decided { return decided }
        let scores = readings.filter { !$0.isRepeat }.map(\.verdict.score)
        guard !scores.isEmpty else { return nil }
        // Scores are halves, so the sum is exact.
        let sum = scores.reduce(0, +) - Double(scores.count) / 2
        return sum > 0 ? .win : sum < 0 ? .loss : .tie
    }
}

/// Reviewers as a judge of one system against another: the win rate, and how far the judge can be trusted.
public struct ReviewerJudge: Sendable, Equatable {
    /// How often A was preferred, each item once.
    public let win: WinRate
    /// How many items both systems wrote alike; they are ties of the win rate.
    public let identicalCount: Int
    /// How many items nobody has answered; they are in no figure.
    public let unjudgedCount: Int
    /// How many reviewers gave readings.
    public let readerCount: Int
    /// How many readings there are, repeats left out.
    public let readingCount: Int
    /// How many of them called both outputs bad.
    public let bothBadCount: Int
    /// Krippendorff's ordinal α, raw agreement and the other figures between reviewers; nil without readings.
    public let agreement: CriterionAgreement?
    /// Agreement of reviewers with themselves on swapped repeats; nil without any.
    public let repeats: SwappedRepeats?
    /// Whether the output on the left is chosen too often, repeats included.
    public let bias: PositionBias

    /// Sums up items, each once; nil when no item has a verdict.
    public init?(_ items: [ReviewedItem], options: AgreementOptions) {
        let comparisons = items.compactMap { item in
            item.verdict.map { Comparison(item: item.item, cluster: item.cluster, verdict: $0) }
        }
        guard !comparisons.isEmpty else { return nil }
        win = WinRate(comparisons, level: options.level)
        identicalCount = items.count(where: \.isIdentical)
        unjudgedCount = items.count - comparisons.count
        let firsts = items.flatMap(\.readings).filter { !$0.isRepeat }
        readerCount = Set(items.flatMap(\.readings).map { Array($0.reader.utf8) }).count
        readingCount = firsts.count
        bothBadCount = firsts.count(where: \.isBothBad)
        let ratings = items.flatMap { item in
            item.readings.map {
                Rating(
                    item: item.item, cluster: item.cluster, rater: $0.reader, verdict: $0.verdict,
                    isSwapped: $0.isSwapped)
            }
        }
        let scale = AgreementOptions(
            levels: Verdict.allCases.map(\.score), resamples: options.resamples, seed: options.seed,
            level: options.level)
        agreement = CriterionAgreement.all(ratings, options: scale).first
        repeats = SwappedRepeats(ratings, options: scale)
        bias = PositionBias(ratings)
    }
}
