public import Diagnostics
internal import GRDB

extension PreferenceStore {
    /// Keeps a reader's answer to a presentation; it is on the disk when this returns.
    ///
    /// A later answer to the same presentation supersedes the earlier one and removes nothing.
    ///
    /// - Parameters:
    ///   - judgement: the answer.
    ///   - presentation: the presentation's number.
    ///   - reviewer: its reader's key.
    ///   - revision: the newest revision that the reader saw, 0 for none: another answer in between is not written over.
    ///   - requestKey: a key of the caller's for this request; the same request again gives the same answer.
    /// - Throws: `judgement.stale` when another answer came in between, `lease.lost` when the lease ran out and the place
    ///   was given to somebody else, `judgement.bad` for an answer that contradicts itself, `judgement.key-reused`,
    ///   `presentation.unknown`, `presentation.other-reader`, `reviewer.unknown`.
    public func record(
        _ judgement: Judgement, on presentation: Int64, by reviewer: String, revision: Int = 0,
        requestKey: String? = nil
    ) throws(Refusal) -> RecordedJudgement {
        try judgement.check()
        return try append(
            choice: judgement.choice.rawValue, judgement, on: presentation, by: reviewer, revision: revision,
            requestKey: requestKey, leaseSeconds: 0)
    }

    /// Takes the newest answer to a presentation back, as a new event; the reader holds the place again.
    ///
    /// - Throws: `judgement.nothing-to-undo`, or as ``record(_:on:by:revision:requestKey:)``.
    public func undo(
        presentation: Int64, by reviewer: String, revision: Int, leaseSeconds: Int = 900, requestKey: String? = nil
    ) throws(Refusal) -> RecordedJudgement {
        precondition((1...86_400).contains(leaseSeconds), "a lease of \(leaseSeconds) s is outside 1...86400")
        return try append(
            choice: "undo", Judgement(.skip), on: presentation, by: reviewer, revision: revision,
            requestKey: requestKey, leaseSeconds: leaseSeconds)
    }

    /// Every answer to a presentation, the oldest first; nil stands for one that took the answer before it back.
    public func judgements(ofPresentation id: Int64) throws(Refusal) -> [(revision: Int, judgement: Judgement?)] {
        try reading { database in
            let rows = try Row.fetchAll(
                database, sql: "SELECT * FROM judgement WHERE presentation_id = ? ORDER BY revision", arguments: [id])
            return try rows.map { ($0["revision"], try JudgementRows.judgement($0, database)) }
        }
    }

    private func append(
        choice: String, _ judgement: Judgement, on presentation: Int64, by reviewer: String, revision: Int,
        requestKey: String?, leaseSeconds: Int
    ) throws(Refusal) -> RecordedJudgement {
        try StoreKey.check(optional: requestKey, "request key")
        let moment = now()
        let request = JudgementRows.digest(judgement, choice: choice, presentation, reviewer, revision)
        var event = auditEvent(choice == "undo" ? "undo" : "judge", "presentation", String(presentation), after: nil)
        return try writing { database in
            let reader = try reviewerID(reviewer, database)
            if let requestKey, let earlier = try answered(requestKey, request: request, database) { return earlier }
            let row = try presentationRow(presentation, of: reader, database)
            let newest = try JudgementRows.newest(presentation, database)
            guard newest?.revision ?? 0 == revision else {
                throw Refusal(
                    code: "judgement.stale", at: path,
                    "there is an answer of revision \(newest?.revision ?? 0); the one seen was \(revision)",
                    mend: "look at the newest answer and answer again")
            }
            if choice == "undo", newest == nil || newest?.choice == "undo" {
                throw Refusal(
                    code: "judgement.nothing-to-undo", at: path, "there is no answer to take back",
                    mend: "answer the case")
            }
            let isHolder = row["newest_presentation"] == presentation
            let state: String = row["state"]
            guard isHolder || choice == "undo" else {
                throw Refusal(
                    code: "lease.lost", at: path, "the lease ran out and another reader was given this place",
                    mend: "ask for the next pair")
            }
            if choice != "undo", row["repeat_of"] as Int64? == nil { try requireOnlyAnswer(row, reader, database) }
            let id = try JudgementRows.insert(
                judgement, choice: choice, row, revision: revision + 1, supersedes: newest?.id, requestKey: requestKey,
                request: request, at: moment, database)
            let (pair, slot): (Int64, Int64) = (row["pair_id"], row["slot_no"])
            switch choice {
            case "skip": try JudgingQueue.set(state: "open", pair: pair, slot: slot, atEnd: true, database)
            case "undo" where isHolder && state != "held":
                let until = UTCTime(milliseconds: moment.milliseconds + Int64(leaseSeconds) * 1000)
                try JudgingQueue.lease(
                    pair: pair, slot: slot, presentation: presentation, reviewer: reader, until: until, database)
            case "undo": break
            default: try JudgingQueue.set(state: "done", pair: pair, slot: slot, database)
            }
            if choice != "undo" { try JudgingQueue.releaseOthers(pair: pair, slot: slot, holder: reader, database) }
            if choice == "skip" || choice == "undo", try JudgingQueue.isHeld(pair: pair, database) {
                try JudgingQueue.set(state: "held", pair: pair, slot: slot, database)
            }
            let standing = try PairStanding.update(pair: pair, database)
            try QueueOrder.follow(standing: standing, pair: pair, database)
            let isHandedIn = choice != "undo" && choice != "skip"
            try TextDrafts.set(committed: isHandedIn, .judgement(presentation: presentation), reader, database)
            event.revision = Int64(revision + 1)
            event.before = newest?.request
            event.after = request
            try AuditChain.append(event, database)
            return RecordedJudgement(
                id: id, presentation: presentation, revision: revision + 1, supersedes: newest?.id, at: moment)
        }
    }

    /// Refuses a second answer of one reader about one pair, given from a place whose lease ran out.
    private func requireOnlyAnswer(_ presentation: Row, _ reader: Int64, _ database: Database) throws {
        let other = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT 1 FROM presentation AS other
                    WHERE pair_id = ? AND reviewer_id = ? AND presentation_id <> ? AND repeat_of IS NULL AND (
                        SELECT choice NOT IN ('skip', 'undo') FROM judgement
                        WHERE judgement.presentation_id = other.presentation_id ORDER BY revision DESC LIMIT 1)
                    """),
            arguments: [presentation["pair_id"] as Int64, reader, presentation["presentation_id"] as Int64])
        guard other != nil else { return }
        throw Refusal(
            code: "lease.lost", at: path,
            "the lease ran out, and this reader has answered the pair in another place since",
            mend: "ask for the next pair")
    }

    /// What an earlier request with the same key was answered.
    private func answered(_ key: String, request: String, _ database: Database) throws -> RecordedJudgement? {
        let statement = try database.cachedStatement(sql: "SELECT * FROM judgement WHERE request_key = ?")
        guard let row = try Row.fetchOne(statement, arguments: [key]), let at = UTCTime(row["judged_at"]) else {
            return nil
        }
        guard row["request_sha256"] == request else {
            throw Refusal(
                code: "judgement.key-reused", at: path, "this request key belongs to another answer",
                mend: "give every request a key of its own")
        }
        return RecordedJudgement(
            id: row["judgement_id"], presentation: row["presentation_id"], revision: row["revision"],
            supersedes: row["supersedes"], at: at)
    }
}

extension Judgement {
    /// Refuses an answer that contradicts itself.
    func check() throws(Refusal) {
        func refused(_ problem: String) -> Refusal {
            Refusal(code: "judgement.bad", at: "judgement", problem, mend: "answer again")
        }
        guard strength == nil || choice == .left || choice == .right else {
            throw refused("a strength without a preferred side")
        }
        guard confidence.map({ (1...3).contains($0) }) ?? true else { throw refused("confidence is 1, 2 or 3") }
        guard Set(criteria.map(\.criterion)).count == criteria.count else { throw refused("a criterion twice") }
        for mark in errors {
            guard mark.bytes.map({ $0.lowerBound >= 0 && !$0.isEmpty }) ?? true else {
                throw refused("an error mark of no bytes")
            }
            try StoreKey.check(text: mark.note, "judgement.errors.note")
            try StoreKey.check(optional: mark.section, "judgement.errors.section")
        }
        let times = [
            circumstances.firstActionMilliseconds, circumstances.activeMilliseconds, circumstances.hiddenMilliseconds,
            circumstances.idleMilliseconds,
        ]
        guard times.allSatisfy({ $0.map { $0 >= 0 } ?? true }) else { throw refused("a negative time") }
        try StoreKey.check(text: comment, "judgement.comment")
    }
}
