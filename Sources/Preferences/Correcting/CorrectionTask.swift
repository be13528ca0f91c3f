/// A draft that somebody shall correct.
public struct CorrectionTask: Sendable, Equatable {
    /// The task's number.
    public let id: Int64
    /// What the draft answers.
    public let prompt: PromptText
    /// The text to correct.
    public let draft: PromptText
    /// The version of the guideline to follow.
    public let guideline: String?
    /// The examination's key, as it was imported; for a link to the department's viewer.
    public let exam: String?
    /// The DICOM modality code.
    public let modality: String?
    /// The body part examined.
    public let bodyPart: String?
    /// Until when nobody else is given this task.
    public let leaseExpires: UTCTime
}

/// How a task ends without a correction.
public enum CorrectionOutcome: String, Sendable, CaseIterable {
    /// The draft is good as it stands; no pair follows.
    case accepted
    /// Not now and not by me: another reader may have it.
    case skip
    /// It cannot be corrected from what is shown; nobody else is asked.
    case cannotJudge = "cannot_judge"
}

/// A correction that was kept.
public struct RecordedEdit: Sendable, Equatable {
    /// The edit's number.
    public let edit: Int64
    /// Words that stayed.
    public let keptWords: Int
    /// Words that came.
    public let insertedWords: Int
    /// Words that went.
    public let deletedWords: Int
}

/// A draft that is to be put among the tasks.
public struct DraftToCorrect: Sendable, Equatable {
    /// What the draft answers.
    public var prompt: PromptText
    /// The draft, with who or what wrote it.
    public var candidate: Candidate
    /// The examination.
    public var exam: Exam
    /// The version of the guideline to follow.
    public var guideline: String?
    /// The side of the split, where it is fixed beforehand.
    public var split: PreferencePair.Split?

    /// Makes a draft to correct.
    public init(
        prompt: PromptText, candidate: Candidate, exam: Exam = Exam(), guideline: String? = nil,
        split: PreferencePair.Split? = nil
    ) {
        self.prompt = prompt
        self.candidate = candidate
        self.exam = exam
        self.guideline = guideline
        self.split = split
    }
}
