public import Evaluation

/// One rule, judged for base and aligned model on the cases to which it applies for both.
public struct RuleResult: Sendable, Equatable {
    /// The rule's id, such as `measurement-style`.
    public var id: String
    /// The rule in one sentence.
    public var description: String
    /// Whether a broken rule means that what the text says may be wrong.
    public var isSafety: Bool
    /// The outcomes: A is the aligned model, B the base; nil when the rule applied to no case.
    public var outcomes: PairedProportions?

    /// Makes a rule's result.
    public init(id: String, description: String, isSafety: Bool, outcomes: PairedProportions?) {
        self.id = id
        self.description = description
        self.isSafety = isSafety
        self.outcomes = outcomes
    }

    /// Whether it is a safety rule that the aligned model broke where the base kept it.
    public var isSafetyBroken: Bool { isSafety && (outcomes?.broken ?? 0) > 0 }
}

extension AlignmentReport {
    /// The rules in the order of the page: broken safety rules, then by the size of the change, then by id.
    public var rulesByChange: [RuleResult] {
        rules.sorted { a, b in
            if a.isSafetyBroken != b.isSafetyBroken { return a.isSafetyBroken }
            let (x, y) = (
                a.outcomes.map { abs($0.difference.mean) } ?? -1, b.outcomes.map { abs($0.difference.mean) } ?? -1
            )
            return x == y ? a.id.utf8.lexicographicallyPrecedes(b.id.utf8) : x > y
        }
    }

    /// Holm's adjusted p of each rule that applied anywhere, by id; the family is all of them.
    public var holmP: [String: Double] {
        let tested = rules.filter { $0.outcomes != nil }
        let adjusted = ExactTests.holm(tested.map { $0.outcomes?.exactP ?? 1 })
        return Dictionary(zip(tested.map(\.id), adjusted), uniquingKeysWith: { first, _ in first })
    }
}
