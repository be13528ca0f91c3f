public import Diagnostics
internal import GRDB
internal import StrictJSON

extension PreferenceStore {
    /// Puts drafts among the tasks, all or none; a draft that is there already stays as it is.
    ///
    /// - Returns: each task's number, in the order given.
    /// - Throws: `pair.blank`, `pair.mixed-forms`, `candidate.incomplete`, `guideline.unknown` and the refusals of keys.
    public func createCorrectionTasks(_ drafts: [DraftToCorrect]) throws(Refusal) -> [Int64] {
        for (index, draft) in drafts.enumerated() {
            let place = "drafts[\(index)]"
            try draft.candidate.check(at: place)
            for text in [draft.prompt, draft.candidate.text] {
                guard !text.isBlank, text.hasSameForm(as: draft.prompt), !text.plainText.holdsNUL else {
                    throw Refusal(
                        code: text.isBlank ? "pair.blank" : "pair.mixed-forms", at: place,
                        "prompt or draft shows nothing, holds NUL, or they are of different forms",
                        mend: "give both as plain text or as messages")
                }
            }
        }
        var event = auditEvent("create", "correction_task", "", after: nil)
        return try writing { database in
            var ids: [Int64] = []
            var digest = ContentDigest("overread correction tasks v1")
            var created = 0
            for (index, draft) in drafts.enumerated() {
                let (id, isNew) = try insert(draft, at: "drafts[\(index)]", created: event.at, database)
                ids.append(id)
                guard isNew else { continue }
                created += 1
                digest.add(draft.candidate.identity)
            }
            guard created > 0 else { return ids }
            event.objectID = "\(created) tasks"
            event.after = digest.finishedHex()
            try AuditChain.append(event, database)
            return ids
        }
    }

    /// Gives a reader the next draft to correct, or the one that he or she holds already; nil when nothing is left.
    ///
    /// - Throws: `reviewer.unknown`, `reviewer.inactive`.
    public func nextCorrection(for reviewer: String, leaseSeconds: Int = 1800) throws(Refusal) -> CorrectionTask? {
        precondition((1...86_400).contains(leaseSeconds), "a lease of \(leaseSeconds) s is outside 1...86400")
        let moment = now()
        let expires = UTCTime(milliseconds: moment.milliseconds + Int64(leaseSeconds) * 1000)
        var event = auditEvent("present", "correction_task", "", after: nil)
        return try writing { database in
            let reader = try reviewerID(reviewer, database)
            let held = try Int64.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT task_id FROM correction_slot
                        WHERE state = 'leased' AND reviewer_id = ? AND lease_expires_ms > ? ORDER BY task_id LIMIT 1
                        """), arguments: [reader, moment.milliseconds])
            if let held { return try task(held, database) }
            try CorrectionQueue.reopenExpired(now: moment, database)
            let search = try QueueSearch(reader, PolicyRows.current(database).policy, database)
            guard let id = try CorrectionQueue.first(for: search, database) else { return nil }
            try CorrectionQueue.lease(id, to: reader, until: expires, database)
            event.objectID = String(id)
            try AuditChain.append(event, database)
            return try task(id, database)
        }
    }

    /// A task that this reader holds or has ended.
    ///
    /// - Throws: `correction.unknown`; `lease.lost` when it is another reader's.
    public func correction(_ id: Int64, for reviewer: String) throws(Refusal) -> CorrectionTask {
        try reading { database in
            _ = try slot(id, of: reviewerID(reviewer, database), database)
            return try task(id, database)
        }
    }

    /// Lengthens the lease of a reader who is still at work; gives until when.
    ///
    /// - Throws: `correction.unknown`, `lease.lost`, `correction.done`.
    public func renewCorrectionLease(
        _ id: Int64, by reviewer: String, leaseSeconds: Int = 1800
    ) throws(Refusal) -> UTCTime {
        precondition((1...86_400).contains(leaseSeconds), "a lease of \(leaseSeconds) s is outside 1...86400")
        let expires = UTCTime(milliseconds: now().milliseconds + Int64(leaseSeconds) * 1000)
        return try writing { database in
            let reader = try reviewerID(reviewer, database)
            try requireUnended(slot(id, of: reader, database))
            try CorrectionQueue.lease(id, to: reader, until: expires, database)
            return expires
        }
    }

    /// Keeps a correction: the new text is preferred to the draft.
    ///
    /// It is on the disk when this returns.
    ///
    /// - Parameters:
    ///   - id: the task's number.
    ///   - edit: the corrected text and why; its presentation, split and guideline are the task's.
    ///   - reviewer: its reader's key.
    ///   - requestKey: a key of the caller's for this request; the same request again gives the same answer.
    /// - Throws: `edit.nothing-changed`, `correction.unknown`, `correction.done`, `lease.lost`, `correction.key-reused`.
    public func correct(
        _ id: Int64, with edit: Edit, by reviewer: String, requestKey: String? = nil
    ) throws(Refusal) -> RecordedEdit {
        try StoreKey.check(optional: requestKey, "request key")
        let request = Self.digest(edit, subject: "task \(id)", by: reviewer)
        let event = auditEvent("edit", "candidate", "", after: nil)
        return try writing { database in
            let reader = try reviewerID(reviewer, database)
            if let edit = try answered(requestKey, request, database) { return try recorded(edit, database) }
            try requireUnended(slot(id, of: reader, database))
            let row = try taskRow(id, database)
            var edit = edit
            edit.presentation = nil
            edit.split = (row["designated_split"] as String?).flatMap { PreferencePair.Split(rawValue: $0) }
            edit.guideline = row["guideline"]
            let number = try insert(
                edit, of: row["candidate_id"], exam: .row(row["exam_id"]), reader, reviewer, event, database)
            try append(
                "corrected", task: id, presentation: nil, reader, edit: number, edit.activeMilliseconds, requestKey,
                request, event.at, database)
            try CorrectionQueue.set(state: "done", id, database)
            try TextDrafts.set(committed: true, .correction(task: id), reader, database)
            return try recorded(number, database)
        }
    }

    /// Ends a task without a correction.
    ///
    /// A skip gives it to somebody else and keeps the text that was typed.
    ///
    /// - Throws: `correction.unknown`, `correction.done`, `lease.lost`, `correction.key-reused`.
    public func closeCorrection(
        _ id: Int64, as outcome: CorrectionOutcome, by reviewer: String, activeMilliseconds: Int? = nil,
        requestKey: String? = nil
    ) throws(Refusal) {
        try StoreKey.check(optional: requestKey, "request key")
        var digest = ContentDigest("overread correction outcome v1")
        for field in [String(id), reviewer, outcome.rawValue] { digest.add(field) }
        let request = digest.finishedHex()
        let event = auditEvent(outcome.rawValue, "correction_task", String(id), after: request)
        try writing { database in
            let reader = try reviewerID(reviewer, database)
            if let requestKey, try isAnswered(requestKey, request, database) { return }
            try requireUnended(slot(id, of: reader, database))
            try append(
                outcome.rawValue, task: id, presentation: nil, reader, edit: nil, activeMilliseconds, requestKey,
                request,
                event.at, database)
            if outcome == .skip {
                try CorrectionQueue.reopen(id, database)
            } else {
                try CorrectionQueue.set(state: "done", id, database)
                try TextDrafts.set(committed: true, .correction(task: id), reader, database)
            }
            try AuditChain.append(event, database)
        }
    }

    /// Keeps a corrected version of one of the two answers of a reader's own presentation.
    ///
    /// - Throws: `presentation.unknown`, `presentation.other-reader`, and as ``correct(_:with:by:requestKey:)``.
    public func correctPresented(
        _ presentation: Int64, side: Judgement.Side, with edit: Edit, by reviewer: String, requestKey: String? = nil
    ) throws(Refusal) -> RecordedEdit {
        try StoreKey.check(optional: requestKey, "request key")
        let request = Self.digest(edit, subject: "presentation \(presentation) \(side.rawValue)", by: reviewer)
        let event = auditEvent("edit", "candidate", "", after: nil)
        return try writing { database in
            let reader = try reviewerID(reviewer, database)
            if let edit = try answered(requestKey, request, database) { return try recorded(edit, database) }
            let row = try presentationRow(presentation, of: reader, database)
            let pair = try Row.fetchOne(
                database,
                sql: """
                    SELECT designated_split, guideline.name AS guideline
                    FROM judging_pair LEFT JOIN guideline USING (guideline_id) WHERE pair_id = ?
                    """, arguments: [row["pair_id"] as Int64])
            var edit = edit
            edit.presentation = presentation
            edit.split = (pair?["designated_split"] as String?).flatMap { PreferencePair.Split(rawValue: $0) }
            edit.guideline = pair?["guideline"]
            let candidate: Int64 = side == .left ? row["left_candidate"] : row["right_candidate"]
            let number = try insert(edit, of: candidate, exam: .new(Exam()), reader, reviewer, event, database)
            try append(
                "corrected", task: nil, presentation: presentation, reader, edit: number, edit.activeMilliseconds,
                requestKey, request, event.at, database)
            return try recorded(number, database)
        }
    }

    /// How many drafts are open for a reader, the one that he or she holds included; counted up to 100.
    public func waitingCorrectionCount(for reviewer: String) throws(Refusal) -> Int {
        try reading { database in
            let reader = try reviewerID(reviewer, database)
            let held = try Int.fetchOne(
                database,
                sql: "SELECT count(*) FROM correction_slot WHERE state = 'leased' AND reviewer_id = ?",
                arguments: [reader])
            let search = try QueueSearch(reader, PolicyRows.current(database).policy, database)
            let open = try CorrectionQueue.count(for: search, upTo: Self.countedAtMost, database)
            return min(Self.countedAtMost, (held ?? 0) + open)
        }
    }
}
