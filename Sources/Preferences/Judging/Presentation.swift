/// A pair as it is put on a reader's screen: which answer is left and which is right is drawn each time and recorded.
public struct Presentation: Sendable, Equatable {
    /// Where the order of the two answers comes from.
    public enum OrderSource: Sendable, Equatable {
        /// The system's secure source of randomness.
        case system
        /// A seed: the order follows from it, the pair, the place, the attempt and the reader.
        case seeded(UInt64)
    }

    /// The presentation's number.
    public let id: Int64
    /// The pair's number.
    public let pair: Int64
    /// The reader's key.
    public let reviewer: String
    /// Which of the pair's readers this is, from 1.
    public let slot: Int
    /// How often this place has been given out, from 1: more than once where a lease ran out.
    public let attempt: Int
    /// What the answers answer.
    public let prompt: PromptText
    /// The answer on the left.
    public let left: PromptText
    /// The answer on the right.
    public let right: PromptText
    /// The left answer's number; larger or smaller than the right one's by chance.
    public let leftCandidate: Int64
    /// The right answer's number.
    public let rightCandidate: Int64
    /// The version of the guideline to judge by.
    public let guideline: String?
    /// The examination's key, as it was imported; for a link to the department's viewer.
    public let exam: String?
    /// The DICOM modality code.
    public let modality: String?
    /// The body part examined.
    public let bodyPart: String?
    /// The presentation that this one repeats with the sides swapped.
    public let repeats: Int64?
    /// When it was put on the screen.
    public let shown: UTCTime
    /// Until when nobody else is given this place.
    public let leaseExpires: UTCTime
    /// The newest answer's revision; 0 while there is none.
    public let revision: Int
    /// Which page shows it.
    public let kind: ReviewKind
}

/// The two pages on which pairs are compared.
public enum ReviewKind: String, Sendable, CaseIterable {
    /// Pairs for training, with practice, known answers and repeats among them.
    case judge
    /// One system against another on held-out prompts.
    case arena

    /// The lanes of the queue that the page shows.
    var lanes: [String] { self == .arena ? ["arena"] : ["judge", "gold", "calibration"] }
}

/// An answer that was kept.
public struct RecordedJudgement: Sendable, Equatable {
    /// The event's number.
    public let id: Int64
    /// The presentation's number.
    public let presentation: Int64
    /// Which answer of this presentation it is, from 1.
    public let revision: Int
    /// The answer that it takes the place of.
    public let supersedes: Int64?
    /// When it was kept.
    public let at: UTCTime
}
