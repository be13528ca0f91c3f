internal import StrictJSON

/// Two systems' outputs for one prompt.
public struct ArenaEntry: Sendable, Equatable {
    /// The prompt's id.
    public var item: String
    /// What both answer.
    public var prompt: PromptText
    /// What the base wrote.
    public var base: PromptText
    /// What the aligned system wrote.
    public var aligned: PromptText
    /// The examination.
    public var exam: Exam

    /// Makes an entry.
    public init(item: String, prompt: PromptText, base: PromptText, aligned: PromptText, exam: Exam = Exam()) {
        self.item = item
        self.prompt = prompt
        self.base = base
        self.aligned = aligned
        self.exam = exam
    }

    /// The patient, else the examination, else the item: what is resampled as one.
    var cluster: String { exam.patient ?? exam.key ?? item }
}

/// A system of an arena: the model as it stood and how it was decoded.
public struct ArenaSystem: Sendable, Equatable {
    /// The model.
    public var model: Candidate.Model
    /// The decoding.
    public var decoding: Candidate.Decoding?

    /// Makes a system.
    public init(model: Candidate.Model, decoding: Candidate.Decoding? = nil) {
        self.model = model
        self.decoding = decoding
    }
}

/// What became of an arena's entries.
public struct ArenaCreated: Sendable, Equatable {
    /// Pairs in the queue.
    public let pairs: Int
    /// Entries in which both systems wrote the same, up to white space around it: ties that nobody is asked about.
    public let identical: Int
    /// Readers that each pair wants.
    public let readers: Int
}

/// One reader's current answer to an arena's pair.
public struct ArenaReading: Sendable, Equatable {
    /// The reader's key.
    public let reviewer: String
    /// The choice on the screen.
    public let choice: Judgement.Choice
    /// Whether the aligned system's output stood on the left.
    public let alignedIsLeft: Bool
    /// Whether it repeats an earlier presentation with the sides swapped.
    public let isRepeat: Bool
    /// The time at work, in milliseconds.
    public let activeMilliseconds: Int?
    /// When it was given.
    public let at: UTCTime

    /// 1 when the aligned system's output was preferred, 0 when the base's was, one half for neither.
    public var alignedScore: Double {
        switch choice {
        case .left: alignedIsLeft ? 1 : 0
        case .right: alignedIsLeft ? 0 : 1
        case .bothGood, .bothBad, .skip, .cannotJudge: 0.5
        }
    }
}

/// One entry of an arena with all that was said of it.
public struct ArenaOutcome: Sendable, Equatable {
    /// The prompt's id.
    public let item: String
    /// The patient, else the examination, else the item.
    public let cluster: String
    /// SHA-256 of the base's output as UTF-8, in hexadecimal digits.
    public let baseSHA256: String
    /// SHA-256 of the aligned system's output.
    public let alignedSHA256: String
    /// Whether both wrote the same.
    public let isIdentical: Bool
    /// An adjudicator's decision as ``ArenaReading/alignedScore``; nil where nobody decided.
    public let decidedScore: Double?
    /// Whether an adjudicator took the entry out.
    public let isExcluded: Bool
    /// The current answers in the order of time; skips and cannot-judges are none.
    public let readings: [ArenaReading]
}
