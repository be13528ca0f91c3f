public import Diagnostics
public import Evaluation
internal import GRDB

/// How the work of a store's readers stands, for those who lead it.
public struct ReviewFigures: Sendable {
    /// The places of one purpose in the queue.
    public struct Progress: Sendable, Equatable {
        /// What its pairs are judged for.
        public let purpose: PairForJudging.Purpose
        /// Pairs.
        public let pairs: Int
        /// Places that wait for a reader.
        public let waiting: Int
        /// Places that a reader holds.
        public let leased: Int
        /// Places that are answered, repeats included.
        public let answered: Int
        /// Places that wait until a suspect text is cleared.
        public let held: Int
        /// Pairs whose readers disagree and that nobody has decided.
        public let disagreeing: Int
        /// Pairs that an adjudicator decided.
        public let adjudicated: Int
    }

    /// The drafts that are to be corrected.
    public struct Corrections: Sendable, Equatable {
        /// Drafts that wait.
        public let waiting: Int
        /// Drafts that a reader holds.
        public let leased: Int
        /// Corrections that were kept, those made beside a case included.
        public let corrected: Int
        /// Drafts that were good as they stood.
        public let accepted: Int
    }

    /// The answers that were given in less active time than this are flagged, in milliseconds; they still count.
    public static let fastMilliseconds = 5000

    /// The queue, by purpose.
    public let progress: [Progress]
    /// The drafts.
    public let corrections: Corrections
    /// Every reader, in the order of registration.
    public let readers: [ReaderFigures]
    /// How far readers agree, overall first, then by criterion; empty without ratings.
    public let agreement: [CriterionAgreement]
    /// How far readers agree with themselves on swapped repeats; nil without any.
    public let repeats: SwappedRepeats?
    /// Whether the left answer is chosen too often.
    public let bias: PositionBias
}

/// How one reader's work stands.
public struct ReaderFigures: Sendable, Equatable {
    /// The reader's key.
    public let reviewer: String
    /// Presentations with an answer that counts: left, right, both good, both bad, or cannot judge.
    public let answered: Int
    /// Presentations that were skipped in the end.
    public let skipped: Int
    /// Corrections.
    public let corrected: Int
    /// Answers that were taken back.
    public let undone: Int
    /// The median of the measured active times of the answers; nil without any.
    public let medianActiveMilliseconds: Int?
    /// How often the left and the right one were chosen.
    public let bias: PositionBias
    /// Swapped repeats with the same verdict, and all.
    public let repeats: (same: Int, of: Int)
    /// Known answers that were met, and all that were asked.
    public let gold: (right: Int, of: Int)
    /// Answers in less than ``ReviewFigures/fastMilliseconds`` of active time.
    public let fastAnswers: Int
    /// When the reader last answered.
    public let lastAnswer: UTCTime?

    /// Whether all figures are the same.
    public static func == (a: ReaderFigures, b: ReaderFigures) -> Bool {
        a.reviewer == b.reviewer && a.answered == b.answered && a.skipped == b.skipped && a.corrected == b.corrected
            && a.undone == b.undone && a.medianActiveMilliseconds == b.medianActiveMilliseconds && a.bias == b.bias
            && a.repeats == b.repeats && a.gold == b.gold && a.fastAnswers == b.fastAnswers
            && a.lastAnswer == b.lastAnswer
    }
}

extension GivenRating {
    /// The same for the figures of agreement.
    public var rating: Rating {
        Rating(
            item: "pair \(pair)", cluster: exam ?? "pair \(pair)", rater: reviewer,
            criterion: criterion?.rawValue ?? "", value: value, isSwapped: isSwapped)
    }
}

extension PreferenceStore {
    /// The figures of all readers, with 95 % intervals from resampled examinations.
    ///
    /// Every answer is read; with a hundred thousand it takes seconds, so a page keeps the result for a while.
    ///
    /// - Parameters:
    ///   - seed: of the resamples.
    ///   - resamples: how many, at least 100.
    public func reviewFigures(seed: UInt64 = 17, resamples: Int = 2000) throws(Refusal) -> ReviewFigures {
        let ratings = try givenRatings().map(\.rating)
        let found = try reading { database in
            (
                progress: try FigureRows.progress(database), corrections: try FigureRows.corrections(database),
                readers: try FigureRows.readers(database)
            )
        }
        let options = AgreementOptions(levels: [0, 0.5, 1], resamples: resamples, seed: seed)
        let overall = ratings.filter { $0.criterion.isEmpty }
        return ReviewFigures(
            progress: found.progress, corrections: found.corrections, readers: found.readers,
            agreement: ratings.isEmpty ? [] : CriterionAgreement.all(ratings, options: options),
            repeats: SwappedRepeats(overall, options: options), bias: PositionBias(overall))
    }

    /// The figures of one reader.
    ///
    /// - Throws: `reviewer.unknown`.
    public func readerFigures(of reviewer: String) throws(Refusal) -> ReaderFigures {
        try reading { database in
            let reader = try reviewerID(reviewer, database, mustBeActive: false)
            guard let figures = try FigureRows.readers(database, only: reader).first else {
                throw Self.damaged("\(path), reviewer row \(reader)")
            }
            return figures
        }
    }
}
