/// What a reader says of the two answers on one screen.
public struct Judgement: Sendable, Equatable {
    /// The answer itself.
    public enum Choice: String, Sendable, CaseIterable {
        /// The left one is better.
        case left
        /// The right one is better.
        case right
        /// Both are good; neither is preferred.
        case bothGood = "both_good"
        /// Both are bad; neither is preferred.
        case bothBad = "both_bad"
        /// Not now and not by me: another reader may have the case.
        case skip
        /// It cannot be judged from what is shown; nobody else is asked in this place.
        case cannotJudge = "cannot_judge"
    }

    /// How much better the chosen one is, in Llama 2's four levels.
    ///
    /// Touvron et al. 2023, arXiv 2307.09288, section 3.2.1.
    public enum Strength: Int, Sendable, CaseIterable {
        /// Negligibly better, or unsure.
        case negligible = 0
        /// Slightly better.
        case slight = 1
        /// Better.
        case better = 2
        /// Significantly better.
        case significant = 3
    }

    /// A side of the screen.
    public enum Side: String, Sendable, CaseIterable {
        /// The left one.
        case left
        /// The right one.
        case right
    }

    /// One thing that reports are compared by.
    public enum Criterion: String, Sendable, CaseIterable {
        /// Whether what it says is so.
        case accuracy
        /// Whether all that matters is said.
        case completeness
        /// Whether the referrer knows what to do.
        case actionability
        /// Whether it is short.
        case brevity
        /// Whether it follows the department's style.
        case style
    }

    /// Which side is better by one criterion; nil for neither.
    public struct CriterionVerdict: Sendable, Equatable {
        /// The criterion.
        public var criterion: Criterion
        /// The better side, nil for a tie.
        public var winner: Side?

        /// Makes a verdict.
        public init(_ criterion: Criterion, _ winner: Side?) {
            self.criterion = criterion
            self.winner = winner
        }
    }

    /// An error that the reader marked in one of the answers.
    public struct ErrorMark: Sendable, Equatable {
        /// ReXVal's six classes.
        ///
        /// Yu et al. 2023, Patterns 4:100802.
        public enum Category: String, Sendable, CaseIterable {
            /// (a) A finding that is not there.
            case falseFinding = "false_finding"
            /// (b) A finding that is missing.
            case omittedFinding = "omitted_finding"
            /// (c) A wrong place or side.
            case wrongLocation = "wrong_location"
            /// (d) A wrong severity.
            case wrongSeverity = "wrong_severity"
            /// (e) A comparison that is not in the reference.
            case falseComparison = "false_comparison"
            /// (f) A comparison or change that is missing.
            case omittedComparison = "omitted_comparison"
        }

        /// What follows from it: ReFiSco's five levels.
        public enum Actionability: String, Sendable, CaseIterable {
            /// Nothing.
            case none
            /// Nothing that would be acted on.
            case notActionable = "not_actionable"
            /// Something that can wait.
            case actionableNonurgent = "actionable_nonurgent"
            /// Something soon.
            case urgent
            /// Something at once.
            case emergent
        }

        /// The answer that has it.
        public var side: Side
        /// Its class.
        public var category: Category
        /// Whether it matters to the patient.
        public var isSignificant: Bool
        /// What follows from it.
        public var actionability: Actionability?
        /// The report's section.
        public var section: String?
        /// The bytes of the answer's UTF-8 text that were marked; not empty.
        public var bytes: Range<Int>?
        /// A remark.
        public var note: String?

        /// Makes a mark.
        public init(
            _ side: Side, _ category: Category, isSignificant: Bool, actionability: Actionability? = nil,
            section: String? = nil, bytes: Range<Int>? = nil, note: String? = nil
        ) {
            self.side = side
            self.category = category
            self.isSignificant = isSignificant
            self.actionability = actionability
            self.section = section
            self.bytes = bytes
            self.note = note
        }
    }

    /// RADPEER's scores as revised in 2016.
    ///
    /// Goldberg-Stein et al., J Am Coll Radiol 2017;14:1080-1086.
    public enum RADPEER: String, Sendable, CaseIterable {
        /// Concur.
        case concur = "1"
        /// An understandable miss, unlikely to matter.
        case understandableUnlikely = "2a"
        /// An understandable miss, likely to matter.
        case understandableLikely = "2b"
        /// Should ordinarily be made, unlikely to matter.
        case ordinaryUnlikely = "3a"
        /// Should ordinarily be made, likely to matter.
        case ordinaryLikely = "3b"
    }

    /// What the screen measured; all times in milliseconds.
    public struct Circumstances: Sendable, Equatable {
        /// Until the first key or click.
        public var firstActionMilliseconds: Int?
        /// While the reader was at work.
        public var activeMilliseconds: Int?
        /// While the page was hidden.
        public var hiddenMilliseconds: Int?
        /// While nothing happened.
        public var idleMilliseconds: Int?
        /// Whether the differences were marked before the choice.
        public var diffWasVisible: Bool?
        /// Whether the images were opened.
        public var imageWasOpened: Bool?

        /// Makes circumstances; all may be unknown.
        public init(
            firstActionMilliseconds: Int? = nil, activeMilliseconds: Int? = nil, hiddenMilliseconds: Int? = nil,
            idleMilliseconds: Int? = nil, diffWasVisible: Bool? = nil, imageWasOpened: Bool? = nil
        ) {
            self.firstActionMilliseconds = firstActionMilliseconds
            self.activeMilliseconds = activeMilliseconds
            self.hiddenMilliseconds = hiddenMilliseconds
            self.idleMilliseconds = idleMilliseconds
            self.diffWasVisible = diffWasVisible
            self.imageWasOpened = imageWasOpened
        }
    }

    /// The answer.
    public var choice: Choice
    /// How much better; only with left or right.
    public var strength: Strength?
    /// The reader's certainty, 1 to 3.
    public var confidence: Int?
    /// Verdicts by criterion, each criterion once.
    public var criteria: [CriterionVerdict]
    /// Marked errors.
    public var errors: [ErrorMark]
    /// A peer score of an answer that a person wrote: a record of quality, not a preference.
    public var radpeer: [Side: RADPEER]
    /// Free text.
    public var comment: String?
    /// What the screen measured.
    public var circumstances: Circumstances

    /// Makes a judgement; only the choice is needed.
    public init(
        _ choice: Choice, strength: Strength? = nil, confidence: Int? = nil, criteria: [CriterionVerdict] = [],
        errors: [ErrorMark] = [], radpeer: [Side: RADPEER] = [:], comment: String? = nil,
        circumstances: Circumstances = Circumstances()
    ) {
        self.choice = choice
        self.strength = strength
        self.confidence = confidence
        self.criteria = criteria
        self.errors = errors
        self.radpeer = radpeer
        self.comment = comment
        self.circumstances = circumstances
    }
}
