internal import Diagnostics
internal import GRDB
internal import StrictJSON

/// Judgements between rows and values.
enum JudgementRows {
    /// The newest event of a presentation, whatever it is.
    static func newest(
        _ presentation: Int64, _ database: Database
    ) throws -> (id: Int64, revision: Int, choice: String, request: String)? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT judgement_id, revision, choice, request_sha256 FROM judgement WHERE presentation_id = ?
                ORDER BY revision DESC LIMIT 1
                """)
        let row = try Row.fetchOne(statement, arguments: [presentation])
        return row.map { ($0["judgement_id"], $0["revision"], $0["choice"], $0["request_sha256"]) }
    }

    /// SHA-256 over all that a reader said, for the audit chain and for requests that come twice.
    static func digest(
        _ judgement: Judgement, choice: String, _ presentation: Int64, _ reviewer: String, _ revision: Int
    ) -> String {
        var digest = ContentDigest("overread judgement v1")
        digest.add(presentation)
        digest.add(reviewer)
        digest.add(Int64(revision))
        digest.add(choice)
        func add(_ number: Int?) { digest.add(optional: number.map { String($0) }) }
        func add(_ flag: Bool?) { digest.add(optional: flag.map { String($0) }) }
        add(judgement.strength?.rawValue)
        add(judgement.confidence)
        digest.add(Int64(judgement.criteria.count))
        for verdict in judgement.criteria {
            digest.add(verdict.criterion.rawValue)
            digest.add(verdict.winner?.rawValue ?? "tie")
        }
        digest.add(Int64(judgement.errors.count))
        for mark in judgement.errors {
            digest.add(mark.side.rawValue)
            digest.add(mark.category.rawValue)
            add(mark.isSignificant)
            digest.add(optional: mark.actionability?.rawValue)
            digest.add(optional: mark.section)
            add(mark.bytes?.lowerBound)
            add(mark.bytes?.upperBound)
            digest.add(optional: mark.note)
        }
        for side in Judgement.Side.allCases { digest.add(optional: judgement.radpeer[side]?.rawValue) }
        digest.add(optional: judgement.comment)
        let circumstances = judgement.circumstances
        add(circumstances.firstActionMilliseconds)
        add(circumstances.activeMilliseconds)
        add(circumstances.hiddenMilliseconds)
        add(circumstances.idleMilliseconds)
        add(circumstances.diffWasVisible)
        add(circumstances.imageWasOpened)
        return digest.finishedHex()
    }

    /// Writes the parts first and the judgement's own row last, which seals them.
    static func insert(
        _ judgement: Judgement, choice: String, _ presentation: Row, revision: Int, supersedes: Int64?,
        requestKey: String?, request: String, at: UTCTime, _ database: Database
    ) throws -> Int64 {
        let left: Int64 = presentation["left_candidate"]
        let right: Int64 = presentation["right_candidate"]
        let next = try database.cachedStatement(sql: "SELECT coalesce(max(judgement_id), 0) + 1 FROM judgement")
        let id = try Int64.fetchOne(next) ?? 1
        try checkParts(judgement, left: left, right: right, database)
        for verdict in judgement.criteria {
            try database.cachedStatement(sql: "INSERT INTO judgement_criterion VALUES (?, ?, ?)").execute(
                arguments: [id, verdict.criterion.rawValue, verdict.winner?.rawValue ?? "tie"])
        }
        for (index, mark) in judgement.errors.enumerated() {
            try database.cachedStatement(sql: "INSERT INTO error_mark VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(
                arguments: [
                    id, index + 1, mark.side.rawValue, mark.category.rawValue,
                    mark.isSignificant ? "significant" : "insignificant", mark.actionability?.rawValue, mark.section,
                    mark.bytes?.lowerBound, mark.bytes?.upperBound, mark.note,
                ])
        }
        for side in Judgement.Side.allCases {
            guard let score = judgement.radpeer[side] else { continue }
            try database.cachedStatement(sql: "INSERT INTO radpeer_score VALUES (?, ?, ?)").execute(
                arguments: [id, side.rawValue, score.rawValue])
        }
        let chosen = choice == "left" ? left : choice == "right" ? right : nil
        let circumstances = judgement.circumstances
        try database.cachedStatement(
            sql: """
                INSERT INTO judgement (judgement_id, presentation_id, revision, supersedes, left_candidate,
                    right_candidate, choice, chosen_candidate, strength, confidence, comment, first_action_ms,
                    active_ms, hidden_ms, idle_ms, diff_was_visible, image_was_opened, request_key, request_sha256,
                    judged_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            id, presentation["presentation_id"] as Int64, revision, supersedes, left, right, choice, chosen,
            judgement.strength?.rawValue, judgement.confidence, judgement.comment,
            circumstances.firstActionMilliseconds, circumstances.activeMilliseconds, circumstances.hiddenMilliseconds,
            circumstances.idleMilliseconds, circumstances.diffWasVisible, circumstances.imageWasOpened, requestKey,
            request, at.description,
        ])
        return id
    }

    /// Refuses marks beyond an answer's end and peer scores of a model.
    private static func checkParts(
        _ judgement: Judgement, left: Int64, right: Int64, _ database: Database
    ) throws {
        for side in Judgement.Side.allCases {
            let marks = judgement.errors.filter { $0.side == side }
            guard judgement.radpeer[side] != nil || marks.contains(where: { $0.bytes != nil }) else { continue }
            let statement = try database.cachedStatement(
                sql: """
                    SELECT candidate.*, form FROM candidate JOIN prompt USING (prompt_id) WHERE candidate_id = ?
                    """)
            guard let row = try Row.fetchOne(statement, arguments: [side == .left ? left : right]),
                let candidate = CandidateRows.candidate(row)
            else { continue }
            let end = candidate.text.plainText.utf8.count
            guard marks.allSatisfy({ ($0.bytes?.upperBound ?? 0) <= end }) else {
                throw Refusal(
                    code: "judgement.bad", at: "judgement.errors", "an error mark beyond the answer's \(end) bytes",
                    mend: "mark it again")
            }
            guard judgement.radpeer[side] == nil || candidate.author.isHuman else {
                throw Refusal(
                    code: "judgement.bad", at: "judgement.radpeer",
                    "a peer score of an answer that a model wrote; RADPEER is about a colleague's read",
                    mend: "leave the score out")
            }
        }
    }

    /// A row's judgement with its parts; nil for an undo.
    static func judgement(_ row: Row, _ database: Database) throws -> Judgement? {
        guard let choice = Judgement.Choice(rawValue: row["choice"]) else { return nil }
        let id: Int64 = row["judgement_id"]
        var judgement = Judgement(
            choice, strength: (row["strength"] as Int?).flatMap { Judgement.Strength(rawValue: $0) },
            confidence: row["confidence"], comment: row["comment"],
            circumstances: Judgement.Circumstances(
                firstActionMilliseconds: row["first_action_ms"], activeMilliseconds: row["active_ms"],
                hiddenMilliseconds: row["hidden_ms"], idleMilliseconds: row["idle_ms"],
                diffWasVisible: row["diff_was_visible"], imageWasOpened: row["image_was_opened"]))
        judgement.criteria = try Row.fetchAll(
            database, sql: "SELECT * FROM judgement_criterion WHERE judgement_id = ? ORDER BY criterion",
            arguments: [id]
        ).compactMap { part in
            Judgement.Criterion(rawValue: part["criterion"]).map {
                Judgement.CriterionVerdict($0, Judgement.Side(rawValue: part["winner"]))
            }
        }
        judgement.errors = try Row.fetchAll(
            database, sql: "SELECT * FROM error_mark WHERE judgement_id = ? ORDER BY mark_no", arguments: [id]
        ).compactMap(mark)
        for part in try Row.fetchAll(
            database, sql: "SELECT * FROM radpeer_score WHERE judgement_id = ?", arguments: [id])
        {
            guard let side = Judgement.Side(rawValue: part["side"]) else { continue }
            judgement.radpeer[side] = Judgement.RADPEER(rawValue: part["score"])
        }
        return judgement
    }

    private static func mark(_ row: Row) -> Judgement.ErrorMark? {
        guard let side = Judgement.Side(rawValue: row["side"]),
            let category = Judgement.ErrorMark.Category(rawValue: row["category"])
        else { return nil }
        let start: Int? = row["byte_start"]
        let end: Int? = row["byte_end"]
        let actionability = (row["actionability"] as String?).flatMap {
            Judgement.ErrorMark.Actionability(rawValue: $0)
        }
        return Judgement.ErrorMark(
            side, category, isSignificant: row["significance"] == "significant", actionability: actionability,
            section: row["section"], bytes: start.flatMap { start in end.map { start..<$0 } }, note: row["note"])
    }
}
