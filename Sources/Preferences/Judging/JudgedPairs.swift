internal import GRDB
internal import StrictJSON

/// What was said of each pair, as it stands now or as it stood when a snapshot was made.
struct JudgedPairs {
    /// One current answer that counts.
    struct Answer: Sendable {
        let judgement: Int64
        let presentation: Int64
        let revision: Int
        let reviewer: String
        let credential: String
        let outcome: PairVerdict.Outcome
        let side: String
        let strength: Int?
        let confidence: Int?
        let activeMilliseconds: Int?
        let at: String
    }

    /// The newest adjudication.
    struct Decision: Sendable {
        let id: Int64
        let revision: Int
        let reviewer: String
        let outcome: Adjudication.Outcome
        let basis: String
        let strength: Int?
        let at: String
    }

    var answers: [Answer] = []
    var adjudication: Decision?

    var verdict: PairVerdict {
        PairVerdict.of(answers: answers.map(\.outcome), adjudicated: adjudication?.outcome)
    }

    /// The preferred candidate's letter, where there is one.
    var winner: PairVerdict.Outcome? {
        switch verdict {
        case .agreed(let outcome), .adjudicated(let outcome): outcome == .x || outcome == .y ? outcome : nil
        case .open, .conflict, .excluded: nil
        }
    }

    /// The adjudicator's strength, else the least that an agreeing reader gave.
    var strength: Int? { adjudication?.strength ?? answers.compactMap(\.strength).min() }

    /// Everything that was said, by pair.
    static func all(_ database: Database, only pair: Int64? = nil) throws -> [Int64: JudgedPairs] {
        var found: [Int64: JudgedPairs] = [:]
        let rows = try Row.fetchCursor(
            database,
            sql: answerSelection + """
                WHERE NOT EXISTS (SELECT 1 FROM judgement newer WHERE newer.supersedes = judgement.judgement_id)
                    AND repeat_of IS NULL AND choice IN ('left', 'right', 'both_good', 'both_bad')
                """ + (pair.map { " AND presentation.pair_id = \($0)" } ?? "")
                + " ORDER BY judged_at, judgement.judgement_id")
        while let row = try rows.next() {
            if let answer = answer(row) { found[row["pair_id"], default: JudgedPairs()].answers.append(answer) }
        }
        let decisions = try Row.fetchCursor(
            database,
            sql: decisionSelection + " WHERE \(pair.map { "pair_id = \($0)" } ?? "TRUE") ORDER BY revision")
        while let row = try decisions.next() {
            found[row["pair_id"], default: JudgedPairs()].adjudication = decision(row)
        }
        return found
    }

    /// What was said by some judgements and an adjudication: how a snapshot's member is made again.
    static func some(judgements: [Int64], adjudication: Int64?, _ database: Database) throws -> JudgedPairs {
        var judged = JudgedPairs()
        for id in judgements {
            let statement = try database.cachedStatement(sql: answerSelection + " WHERE judgement.judgement_id = ?")
            if let answer = try Row.fetchOne(statement, arguments: [id]).flatMap(answer) {
                judged.answers.append(answer)
            }
        }
        if let adjudication {
            let statement = try database.cachedStatement(sql: decisionSelection + " WHERE adjudication_id = ?")
            judged.adjudication = try Row.fetchOne(statement, arguments: [adjudication]).flatMap(decision)
        }
        return judged
    }

    private static let answerSelection = """
        SELECT presentation.pair_id, judgement.judgement_id, judgement.presentation_id, judgement.revision,
            reviewer_key, credential, choice, chosen_candidate, cand_x, strength, confidence, active_ms, judged_at
        FROM judgement JOIN presentation USING (presentation_id) JOIN reviewer USING (reviewer_id)

        """
    private static let decisionSelection = """
        SELECT adjudication_id, pair_id, revision, reviewer_key, outcome, basis, strength, adjudicated_at
        FROM adjudication JOIN reviewer USING (reviewer_id)

        """

    private static func answer(_ row: Row) -> Answer? {
        let choice: String = row["choice"]
        let chosen: Int64? = row["chosen_candidate"]
        let outcome = chosen.map { $0 == row["cand_x"] ? .x : .y } ?? PairVerdict.Outcome(rawValue: choice)
        guard let outcome else { return nil }
        return Answer(
            judgement: row["judgement_id"], presentation: row["presentation_id"], revision: row["revision"],
            reviewer: row["reviewer_key"], credential: row["credential"], outcome: outcome, side: choice,
            strength: row["strength"], confidence: row["confidence"], activeMilliseconds: row["active_ms"],
            at: row["judged_at"])
    }

    private static func decision(_ row: Row) -> Decision? {
        guard let outcome = Adjudication.Outcome(rawValue: row["outcome"]) else { return nil }
        return Decision(
            id: row["adjudication_id"], revision: row["revision"], reviewer: row["reviewer_key"], outcome: outcome,
            basis: row["basis"], strength: row["strength"], at: row["adjudicated_at"])
    }

    /// Who said what, when and on which screen, for the record of a snapshot.
    var provenance: JSONObject {
        func number(_ value: Int?) -> JSONValue { value.map { .number(JSONNumber($0)) } ?? .null }
        var object: JSONObject = [
            "judgements": .array(
                answers.map { answer in
                    [
                        "judgement": number(Int(answer.judgement)), "presentation": number(Int(answer.presentation)),
                        "revision": number(answer.revision), "reviewer": .string(answer.reviewer),
                        "credential": .string(answer.credential), "at": .string(answer.at),
                        "side": .string(answer.side), "strength": number(answer.strength),
                        "confidence": number(answer.confidence), "active_ms": number(answer.activeMilliseconds),
                    ]
                })
        ]
        if let adjudication {
            object["adjudication"] = [
                "adjudication": number(Int(adjudication.id)), "reviewer": .string(adjudication.reviewer),
                "at": .string(adjudication.at), "basis": .string(adjudication.basis),
                "strength": number(adjudication.strength),
            ]
        }
        return object
    }
}
