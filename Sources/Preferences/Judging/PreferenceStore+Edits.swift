public import Diagnostics
internal import GRDB
internal import StrictJSON

/// What an editor made of an answer, and why.
public struct Edit: Sendable, Equatable {
    /// The text after the correction, of the same form as the one before.
    public var text: PromptText
    /// The presentation in which it was corrected; nil for a draft that was corrected by itself.
    public var presentation: Int64?
    /// How long the editor was at work, in milliseconds.
    public var activeMilliseconds: Int?
    /// The class of what was wrong.
    public var reason: Judgement.ErrorMark.Category?
    /// Whether it matters to the patient.
    public var isClinicallySignificant: Bool?
    /// The version of the guideline that was followed.
    public var guideline: String?
    /// The side of the split, where it is fixed beforehand.
    public var split: PreferencePair.Split?

    /// Makes an edit; only the new text is needed.
    public init(
        text: PromptText, presentation: Int64? = nil, activeMilliseconds: Int? = nil,
        reason: Judgement.ErrorMark.Category? = nil, isClinicallySignificant: Bool? = nil, guideline: String? = nil,
        split: PreferencePair.Split? = nil
    ) {
        self.text = text
        self.presentation = presentation
        self.activeMilliseconds = activeMilliseconds
        self.reason = reason
        self.isClinicallySignificant = isClinicallySignificant
        self.guideline = guideline
        self.split = split
    }
}

extension PreferenceStore {
    /// Keeps an answer with its provenance; the same one again is the same candidate.
    ///
    /// - Returns: the candidate's number, which ``record(_:of:exam:by:)`` takes.
    public func createCandidate(_ candidate: Candidate, prompt: PromptText) throws(Refusal) -> Int64 {
        try candidate.check(at: "candidate")
        for (name, text) in [("prompt", prompt), ("candidate", candidate.text)] {
            guard !text.isBlank, text.hasSameForm(as: prompt) else {
                throw Refusal(
                    code: text.isBlank ? "pair.blank" : "pair.mixed-forms", at: name,
                    "it shows nothing, or is not of the prompt's form", mend: "give both as plain text or as messages")
            }
        }
        var event = auditEvent("create", "candidate", "", after: ContentDigest.hex(candidate.identity))
        return try writing { database in
            let promptID = try StoredPairs.promptID(of: prompt, digest: prompt.digest, database)
            let before = try Int64.fetchOne(database, sql: "SELECT max(candidate_id) FROM candidate") ?? 0
            let id = try CandidateRows.id(of: candidate, promptID, event.at, database)
            guard id > before else { return id }
            event.objectID = String(id)
            try AuditChain.append(event, database)
            return id
        }
    }

    /// Keeps a correction of an answer: the new text as a candidate of its own, and the word operations between them.
    ///
    /// The corrected text is preferred to the one before; the pair of them goes into snapshots as `edited`.
    ///
    /// - Returns: the edit's number.
    /// - Throws: `candidate.unknown`, `edit.nothing-changed`, `edit.known`, `presentation.unknown`,
    ///   `presentation.other-reader`, `edit.other-presentation` and the refusals of keys.
    public func record(
        _ edit: Edit, of candidate: Int64, exam: Exam = Exam(), by reviewer: String
    ) throws(Refusal) -> Int64 {
        let event = auditEvent("edit", "candidate", "", after: nil)
        return try writing { database in
            let reader = try reviewerID(reviewer, database)
            return try insert(edit, of: candidate, exam: .new(exam), reader, reviewer, event, database)
        }
    }

    /// The examination of an edit: one that may be new, or a row.
    enum ExamOfEdit {
        case new(Exam)
        case row(Int64?)
    }

    /// Keeps a correction inside a transaction, with its event in the audit chain; gives the edit's number.
    func insert(
        _ edit: Edit, of candidate: Int64, exam: ExamOfEdit, _ reader: Int64, _ reviewer: String, _ event: AuditEvent,
        _ database: Database
    ) throws -> Int64 {
        guard !edit.text.isBlank, !edit.text.plainText.holdsNUL else {
            throw Refusal(code: "pair.blank", at: "edit", "it shows nothing, or holds NUL", mend: "write its text")
        }
        var event = event
        event.objectID = String(candidate)
        let path = self.path
        guard
            let row = try Row.fetchOne(
                database,
                sql: "SELECT candidate.*, form FROM candidate JOIN prompt USING (prompt_id) WHERE candidate_id = ?",
                arguments: [candidate])
        else {
            throw Refusal(
                code: "candidate.unknown", at: path, "the store has no candidate with this number",
                mend: "keep the answer first")
        }
        let original = try CandidateRows.fetch(candidate, database, path: path)
        var edit = edit
        // A page knows plain text only: the one message of a conversation's answer keeps its role.
        if case .text(let plain) = edit.text, case .messages(let messages) = original.text, messages.count == 1 {
            edit.text = .messages([PromptText.Message(role: messages[0].role, content: plain)])
        }
        guard edit.text.hasSameForm(as: original.text), !edit.text.saysTheSame(as: original.text) else {
            throw Refusal(
                code: "edit.nothing-changed", at: "edit",
                "the corrected text is of another form, or the same up to white space; nothing can be learned",
                mend: "record the answer as good as it stands")
        }
        let examID =
            try edit.presentation.map { presentation in
                let shown = try presentationRow(presentation, of: reader, database)
                guard shown["cand_x"] == candidate || shown["cand_y"] == candidate else {
                    throw Refusal(
                        code: "edit.other-presentation", at: "edit", "this presentation does not show the answer",
                        mend: "name the one that does")
                }
                return try Int64.fetchOne(
                    database, sql: "SELECT exam_id FROM judging_pair WHERE pair_id = ?",
                    arguments: [shown["pair_id"] as Int64])
            } ?? examID(exam, database)
        var corrected = original
        corrected.text = edit.text
        corrected.author = original.author.isHuman ? .editedHuman : .editedModel
        corrected.authorKey = reviewer
        corrected.leakFlags = []
        let promptID: Int64 = row["prompt_id"]
        let to = try CandidateRows.id(of: corrected, promptID, event.at, database)
        guard
            try Row.fetchOne(
                database, sql: "SELECT 1 FROM edit WHERE from_candidate = ? AND to_candidate = ?",
                arguments: [candidate, to]) == nil
        else {
            throw Refusal(
                code: "edit.known", at: "edit", "this reader has corrected this answer in the same way before",
                mend: "nothing needs to be done")
        }
        let operations = WordOperations(from: original.text.plainText, to: edit.text.plainText)
        try database.execute(
            sql: """
                INSERT INTO edit (presentation_id, prompt_id, exam_id, from_candidate, to_candidate, reviewer_id,
                    guideline_id, active_ms, operations, kept_words, inserted_words, deleted_words, reason,
                    clinically_significant, designated_split, edited_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                edit.presentation, promptID, examID, candidate, to, reader,
                try guidelineID(edit.guideline, database), edit.activeMilliseconds, operations.json.serialized(),
                operations.keptWords, operations.insertedWords, operations.deletedWords, edit.reason?.rawValue,
                edit.isClinicallySignificant, edit.split?.rawValue, event.at,
            ])
        let id = database.lastInsertedRowID
        event.before = ContentDigest.hex(original.identity)
        event.after = ContentDigest.hex(corrected.identity)
        try AuditChain.append(event, database)
        return id
    }

    private func examID(_ exam: ExamOfEdit, _ database: Database) throws -> Int64? {
        switch exam {
        case .new(let exam): try ExamRows.id(of: exam, at: "exam", database)
        case .row(let id): id
        }
    }
}
