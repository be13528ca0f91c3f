public import Evaluation

/// Everything that a report on one aligned model shows: a plain value, complete in itself, that renderers only lay out.
///
/// `html()`, `json()` and `modelCard()` render it. Only the base and the aligned system are needed; every other part is
/// left out of the page when it is empty or nil.
public struct AlignmentReport: Sendable, Equatable {
    /// The page's title, such as the department's name and the task.
    public var title: String
    /// The run's id, also the name of the report's folder.
    public var runID: String
    /// The day of the report, `2026-11-24`.
    public var date: String
    /// Whether all cases are made up; the page says so in a fixed sentence.
    public var isSynthetic: Bool
    /// The size of a model too small for use, such as `135M`; the page says that it only shows the mechanism.
    public var smallModel: String?
    /// What a set of conventions the judge is, such as `house-style, version 1`.
    public var conventions: String
    /// How many held-out cases were to be judged, fixed before the first was.
    public var plannedItems: Int
    /// How many cases could not be judged, because an output was lacking.
    public var invalidItems: Int
    /// The systems in the order of their roles; one of each role.
    public var systems: [SystemResult]
    /// The mean over cases with a finding of the share of findings stated, aligned less base.
    public var contentDifference: ClusteredMean?
    /// The rules, base and aligned on the same cases.
    public var rules: [RuleResult]
    /// The logged steps of training.
    public var training: TrainingLog?
    /// Implicit rewards of the held-out pairs.
    public var rewards: HeldOutRewards?
    /// The cases shown side by side.
    public var examples: ExampleCases?
    /// The checks that training and held-out cases have nothing in common.
    public var leakageChecks: [LeakageCheck]
    /// What the run was made of.
    public var provenance: Provenance
    /// Limits of this run beyond those that every report states, one sentence each.
    public var limits: [String]
    /// What reviewers preferred, blinded; A is the aligned model, B the base.
    public var reviewers: ReviewerJudge?

    /// Makes a report; what is not given is left out of the page.
    public init(
        title: String, runID: String, date: String, isSynthetic: Bool, smallModel: String? = nil, conventions: String,
        plannedItems: Int, invalidItems: Int = 0, systems: [SystemResult], contentDifference: ClusteredMean? = nil,
        rules: [RuleResult] = [], training: TrainingLog? = nil, rewards: HeldOutRewards? = nil,
        examples: ExampleCases? = nil, leakageChecks: [LeakageCheck], provenance: Provenance = Provenance(),
        limits: [String] = [], reviewers: ReviewerJudge? = nil
    ) {
        precondition(
            Set(systems.map(\.role)).count == systems.count, "one system of each role, found \(systems.map(\.role))")
        self.title = title
        self.runID = runID
        self.date = date
        self.isSynthetic = isSynthetic
        self.smallModel = smallModel
        self.conventions = conventions
        self.plannedItems = plannedItems
        self.invalidItems = invalidItems
        self.systems = systems.sorted { $0.role < $1.role }
        self.contentDifference = contentDifference
        self.rules = rules
        self.training = training
        self.rewards = rewards
        self.examples = examples
        self.leakageChecks = leakageChecks
        self.provenance = provenance
        self.limits = limits
        self.reviewers = reviewers
    }

    /// The system of a role.
    public func system(_ role: SystemResult.Role) -> SystemResult? { systems.first { $0.role == role } }

    /// The win rate that the verdict is about: the aligned model over the base.
    public var headline: WinRate? { system(.aligned)?.winOverBase }

    /// The sentences that every page carries.
    public var fixedSentences: [String] {
        var sentences: [String] = []
        if isSynthetic {
            sentences.append("The cases are synthetic: written for this project, they describe no patient.")
        }
        sentences.append(
            "This is not a medical device and not a clinical validation: no image was seen, and no output was checked "
                + "against one.")
        if let smallModel {
            sentences.append(
                "A model of \(smallModel) parameters shows how the method works; its impressions are not fit for use.")
        }
        return sentences
    }
}
