internal import StrictJSON

/// Which pairs a snapshot takes and how it divides them.
public struct SnapshotOptions: Sendable, Equatable {
    /// The seed of the division by hash.
    public var seed: UInt64
    /// The share of patients that goes to the held-out side where no record says, 0 to 1.
    public var heldOutFraction: Double
    /// The modalities to take; nil for all.
    public var modalities: [String]?
    /// The body parts to take; nil for all.
    public var bodyParts: [String]?
    /// The sources to take; nil for all.
    public var sources: [String]?
    /// The reviewers to take; nil for all.
    public var reviewers: [String]?
    /// The kinds of rejected text to take; nil for all.
    public var rejectedKinds: [PreferencePair.RejectedKind]?
    /// The least strength that a judged pair has, 0 to 3; nil for all, and pairs without a strength are then left out.
    public var minimumStrength: Judgement.Strength?
    /// The versions of the guideline to take judged pairs and edits of; nil for all.
    public var guidelines: [String]?
    /// Whether a text that was never screened for identifiers keeps its pair out, as a suspect one always does.
    public var requiresScreening: Bool
    /// How many pairs to train on, chosen by quality and difference; nil for all.
    public var curatedSize: Int?
    /// From which Jaccard similarity on a training prompt counts as a copy of a held-out one.
    public var nearDuplicateThreshold: Double

    /// Makes options: everything, one patient in five held out, copies from a similarity of one half on.
    ///
    /// Traps when a fraction is outside 0 to 1.
    public init(
        seed: UInt64 = 17, heldOutFraction: Double = 0.2, modalities: [String]? = nil, bodyParts: [String]? = nil,
        sources: [String]? = nil, reviewers: [String]? = nil, rejectedKinds: [PreferencePair.RejectedKind]? = nil,
        nearDuplicateThreshold: Double = 0.5, minimumStrength: Judgement.Strength? = nil,
        guidelines: [String]? = nil, requiresScreening: Bool = false, curatedSize: Int? = nil
    ) {
        precondition((0...1).contains(heldOutFraction), "held-out fraction \(heldOutFraction) is outside 0...1")
        precondition(
            nearDuplicateThreshold > 0 && nearDuplicateThreshold <= 1,
            "similarity threshold \(nearDuplicateThreshold) is outside 0...1")
        precondition(curatedSize ?? 1 > 0, "a curated set of \(curatedSize ?? 0) pairs")
        self.seed = seed
        self.heldOutFraction = heldOutFraction
        self.modalities = modalities
        self.bodyParts = bodyParts
        self.sources = sources
        self.reviewers = reviewers
        self.rejectedKinds = rejectedKinds
        self.nearDuplicateThreshold = nearDuplicateThreshold
        self.minimumStrength = minimumStrength
        self.guidelines = guidelines
        self.requiresScreening = requiresScreening
        self.curatedSize = curatedSize
    }

    /// Why a pair is left out, or nil when it is taken.
    ///
    /// - Parameter screened: the newest state of every text that was screened.
    func reasonAgainst(_ pair: PreferencePair, _ screened: [String: ScreeningState]) -> String? {
        if !screened.isEmpty || requiresScreening {
            let states = [pair.prompt, pair.chosen, pair.rejected].map { screened[$0.digest] }
            if states.contains(.suspect) { return "screening:suspect" }
            if requiresScreening, states.contains(nil) { return "screening:missing" }
        }
        if let guidelines, let provenance = pair.judgedProvenance {
            guard let name = provenance["guideline"]?.string, guidelines.contains(where: { $0.sameBytes(as: name) })
            else { return "filter:guideline" }
        }
        if let minimumStrength, pair.isJudged {
            guard pair.judgedStrength ?? -1 >= minimumStrength.rawValue else { return "filter:strength" }
        }
        let filters: [(name: String, allowed: [String]?, value: String?)] = [
            ("modality", modalities, pair.modality), ("body_part", bodyParts, pair.bodyPart),
            ("source", sources, pair.source), ("reviewer", reviewers, pair.reviewer),
            ("rejected_kind", rejectedKinds?.map(\.rawValue), pair.rejectedKind?.rawValue),
        ]
        for (name, allowed, value) in filters {
            guard let allowed else { continue }
            guard let value, allowed.contains(where: { $0.sameBytes(as: value) }) else { return "filter:" + name }
        }
        return nil
    }

    /// The filters as the manifest records them.
    var filters: JSONValue {
        func list(_ values: [String]?) -> JSONValue {
            values.map { .array($0.sorted { $0.precedesInBytes($1) }.map { .string($0) }) } ?? .null
        }
        var filters: JSONObject = [
            "modality": list(modalities), "body_part": list(bodyParts), "source": list(sources),
            "reviewer": list(reviewers), "rejected_kind": list(rejectedKinds?.map(\.rawValue)),
        ]
        if let minimumStrength { filters["minimum_strength"] = .number(JSONNumber(minimumStrength.rawValue)) }
        if guidelines != nil { filters["guideline"] = list(guidelines) }
        if requiresScreening { filters["requires_screening"] = true }
        return .object(filters)
    }
}

extension PreferencePair {
    /// What the store wrote of a judged pair or an edit; nil for an imported one.
    var judgedProvenance: JSONObject? {
        guard source == "judged" || source == "edited" else { return nil }
        return additional["provenance"]?.object
    }

    /// Whether readers compared the two answers.
    var isJudged: Bool { judgedProvenance?["judgements"] != nil }

    /// The strength of a judged pair's verdict.
    var judgedStrength: Int? { judgedProvenance?["strength"]?.int }
}
