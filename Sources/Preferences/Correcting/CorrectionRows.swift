internal import Diagnostics
internal import GRDB
internal import StrictJSON

extension PreferenceStore {
    /// The task's number, made when its draft is new.
    func insert(
        _ draft: DraftToCorrect, at place: String, created: String, _ database: Database
    ) throws -> (id: Int64, isNew: Bool) {
        let promptDigest = draft.prompt.digest
        let promptID = try StoredPairs.promptID(of: draft.prompt, digest: promptDigest, database)
        let candidate = try CandidateRows.id(of: draft.candidate, promptID, created, database)
        if let id = try Int64.fetchOne(
            database.cachedStatement(sql: "SELECT task_id FROM correction_task WHERE candidate_id = ?"),
            arguments: [candidate])
        {
            return (id, false)
        }
        let exam = try ExamRows.id(of: draft.exam, at: place, database)
        try database.cachedStatement(
            sql: """
                INSERT INTO correction_task (candidate_id, exam_id, guideline_id, designated_split, created_at)
                VALUES (?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            candidate, exam, try guidelineID(draft.guideline, database), draft.split?.rawValue, created,
        ])
        let id = database.lastInsertedRowID
        let specialty = try exam.flatMap {
            try String.fetchOne(
                database.cachedStatement(sql: "SELECT lower(subspecialty) FROM exam WHERE exam_id = ?"), arguments: [$0]
            )
        }
        let isHeld = try [promptDigest, draft.candidate.text.digest].contains {
            try Screenings.isSuspect($0, database)
        }
        try database.cachedStatement(
            sql: "INSERT INTO correction_slot (task_id, state, specialty, queue_position) VALUES (?, ?, ?, ?)"
        ).execute(arguments: [
            id, isHeld ? "held" : "open", specialty ?? "", try CorrectionQueue.nextPosition(database),
        ])
        return (id, true)
    }

    /// A task's row with what is shown beside it.
    func taskRow(_ id: Int64, _ database: Database) throws -> Row {
        let statement = try database.cachedStatement(
            sql: """
                SELECT correction_task.*, form, prompt.content AS prompt_content, candidate.content AS draft_content,
                    guideline.name AS guideline, exam_key, modality, body_part, lease_expires_ms
                FROM correction_task JOIN correction_slot USING (task_id) JOIN candidate USING (candidate_id)
                    JOIN prompt USING (prompt_id) LEFT JOIN exam ON exam.exam_id = correction_task.exam_id
                    LEFT JOIN guideline USING (guideline_id)
                WHERE correction_task.task_id = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { throw unknownCorrection() }
        return row
    }

    func task(_ id: Int64, _ database: Database) throws -> CorrectionTask {
        let row = try taskRow(id, database)
        guard let prompt = StoredPairs.text(row["prompt_content"], row["form"]),
            let draft = StoredPairs.text(row["draft_content"], row["form"])
        else { throw Self.damaged("\(path), correction task \(id)") }
        return CorrectionTask(
            id: id, prompt: prompt, draft: draft, guideline: row["guideline"], exam: row["exam_key"],
            modality: row["modality"],
            bodyPart: row["body_part"], leaseExpires: UTCTime(milliseconds: row["lease_expires_ms"] ?? 0))
    }

    /// The slot of a task that is this reader's, or was.
    func slot(_ id: Int64, of reader: Int64, _ database: Database) throws -> Row {
        let statement = try database.cachedStatement(sql: "SELECT * FROM correction_slot WHERE task_id = ?")
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { throw unknownCorrection() }
        // Nil for a task that nobody was ever given.
        let holder: Int64? = row["reviewer_id"]
        guard holder == reader else { throw lostLease() }
        return row
    }

    /// A lease that ran out still counts while nobody else was given the task.
    func requireUnended(_ slot: Row) throws {
        let state: String = slot["state"]
        guard state == "leased" || state == "open" else {
            throw Refusal(
                code: "correction.done", at: path, "this draft is done already, or was taken out of the queue",
                mend: "ask for the next one")
        }
    }

    private func unknownCorrection() -> Refusal {
        Refusal(
            code: "correction.unknown", at: path, "the store has no draft to correct with this number",
            mend: "ask for the next one")
    }

    // MARK: Events

    func append(
        _ outcome: String, task: Int64?, presentation: Int64?, _ reader: Int64, edit: Int64?,
        _ activeMilliseconds: Int?, _ requestKey: String?, _ request: String, _ at: String, _ database: Database
    ) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO correction_event (task_id, presentation_id, reviewer_id, outcome, edit_id, active_ms,
                    request_key, request_sha256, at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [task, presentation, reader, outcome, edit, activeMilliseconds, requestKey, request, at])
    }

    /// Whether a request came before.
    func isAnswered(_ key: String, _ request: String, _ database: Database) throws -> Bool {
        let known = try String.fetchOne(
            database.cachedStatement(sql: "SELECT request_sha256 FROM correction_event WHERE request_key = ?"),
            arguments: [key])
        guard known == nil || known == request else {
            throw Refusal(
                code: "correction.key-reused", at: path, "this request key belongs to another correction",
                mend: "give every request a key of its own")
        }
        return known != nil
    }

    /// The edit that an earlier request with the same key made.
    func answered(_ key: String?, _ request: String, _ database: Database) throws -> Int64? {
        guard let key, try isAnswered(key, request, database) else { return nil }
        return try Int64.fetchOne(
            database, sql: "SELECT edit_id FROM correction_event WHERE request_key = ?", arguments: [key])
    }

    func recorded(_ edit: Int64, _ database: Database) throws -> RecordedEdit {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT kept_words, inserted_words, deleted_words FROM edit WHERE edit_id = ?"), arguments: [edit])
        guard let row else { throw Self.damaged("\(path), edit row \(edit)") }
        return RecordedEdit(
            edit: edit, keptWords: row["kept_words"], insertedWords: row["inserted_words"],
            deletedWords: row["deleted_words"])
    }

    /// SHA-256 over a request, for requests that come twice.
    static func digest(_ edit: Edit, subject: String, by reviewer: String) -> String {
        var digest = ContentDigest("overread correction v1")
        digest.add(subject)
        digest.add(reviewer)
        digest.add(edit.text.json.serializedBytes())
        digest.add(optional: edit.activeMilliseconds.map { String($0) })
        digest.add(optional: edit.reason?.rawValue)
        digest.add(optional: edit.isClinicallySignificant.map { String($0) })
        return digest.finishedHex()
    }
}
