public import Evaluation

/// What one system wrote for the held-out cases, in figures.
public struct SystemResult: Sendable, Equatable {
    /// Which system it is; the raw value is its name in files.
    public enum Role: String, Sendable, CaseIterable, Comparable {
        /// The frozen base with the plain prompt.
        case base
        /// The base with examples in the prompt.
        case fewShot = "few_shot"
        /// The base trained on the chosen texts alone, with as many steps.
        case sft
        /// The model that this report is about.
        case aligned

        /// The system's name on the page.
        public var label: String {
            switch self {
            case .base: "Base"
            case .fewShot: "Base + few-shot"
            case .sft: "SFT alone"
            case .aligned: "Aligned (DPO)"
            }
        }

        /// The order of the page.
        public static func < (a: Role, b: Role) -> Bool {
            (allCases.firstIndex(of: a) ?? 0) < (allCases.firstIndex(of: b) ?? 0)
        }
    }

    /// Which system it is.
    public var role: Role
    /// How many outputs were judged.
    public var outputs: Int
    /// How many rules there are.
    public var ruleCount: Int
    /// The mean number of rules met by an output; rules that do not apply count as met.
    public var rulesMet: Double
    /// Its win rate over the base; nil for the base.
    public var winOverBase: WinRate?
    /// Its win rate over the base with examples in the prompt.
    public var winOverFewShot: WinRate?
    /// Its win rate over training on the chosen texts alone.
    public var winOverSFT: WinRate?
    /// The content of all outputs.
    public var content: ContentFigures?
    /// The content where every finding is of a kind that training showed.
    public var seenContent: ContentFigures?
    /// The content where a finding is of a kind that training never showed.
    public var unseenContent: ContentFigures?
    /// How many different texts there are among the outputs.
    public var distinctOutputs: Int
    /// How many outputs reached the length limit without ending.
    public var unendedOutputs: Int
    /// How many outputs say a line twice.
    public var repeatingOutputs: Int
    /// The median number of words.
    public var medianWords: Double

    /// Makes a system's figures.
    public init(
        role: Role, outputs: Int, ruleCount: Int, rulesMet: Double, winOverBase: WinRate? = nil,
        winOverFewShot: WinRate? = nil, winOverSFT: WinRate? = nil, content: ContentFigures? = nil,
        seenContent: ContentFigures? = nil, unseenContent: ContentFigures? = nil, distinctOutputs: Int,
        unendedOutputs: Int, repeatingOutputs: Int, medianWords: Double
    ) {
        self.role = role
        self.outputs = outputs
        self.ruleCount = ruleCount
        self.rulesMet = rulesMet
        self.winOverBase = winOverBase
        self.winOverFewShot = winOverFewShot
        self.winOverSFT = winOverSFT
        self.content = content
        self.seenContent = seenContent
        self.unseenContent = unseenContent
        self.distinctOutputs = distinctOutputs
        self.unendedOutputs = unendedOutputs
        self.repeatingOutputs = repeatingOutputs
        self.medianWords = medianWords
    }
}

/// What impressions say, compared with their references and summed over cases.
public struct ContentFigures: Sendable, Equatable {
    /// How many impressions there are.
    public var impressions: Int
    /// How many findings the references have: stated, misstated and dropped ones.
    public var findings: Int
    /// The findings stated with the same side and numbers.
    public var stated: Int
    /// The findings not stated.
    public var dropped: Int
    /// The findings stated that neither the reference nor the case has.
    public var invented: Int
    /// The findings stated with another side.
    public var sideErrors: Int
    /// The findings stated with another number.
    public var numberErrors: Int
    /// The impressions that are right as a whole.
    public var wholeRight: Int
    /// How many references have a recommendation.
    public var recommendationsNeeded: Int
    /// How many of those the outputs give as they are.
    public var recommendationsGiven: Int

    /// Makes figures.
    public init(
        impressions: Int, findings: Int, stated: Int, dropped: Int, invented: Int, sideErrors: Int, numberErrors: Int,
        wholeRight: Int, recommendationsNeeded: Int, recommendationsGiven: Int
    ) {
        self.impressions = impressions
        self.findings = findings
        self.stated = stated
        self.dropped = dropped
        self.invented = invented
        self.sideErrors = sideErrors
        self.numberErrors = numberErrors
        self.wholeRight = wholeRight
        self.recommendationsNeeded = recommendationsNeeded
        self.recommendationsGiven = recommendationsGiven
    }

    /// The findings that are invented or stated with another side or number.
    public var wrongStatements: Int { invented + sideErrors + numberErrors }

    /// The share of findings stated; nil where the references have none.
    public var statedShare: Double? { findings == 0 ? nil : Double(stated) / Double(findings) }
}
