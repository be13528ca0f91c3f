internal import GRDB
internal import StrictJSON

/// Judged pairs and edits as records of a snapshot, each with who said what, when and on which screen.
enum JudgedRecords {
    /// Every judged pair and edit that teaches something; the others are counted by reason.
    static func all(
        _ database: Database, path: String
    ) throws -> (stored: [StoredPairs.Stored], considered: Int, exclusions: [String: Int]) {
        var stored: [StoredPairs.Stored] = []
        var exclusions: [String: Int] = [:]
        var considered = 0
        let said = try JudgedPairs.all(database)
        let rows = try Row.fetchCursor(database, sql: pairSelection + " ORDER BY pair_id")
        while let row = try rows.next() {
            considered += 1
            let judged = said[row["pair_id"]] ?? JudgedPairs()
            if let reason = reasonAgainst(row, judged) {
                exclusions[reason, default: 0] += 1
                continue
            }
            stored.append(try record(row, judged, database, path: path))
        }
        let edits = try Row.fetchCursor(database, sql: editSelection + " ORDER BY edit_id")
        while let row = try edits.next() {
            considered += 1
            stored.append(try record(edit: row, database, path: path))
        }
        return (stored, considered, exclusions)
    }

    /// The judged members of a snapshot, made again from the judgements that they were made from.
    static func members(ofSnapshot id: Int64, _ database: Database, path: String) throws -> [StoredPairs.Stored] {
        let rows = try Row.fetchAll(
            database, sql: "SELECT * FROM snapshot_judged_member WHERE snapshot_id = ? ORDER BY member_no",
            arguments: [id])
        return try rows.map { member in
            let made: StoredPairs.Stored
            if let edit = member["edit_id"] as Int64? {
                let statement = try database.cachedStatement(sql: editSelection + " WHERE edit_id = ?")
                guard let row = try Row.fetchOne(statement, arguments: [edit]) else {
                    throw PreferenceStore.damaged(path)
                }
                made = try record(edit: row, database, path: path)
            } else {
                let statement = try database.cachedStatement(sql: pairSelection + " WHERE pair_id = ?")
                let pair: Int64 = member["pair_id"]
                guard let row = try Row.fetchOne(statement, arguments: [pair]),
                    let ids = StoredPairs.json(member["judgements"])?.array?.compactMap({ $0.int.map { Int64($0) } })
                else { throw PreferenceStore.damaged(path) }
                let judged = try JudgedPairs.some(
                    judgements: ids, adjudication: member["adjudication_id"], database)
                guard judged.winner != nil else { throw PreferenceStore.damaged("\(path), judged pair \(pair)") }
                made = try record(row, judged, database, path: path)
            }
            var pair = made.pair
            pair.split = PreferencePair.Split(rawValue: member["split"])
            return StoredPairs.Stored(origin: made.origin, pair: pair)
        }
    }

    private static let pairSelection = """
        SELECT pair_id, cand_x, cand_y, purpose, judging_pair.source, designated_split, guideline.name AS guideline,
            form, prompt.content AS prompt_content, exam_key, patient_key, modality, body_part
        FROM judging_pair JOIN prompt USING (prompt_id) LEFT JOIN exam USING (exam_id)
            LEFT JOIN guideline USING (guideline_id)

        """
    private static let editSelection = """
        SELECT edit.*, guideline.name AS guideline, reviewer_key, credential, form, prompt.content AS prompt_content,
            exam_key, patient_key, modality, body_part
        FROM edit JOIN prompt USING (prompt_id) JOIN reviewer USING (reviewer_id) LEFT JOIN exam USING (exam_id)
            LEFT JOIN guideline USING (guideline_id)

        """

    private static func reasonAgainst(_ row: Row, _ judged: JudgedPairs) -> String? {
        guard row["purpose"] == "train" else { return "judged:other_purpose" }
        switch judged.verdict {
        case .open: return "judged:unanswered"
        case .conflict: return "judged:conflict"
        case .excluded: return "judged:excluded"
        case .agreed(.bothGood), .agreed(.bothBad), .adjudicated(.bothGood), .adjudicated(.bothBad):
            return "judged:tie"
        case .agreed(.x), .agreed(.y), .adjudicated(.x), .adjudicated(.y): return nil
        }
    }

    private static func record(
        _ row: Row, _ judged: JudgedPairs, _ database: Database, path: String
    ) throws -> StoredPairs.Stored {
        let (x, y): (Int64, Int64) = (row["cand_x"], row["cand_y"])
        let chosen = try CandidateRows.fetch(judged.winner == .x ? x : y, database, path: path)
        let rejected = try CandidateRows.fetch(judged.winner == .x ? y : x, database, path: path)
        var pair = try pair(row, chosen, rejected, prefix: "judged-", path: path)
        let first = judged.answers.min { ($0.at, $0.judgement) < ($1.at, $1.judgement) }
        pair.source = "judged"
        pair.reviewer = judged.adjudication?.reviewer ?? first?.reviewer
        pair.created = judged.adjudication?.at ?? judged.answers.map(\.at).max()
        var provenance = judged.provenance
        provenance.members.insert(
            contentsOf: [
                JSONObject.Member("pair", .number(JSONNumber(Int(row["pair_id"] as Int64)))),
                JSONObject.Member("pair_source", .string(row["source"])),
                JSONObject.Member("guideline", (row["guideline"] as String?).map { .string($0) } ?? .null),
                JSONObject.Member("strength", judged.strength.map { .number(JSONNumber($0)) } ?? .null),
            ], at: 0)
        finish(&pair, provenance, chosen, rejected)
        return StoredPairs.Stored(
            origin: .judged(
                row["pair_id"], judgements: judged.answers.map(\.judgement), adjudication: judged.adjudication?.id),
            pair: pair)
    }

    private static func record(edit row: Row, _ database: Database, path: String) throws -> StoredPairs.Stored {
        let chosen = try CandidateRows.fetch(row["to_candidate"], database, path: path)
        let rejected = try CandidateRows.fetch(row["from_candidate"], database, path: path)
        var pair = try pair(row, chosen, rejected, prefix: "edited-", path: path)
        pair.source = "edited"
        pair.reviewer = row["reviewer_key"]
        pair.created = row["edited_at"]
        func number(_ column: String) -> JSONValue {
            (row[column] as Int?).map { .number(JSONNumber($0)) } ?? .null
        }
        let provenance: JSONObject = [
            "edit": number("edit_id"), "presentation": number("presentation_id"),
            "guideline": (row["guideline"] as String?).map { .string($0) } ?? .null,
            "credential": .string(row["credential"]), "active_ms": number("active_ms"),
            "kept_words": number("kept_words"), "inserted_words": number("inserted_words"),
            "deleted_words": number("deleted_words"),
            "reason": (row["reason"] as String?).map { .string($0) } ?? .null,
            "clinically_significant": (row["clinically_significant"] as Bool?).map { .bool($0) } ?? .null,
        ]
        finish(&pair, provenance, chosen, rejected)
        return StoredPairs.Stored(origin: .edited(row["edit_id"]), pair: pair)
    }

    private static func pair(
        _ row: Row, _ chosen: Candidate, _ rejected: Candidate, prefix: String, path: String
    ) throws -> PreferencePair {
        guard let prompt = StoredPairs.text(row["prompt_content"], row["form"]) else {
            throw PreferenceStore.damaged(path)
        }
        var pair = PreferencePair(
            id: "", prompt: prompt, chosen: chosen.text, rejected: rejected.text, patient: row["patient_key"],
            exam: row["exam_key"], modality: row["modality"], bodyPart: row["body_part"],
            split: (row["designated_split"] as String?).flatMap { PreferencePair.Split(rawValue: $0) })
        pair.id = prefix + String(pair.contentDigest.prefix(16))
        return pair
    }

    private static func finish(
        _ pair: inout PreferencePair, _ provenance: JSONObject, _ chosen: Candidate, _ rejected: Candidate
    ) {
        var provenance = provenance
        provenance["chosen"] = .object(chosen.provenance)
        provenance["rejected"] = .object(rejected.provenance)
        pair.additional["provenance"] = .object(provenance)
    }
}
