public import Diagnostics
internal import GRDB
public import StrictJSON

extension PreferenceStore {
    /// What a reader answered last: the current answer of each presentation, the newest first.
    ///
    /// - Throws: `reviewer.unknown`.
    public func ownJudgements(
        of reviewer: String, limit: Int = 100
    ) throws(Refusal) -> [(
        presentation: Int64, kind: ReviewKind, revision: Int, choice: Judgement.Choice, strength: Judgement.Strength?,
        at: UTCTime
    )] {
        try reading { database in
            let reader = try reviewerID(reviewer, database, mustBeActive: false)
            let rows = try Row.fetchAll(
                database.cachedStatement(
                    sql: """
                        SELECT judgement.*, purpose FROM (
                            SELECT presentation_id, pair_id FROM presentation WHERE reviewer_id = :reader
                            ORDER BY presentation_id DESC LIMIT :limit + 10)
                            JOIN judging_pair USING (pair_id) JOIN judgement USING (presentation_id)
                        WHERE choice <> 'undo' AND NOT EXISTS (
                            SELECT 1 FROM judgement AS later WHERE later.presentation_id = judgement.presentation_id
                                AND later.revision > judgement.revision)
                        ORDER BY judgement_id DESC LIMIT :limit
                        """), arguments: ["reader": reader, "limit": limit])
            return rows.compactMap { row in
                guard let choice = Judgement.Choice(rawValue: row["choice"]), let at = UTCTime(row["judged_at"]) else {
                    return nil
                }
                return (
                    row["presentation_id"], row["purpose"] == "winrate" ? .arena : .judge, row["revision"], choice,
                    (row["strength"] as Int?).flatMap { Judgement.Strength(rawValue: $0) }, at
                )
            }
        }
    }

    /// Some of what a reader did, the newest first: one object each, of the kinds `judgement`, `undo`, `correction`,
    /// `draft` (ended without a correction) and `adjudication`.
    ///
    /// They hold the reader's own words, marks and corrected texts, and no other text of a report. Which cases had a
    /// known answer or were repeats is not said.
    ///
    /// - Throws: `reviewer.unknown`.
    public func deeds(of reviewer: String, offset: Int = 0, limit: Int = 100) throws(Refusal) -> [JSONObject] {
        try reading { database in
            let reader = try reviewerID(reviewer, database, mustBeActive: false)
            let rows = try Row.fetchAll(
                database, sql: DeedRows.selection + " ORDER BY at DESC, kind DESC, id DESC LIMIT :limit OFFSET :offset",
                arguments: ["reader": reader, "limit": limit, "offset": offset])
            return try rows.map { try DeedRows.object($0, database) }
        }
    }

    /// Everything that a reader did, the oldest first, and then the unfinished texts: one JSON object each time, without
    /// a line feed.
    ///
    /// - Throws: `reviewer.unknown`.
    public func forEachDeed(of reviewer: String, _ body: (String) -> Void) throws(Refusal) {
        try reading { database in
            let reader = try reviewerID(reviewer, database, mustBeActive: false)
            let rows = try Row.fetchCursor(
                database, sql: DeedRows.selection + " ORDER BY at, kind, id", arguments: ["reader": reader])
            while let row = try rows.next() {
                body(JSONValue.object(try DeedRows.object(row, database)).serialized())
            }
            let drafts = try Row.fetchCursor(
                database, sql: "SELECT * FROM text_draft WHERE reviewer_id = ? AND NOT is_committed ORDER BY saved_at",
                arguments: [reader])
            while let row = try drafts.next() {
                let object: JSONValue = [
                    "kind": "unfinished", "at": .string(row["saved_at"]), "of": .string(row["task"]),
                    "text": .string(row["content"]),
                ]
                body(object.serialized())
            }
        }
    }
}

/// What a reader did, between rows and objects.
enum DeedRows {
    static let selection = """
        SELECT * FROM (
            SELECT judged_at AS at, 'judgement' AS kind, judgement_id AS id
            FROM judgement JOIN presentation USING (presentation_id) WHERE reviewer_id = :reader
            UNION ALL SELECT edited_at, 'correction', edit_id FROM edit WHERE reviewer_id = :reader
            UNION ALL SELECT at, 'draft', event_id FROM correction_event
                WHERE reviewer_id = :reader AND outcome <> 'corrected'
            UNION ALL SELECT adjudicated_at, 'adjudication', adjudication_id FROM adjudication
                WHERE reviewer_id = :reader)
        """

    static func object(_ row: Row, _ database: Database) throws -> JSONObject {
        let (kind, id): (String, Int64) = (row["kind"], row["id"])
        var object: JSONObject = ["kind": .string(kind), "at": .string(row["at"])]
        switch kind {
        case "judgement": try addJudgement(id, to: &object, database)
        case "correction": try addCorrection(id, to: &object, database)
        case "draft":
            try addColumns(
                ["task_id", "outcome", "active_ms"], of: "correction_event", "event_id", id, to: &object, database)
        default:
            try addColumns(
                ["pair_id", "revision", "outcome", "basis", "error_source", "strength", "note"], of: "adjudication",
                "adjudication_id", id, to: &object, database)
        }
        return object
    }

    private static func addJudgement(_ id: Int64, to object: inout JSONObject, _ database: Database) throws {
        guard
            let row = try Row.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT judgement.*, purpose FROM judgement JOIN presentation USING (presentation_id)
                            JOIN judging_pair USING (pair_id) WHERE judgement_id = ?
                        """), arguments: [id])
        else { return }
        object["page"] = row["purpose"] == "winrate" ? "arena" : "judge"
        object["presentation"] = .number(JSONNumber(row["presentation_id"] as Int))
        object["revision"] = .number(JSONNumber(row["revision"] as Int))
        guard let judgement = try JudgementRows.judgement(row, database) else {
            object["kind"] = "undo"
            return
        }
        object["choice"] = .string(judgement.choice.rawValue)
        if let strength = judgement.strength { object["strength"] = .number(JSONNumber(strength.rawValue)) }
        if let confidence = judgement.confidence { object["confidence"] = .number(JSONNumber(confidence)) }
        if let comment = judgement.comment { object["comment"] = .string(comment) }
        if let active = judgement.circumstances.activeMilliseconds { object["active_ms"] = .number(JSONNumber(active)) }
        if !judgement.criteria.isEmpty {
            object["criteria"] = .array(
                judgement.criteria.map {
                    [
                        "criterion": .string($0.criterion.rawValue),
                        "winner": $0.winner.map { .string($0.rawValue) } ?? .null,
                    ]
                })
        }
        if !judgement.errors.isEmpty { object["errors"] = .array(judgement.errors.map(mark)) }
        for side in Judgement.Side.allCases {
            if let score = judgement.radpeer[side] { object["radpeer_\(side.rawValue)"] = .string(score.rawValue) }
        }
    }

    private static func mark(_ mark: Judgement.ErrorMark) -> JSONValue {
        var object: JSONObject = [
            "side": .string(mark.side.rawValue), "category": .string(mark.category.rawValue),
            "significant": .bool(mark.isSignificant),
        ]
        if let actionability = mark.actionability { object["actionability"] = .string(actionability.rawValue) }
        if let section = mark.section { object["section"] = .string(section) }
        if let bytes = mark.bytes {
            object["start"] = .number(JSONNumber(bytes.lowerBound))
            object["end"] = .number(JSONNumber(bytes.upperBound))
        }
        if let note = mark.note { object["note"] = .string(note) }
        return .object(object)
    }

    private static func addCorrection(_ id: Int64, to object: inout JSONObject, _ database: Database) throws {
        try addColumns(
            [
                "edit_id", "presentation_id", "active_ms", "kept_words", "inserted_words", "deleted_words", "reason",
                "clinically_significant",
            ], of: "edit", "edit_id", id, to: &object, database)
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT form, candidate.content FROM edit JOIN candidate ON candidate_id = to_candidate
                        JOIN prompt ON prompt.prompt_id = edit.prompt_id WHERE edit_id = ?
                    """), arguments: [id])
        if let row, let text = StoredPairs.text(row["content"], row["form"]) {
            object["text"] = .string(text.plainText)
        }
    }

    /// Adds a row's columns that are not empty, under their own names.
    private static func addColumns(
        _ names: [String], of table: String, _ key: String, _ id: Int64, to object: inout JSONObject,
        _ database: Database
    ) throws {
        let row = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT \(names.joined(separator: ", ")) FROM \(table) WHERE \(key) = ?"),
            arguments: [id])
        guard let row else { return }
        for name in names {
            switch (row[name] as DatabaseValue).storage {
            case .int64(let number): object[name] = .number(JSONNumber(Int(number)))
            case .string(let text): object[name] = .string(text)
            case .double(let number): object[name] = .number(JSONNumber(number))
            case .null, .blob: break
            }
        }
    }
}
