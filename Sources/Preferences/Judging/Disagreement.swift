public import Diagnostics
internal import GRDB

/// A pair whose readers disagree, as an adjudicator sees it: without their names, and with sides of its own.
public struct Disagreement: Sendable, Equatable {
    /// What one reader said.
    public struct Answer: Sendable, Equatable {
        /// `A`, `B`, … in the order of the answers.
        public let reader: String
        /// The answer, with left and right as they are on the adjudicator's screen.
        public let judgement: Judgement
    }

    /// The pair's number.
    public let pair: Int64
    /// What the answers answer.
    public let prompt: PromptText
    /// The answer on the left.
    public let left: PromptText
    /// The answer on the right.
    public let right: PromptText
    /// Whether the left one is the candidate with the smaller number; drawn once for each pair and adjudicator.
    public let leftIsX: Bool
    /// The version of the guideline to judge by.
    public let guideline: String?
    /// The examination's key, as it was imported; for a link to the department's viewer.
    public let exam: String?
    /// The DICOM modality code.
    public let modality: String?
    /// The body part examined.
    public let bodyPart: String?
    /// What its readers said, repeats left out.
    public let answers: [Answer]
    /// The newest decision's revision; 0 while there is none.
    public let revision: Int
}

extension PreferenceStore {
    /// The pairs that want a decision, the oldest first.
    public func conflictList(
        limit: Int = 200
    ) throws(Refusal) -> [(pair: Int64, modality: String?, bodyPart: String?, readers: Int)] {
        try reading { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT pair_id, modality, body_part, (
                        SELECT count(DISTINCT reviewer_id) FROM presentation JOIN judgement USING (presentation_id)
                        WHERE presentation.pair_id = pair_standing.pair_id AND repeat_of IS NULL) AS readers
                    FROM pair_standing JOIN judging_pair USING (pair_id) LEFT JOIN exam USING (exam_id)
                    WHERE standing = 'conflict' ORDER BY pair_id LIMIT ?
                    """, arguments: [limit]
            ).map { ($0["pair_id"], $0["modality"], $0["body_part"], $0["readers"]) }
        }
    }

    /// The first disagreement after a pair that this person did not judge; nil when there is none.
    ///
    /// - Throws: `reviewer.unknown`, `reviewer.inactive`.
    public func nextDisagreement(for reviewer: String, after pair: Int64 = 0) throws(Refusal) -> Disagreement? {
        let next = try reading { database in
            try Int64.fetchOne(
                database,
                sql: """
                    SELECT pair_id FROM pair_standing WHERE standing = 'conflict' AND pair_id > ? AND NOT EXISTS (
                        SELECT 1 FROM presentation JOIN judgement USING (presentation_id)
                        WHERE presentation.pair_id = pair_standing.pair_id AND reviewer_id = ?)
                    ORDER BY pair_id LIMIT 1
                    """, arguments: [pair, try reviewerID(reviewer, database)])
        }
        return try next.map { pair throws(Refusal) in try disagreement(pair: pair, for: reviewer) }
    }

    /// A pair with what its readers said, for an adjudicator; also one that was decided, to be decided again.
    ///
    /// The adjudicator's left and right are drawn when the pair is first shown, and stay.
    ///
    /// - Throws: `pair.unknown`, `reviewer.unknown`, `reviewer.inactive`.
    public func disagreement(pair: Int64, for reviewer: String) throws(Refusal) -> Disagreement {
        let draw = randomness() & 1 == 0
        let moment = now().description
        return try writing { database in
            let reader = try reviewerID(reviewer, database)
            guard let row = try Row.fetchOne(database.cachedStatement(sql: Self.pairSelection), arguments: [pair])
            else {
                throw Refusal(
                    code: "pair.unknown", at: path, "the store has no pair for judging with this number",
                    mend: "choose one from the list")
            }
            try database.execute(
                sql: "INSERT OR IGNORE INTO adjudicator_view VALUES (?, ?, ?, ?)",
                arguments: [pair, reader, draw, moment])
            let leftIsX = try Bool.fetchOne(
                database, sql: "SELECT left_is_x FROM adjudicator_view WHERE pair_id = ? AND reviewer_id = ?",
                arguments: [pair, reader])
            guard let leftIsX, let prompt = StoredPairs.text(row["prompt_content"], row["form"]),
                let x = StoredPairs.text(row["x_content"], row["form"]),
                let y = StoredPairs.text(row["y_content"], row["form"])
            else { throw Self.damaged("\(path), pair row \(pair)") }
            return Disagreement(
                pair: pair, prompt: prompt, left: leftIsX ? x : y, right: leftIsX ? y : x, leftIsX: leftIsX,
                guideline: row["guideline"], exam: row["exam_key"], modality: row["modality"],
                bodyPart: row["body_part"],
                answers: try answers(pair: pair, leftIsX: leftIsX, database), revision: row["revision"])
        }
    }

    private static let pairSelection = """
        SELECT form, prompt.content AS prompt_content, x.content AS x_content, y.content AS y_content,
            guideline.name AS guideline, exam_key, modality, body_part, coalesce((
                SELECT max(revision) FROM adjudication WHERE adjudication.pair_id = judging_pair.pair_id), 0) AS revision
        FROM judging_pair JOIN prompt USING (prompt_id) JOIN candidate AS x ON x.candidate_id = cand_x
            JOIN candidate AS y ON y.candidate_id = cand_y LEFT JOIN exam USING (exam_id)
            LEFT JOIN guideline USING (guideline_id)
        WHERE pair_id = ?
        """

    private func answers(pair: Int64, leftIsX: Bool, _ database: Database) throws -> [Disagreement.Answer] {
        let rows = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT judgement.*, presentation.left_candidate = cand_x AS had_x_left
                    FROM presentation JOIN judgement USING (presentation_id)
                    WHERE pair_id = ? AND repeat_of IS NULL AND choice NOT IN ('undo', 'skip') AND NOT EXISTS (
                        SELECT 1 FROM judgement AS later WHERE later.presentation_id = judgement.presentation_id
                            AND later.revision > judgement.revision)
                    ORDER BY judgement_id
                    """), arguments: [pair])
        return try rows.enumerated().compactMap { index, row in
            try JudgementRows.judgement(row, database).map { judgement in
                Disagreement.Answer(
                    reader: String(UnicodeScalar(UInt8(0x41 + index % 26))),
                    judgement: row["had_x_left"] == leftIsX ? judgement : judgement.mirrored)
            }
        }
    }
}

extension Judgement {
    /// The same answer on a screen with the sides the other way round.
    var mirrored: Judgement {
        var other = self
        other.choice = choice == .left ? .right : choice == .right ? .left : choice
        for index in criteria.indices { other.criteria[index].winner = criteria[index].winner?.opposite }
        for index in errors.indices { other.errors[index].side = errors[index].side.opposite }
        other.radpeer = [:]
        for (side, score) in radpeer { other.radpeer[side.opposite] = score }
        return other
    }
}

extension Judgement.Side {
    /// The other side.
    var opposite: Judgement.Side { self == .left ? .right : .left }
}
