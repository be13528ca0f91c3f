internal import GRDB
internal import StrictJSON

/// What the rows of a pair hold, apart from the numbers that only the store gives.
struct PairValues: Sendable {
    /// The columns of `prompt`; the row's number comes after them.
    static let promptColumns = ["sha256", "form", "content", "prompt_id"]
    /// The columns of `exam`; the row's number comes after them.
    static let examColumns = ["exam_key", "patient_key", "modality", "body_part", "exam_id"]
    /// The columns of `pair`; the numbers of its prompt, its examination and its batch come after them.
    static let pairColumns = [
        "pair_key", "chosen", "rejected", "content_sha256", "unordered_sha256", "record_sha256", "source", "reviewer",
        "created_at", "rejected_kind", "finding_kinds", "unseen_kind", "designated_split", "findings", "additional",
        "line", "prompt_id", "exam_id", "batch_id",
    ]

    let prompt: StatementArguments
    let exam: StatementArguments
    let pair: StatementArguments

    init(_ pair: PreferencePair, _ digests: PairDigests, line: Int) {
        let (form, content) = StoredPairs.column(pair.prompt)
        prompt = [digests.prompt.hex, form, content]
        exam = [pair.exam, pair.patient, pair.modality, pair.bodyPart]
        let kinds = JSONValue.array(pair.findingKinds.map { .string($0) })
        self.pair = [
            pair.id, StoredPairs.column(pair.chosen).content, StoredPairs.column(pair.rejected).content,
            digests.content, digests.unordered, digests.record, pair.source, pair.reviewer, pair.created,
            pair.rejectedKind?.rawValue, pair.findingKinds.isEmpty ? "[]" : kinds.serialized(), pair.unseenKind,
            pair.split?.rawValue, pair.findings,
            pair.additional.members.isEmpty ? "{}" : JSONValue.object(pair.additional).serialized(), line,
        ]
    }
}
