public import StrictJSON

/// One preference: for a prompt, the text that a reviewer chose and the text that was rejected.
///
/// Read from and written to one JSON object a line in TRL's preference format, with Overread's optional fields.
public struct PreferencePair: Sendable, Equatable {
    /// The side of the split between training and measuring.
    public enum Split: String, Sendable, CaseIterable {
        /// For training.
        case train
        /// For measuring, never trained on.
        case heldOut = "held_out"
    }

    /// What is wrong with the rejected text.
    public enum RejectedKind: String, Sendable, CaseIterable {
        /// A draft that breaks the reporting style.
        case offStyle = "off_style"
        /// A draft whose content is wrong.
        case contentError = "content_error"
        /// An output of the base model.
        case baseOutput = "base_output"
    }

    /// The pair's own id; for a record without one, `pair-` and the beginning of its content's hash.
    public var id: String
    /// A key that stands for the patient; never a name or a record number.
    public var patient: String?
    /// A key that stands for the examination.
    public var exam: String?
    /// The DICOM modality code, such as `CT`.
    public var modality: String?
    /// The body part examined.
    public var bodyPart: String?
    /// Where the pair comes from, such as `synthetic`.
    public var source: String?
    /// A key for who preferred it.
    public var reviewer: String?
    /// When, as RFC 3339 text with a zone, as written.
    public var created: String?
    /// The side of the split that the record names; nil when it leaves that to the snapshot.
    public var split: Split?
    /// What is wrong with the rejected text, where it is recorded.
    public var rejectedKind: RejectedKind?
    /// The kinds of finding in the case.
    public var findingKinds: [String]
    /// Whether the case is of a kind that training never shows.
    public var unseenKind: Bool
    /// The indication, comparison and findings alone, where the record has them beside the prompt.
    public var findings: String?
    /// What the model is asked.
    public var prompt: PromptText
    /// The preferred answer, of the same form as the prompt.
    public var chosen: PromptText
    /// The other answer, of the same form as the prompt.
    public var rejected: PromptText
    /// Every other field of the record, in its order.
    public var additional: JSONObject

    /// Makes a pair; only the id and the three texts are needed.
    public init(
        id: String, prompt: PromptText, chosen: PromptText, rejected: PromptText, patient: String? = nil,
        exam: String? = nil, modality: String? = nil, bodyPart: String? = nil, source: String? = nil,
        reviewer: String? = nil, created: String? = nil, split: Split? = nil, rejectedKind: RejectedKind? = nil,
        findingKinds: [String] = [], unseenKind: Bool = false, findings: String? = nil,
        additional: JSONObject = JSONObject()
    ) {
        self.id = id
        self.patient = patient
        self.exam = exam
        self.modality = modality
        self.bodyPart = bodyPart
        self.source = source
        self.reviewer = reviewer
        self.created = created
        self.split = split
        self.rejectedKind = rejectedKind
        self.findingKinds = findingKinds
        self.unseenKind = unseenKind
        self.findings = findings
        self.prompt = prompt
        self.chosen = chosen
        self.rejected = rejected
        self.additional = additional
    }

    /// Whether every field of both is the same, texts compared as bytes.
    public static func == (a: PreferencePair, b: PreferencePair) -> Bool { a.jsonObject == b.jsonObject }

    /// The field names of a record that Overread knows, in the order in which it writes them.
    public static let fieldNames = [
        "id", "patient", "exam", "modality", "body_part", "source", "reviewer", "created", "split", "rejected_kind",
        "finding_kinds", "unseen_kind", "findings", "prompt", "chosen", "rejected",
    ]

    /// The record with an explicit prompt; absent fields are left out.
    public var jsonObject: JSONObject {
        var object = JSONObject()
        func set(_ key: String, _ text: String?) {
            if let text { object.members.append(JSONObject.Member(key, .string(text))) }
        }
        set("id", id)
        set("patient", patient)
        set("exam", exam)
        set("modality", modality)
        set("body_part", bodyPart)
        set("source", source)
        set("reviewer", reviewer)
        set("created", created)
        set("split", split?.rawValue)
        set("rejected_kind", rejectedKind?.rawValue)
        object.members.append(JSONObject.Member("finding_kinds", .array(findingKinds.map { .string($0) })))
        object.members.append(JSONObject.Member("unseen_kind", .bool(unseenKind)))
        set("findings", findings)
        object.members.append(JSONObject.Member("prompt", prompt.json))
        object.members.append(JSONObject.Member("chosen", chosen.json))
        object.members.append(JSONObject.Member("rejected", rejected.json))
        object.members.append(contentsOf: additional.members)
        return object
    }

    /// The record on one line, without the line feed.
    public var jsonLine: String { JSONValue.object(jsonObject).serialized() }

    /// The record's bytes for hashing: every field, keys in byte order.
    var canonicalBytes: [UInt8] { JSONValue.object(jsonObject).serializedBytes(sortedKeys: true) }

    /// SHA-256 of prompt, chosen and rejected: what makes it this pair.
    public var contentDigest: String { Self.contentDigest(prompt, chosen, rejected) }

    static func contentDigest(_ prompt: PromptText, _ chosen: PromptText, _ rejected: PromptText) -> String {
        var digest = ContentDigest("overread pair v1")
        for text in [prompt, chosen, rejected] { digest.add(text.json.serializedBytes()) }
        return digest.finishedHex()
    }

    /// SHA-256 of prompt and both answers in either order: the same for a pair and its mirror image.
    var unorderedDigest: String {
        var digest = ContentDigest("overread unordered pair v1")
        digest.add(prompt.json.serializedBytes())
        let sides = [chosen, rejected].map { $0.json.serializedBytes() }
        for side in sides.sorted(by: { $0.lexicographicallyPrecedes($1) }) { digest.add(side) }
        return digest.finishedHex()
    }

    /// SHA-256 of the prompt alone.
    var promptDigest: String { prompt.digest }

    /// What must not be on both sides of the split: the patient, else the examination, else the prompt.
    var splitUnit: String {
        if let patient { return "patient:" + patient }
        if let exam { return "exam:" + exam }
        return "prompt:" + promptDigest
    }
}
