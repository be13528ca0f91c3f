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
    /// From which Jaccard similarity on a training prompt counts as a copy of a held-out one.
    public var nearDuplicateThreshold: Double

    /// Makes options: everything, one patient in five held out, copies from a similarity of one half on.
    ///
    /// Traps when a fraction is outside 0 to 1.
    public init(
        seed: UInt64 = 17, heldOutFraction: Double = 0.2, modalities: [String]? = nil, bodyParts: [String]? = nil,
        sources: [String]? = nil, reviewers: [String]? = nil, rejectedKinds: [PreferencePair.RejectedKind]? = nil,
        nearDuplicateThreshold: Double = 0.5
    ) {
        precondition((0...1).contains(heldOutFraction), "held-out fraction \(heldOutFraction) is outside 0...1")
        precondition(
            nearDuplicateThreshold > 0 && nearDuplicateThreshold <= 1,
            "similarity threshold \(nearDuplicateThreshold) is outside 0...1")
        self.seed = seed
        self.heldOutFraction = heldOutFraction
        self.modalities = modalities
        self.bodyParts = bodyParts
        self.sources = sources
        self.reviewers = reviewers
        self.rejectedKinds = rejectedKinds
        self.nearDuplicateThreshold = nearDuplicateThreshold
    }

    /// Why a pair is left out, or nil when it is taken.
    func reasonAgainst(_ pair: PreferencePair) -> String? {
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
            values.map { .array($0.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map { .string($0) }) } ?? .null
        }
        return [
            "modality": list(modalities), "body_part": list(bodyParts), "source": list(sources),
            "reviewer": list(reviewers), "rejected_kind": list(rejectedKinds?.map(\.rawValue)),
        ]
    }
}
