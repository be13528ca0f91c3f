/// A share with its 95 % interval; all between 0 and 1.
public struct Share: Sendable, Equatable {
    /// The share.
    public var share: Double
    /// The interval's lower end.
    public var low: Double
    /// The interval's upper end.
    public var high: Double
    /// Of how many.
    public var count: Int

    /// Makes a share.
    public init(share: Double, low: Double, high: Double, count: Int) {
        self.share = share
        self.low = low
        self.high = high
        self.count = count
    }
}

/// What one reader did.
public struct ReaderFigures: Sendable, Equatable {
    /// The log-in name or the reviewer's key.
    public var name: String
    /// Answers that stand.
    public var answered: Int
    /// Cases skipped.
    public var skipped: Int
    /// Drafts corrected.
    public var corrected: Int
    /// Answers taken back.
    public var undone: Int
    /// The median of the active time of an answer, in seconds.
    public var medianActiveSeconds: Double?
    /// How often the left text was chosen of all choices of a side.
    public var leftShare: Share?
    /// How often the reader answered a repeat, shown with sides swapped, as before.
    public var selfAgreement: Share?
    /// How often the reader found the planted error.
    public var goldShare: Share?
    /// Answers given in under five seconds.
    public var flaggedFast: Int

    /// Makes figures.
    public init(
        name: String, answered: Int, skipped: Int, corrected: Int, undone: Int, medianActiveSeconds: Double?,
        leftShare: Share?, selfAgreement: Share?, goldShare: Share?, flaggedFast: Int
    ) {
        self.name = name
        self.answered = answered
        self.skipped = skipped
        self.corrected = corrected
        self.undone = undone
        self.medianActiveSeconds = medianActiveSeconds
        self.leftShare = leftShare
        self.selfAgreement = selfAgreement
        self.goldShare = goldShare
        self.flaggedFast = flaggedFast
    }
}

/// How far the work is, how far the readers agree, and what each did.
public struct ProgressFigures: Sendable, Equatable {
    /// One measure of agreement.
    public struct Agreement: Sendable, Equatable {
        /// Its name.
        public var label: String
        /// Its value; nil where it is not defined.
        public var value: Double?
        /// The 95 % interval's lower end.
        public var low: Double?
        /// The 95 % interval's upper end.
        public var high: Double?
        /// Over how many pairs.
        public var count: Int?
        /// Why it is not defined.
        public var undefined: String?

        /// Makes a measure.
        public init(
            _ label: String, value: Double?, low: Double? = nil, high: Double? = nil, count: Int? = nil,
            undefined: String? = nil
        ) {
            self.label = label
            self.value = value
            self.low = low
            self.high = high
            self.count = count
            self.undefined = undefined
        }
    }

    /// One order that the queue may have.
    public struct QueueOrder: Sendable, Equatable {
        /// What the form sends.
        public var value: String
        /// The order in words.
        public var label: String
        /// Whether it is in force.
        public var isCurrent: Bool

        /// Makes an order.
        public init(value: String, label: String, isCurrent: Bool) {
            self.value = value
            self.label = label
            self.isCurrent = isCurrent
        }
    }

    /// Pairs in the queue.
    public var pairs: Int
    /// Readings wanted in all.
    public var places: Int
    /// Readings done.
    public var answered: Int
    /// Readings under way.
    public var leased: Int
    /// Pairs whose readers disagree and that nobody has decided.
    public var conflicts: Int
    /// Pairs decided.
    public var adjudicated: Int
    /// Measures of agreement, the most important first.
    public var agreement: [Agreement]
    /// Every reader.
    public var readers: [ReaderFigures]
    /// The orders that the queue may have; none where this viewer may not choose.
    public var orders: [QueueOrder]

    /// Makes figures.
    public init(
        pairs: Int, places: Int, answered: Int, leased: Int, conflicts: Int, adjudicated: Int,
        agreement: [Agreement], readers: [ReaderFigures], orders: [QueueOrder] = []
    ) {
        self.pairs = pairs
        self.places = places
        self.answered = answered
        self.leased = leased
        self.conflicts = conflicts
        self.adjudicated = adjudicated
        self.agreement = agreement
        self.readers = readers
        self.orders = orders
    }
}

/// What this person did.
public struct OwnWork: Sendable, Equatable {
    /// One thing done; no report text.
    public struct Item: Sendable, Equatable {
        /// When.
        public var at: String
        /// What: Judged, Arena, Corrected, Decided.
        public var kind: String
        /// The answer in words.
        public var answer: String
        /// More, in words.
        public var detail: String?
        /// The active time.
        public var activeSeconds: Double?
        /// Whether it was taken back.
        public var isTakenBack: Bool

        /// Makes an item.
        public init(
            at: String, kind: String, answer: String, detail: String? = nil, activeSeconds: Double? = nil,
            isTakenBack: Bool = false
        ) {
            self.at = at
            self.kind = kind
            self.answer = answer
            self.detail = detail
            self.activeSeconds = activeSeconds
            self.isTakenBack = isTakenBack
        }
    }

    /// The person's figures.
    public var figures: ReaderFigures
    /// What was done, the newest first.
    public var items: [Item]
    /// Where everything can be had as JSON lines.
    public var exportPath: String

    /// Makes a list.
    public init(figures: ReaderFigures, items: [Item], exportPath: String = "/api/v1/mine/export") {
        self.figures = figures
        self.items = items
        self.exportPath = exportPath
    }
}
