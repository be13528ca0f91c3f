public import Diagnostics
internal import GRDB
internal import StrictJSON

/// What became of a file of margins.
public struct MarginsRecorded: Sendable, Equatable {
    /// Pairs that got a margin.
    public let pairs: Int
    /// Records whose id is of no pair in the queue.
    public let unknown: Int
}

extension PreferenceStore {
    /// Gives every pair for training that still waits, for the scores of its margin: a record of TRL's form each time.
    ///
    /// Its `id` is the SHA-256 of prompt and both texts, by which ``recordMargins(base:aligned:beta:)`` finds the pair
    /// again; `chosen` is the candidate with the smaller number, which says nothing of who wrote it. One audit event.
    public func forEachWaitingPair(_ body: (_ line: String) -> Void) throws(Refusal) -> Int {
        var event = auditEvent("export", "judging_pair", "", after: nil)
        let path = self.path
        return try writing { database in
            var count = 0
            let rows = try Row.fetchCursor(database, sql: Self.waitingPairs)
            while let row = try rows.next() {
                let pair = try Self.pair(row, path: path)
                let object: JSONValue = [
                    "id": .string(pair.contentDigest), "prompt": pair.prompt.json, "chosen": pair.chosen.json,
                    "rejected": pair.rejected.json,
                ]
                body(object.serialized())
                count += 1
            }
            event.objectID = "\(count) pairs"
            try AuditChain.append(event, database)
            return count
        }
    }

    /// Keeps the implicit-reward margins of pairs from two files of scores, and puts the queue in order by them.
    ///
    /// The files are what `overread score` writes for the pairs of ``forEachWaitingPair(_:)``: one by the base, one by the
    /// aligned model. A margin is β times the difference of the two log-ratios.
    ///
    /// - Parameters:
    ///   - base: the file of the base's scores.
    ///   - aligned: the file of the aligned model's scores.
    ///   - beta: β, above 0; the training's own.
    /// - Throws: `margins.bad-record`, `margins.no-pair` when no record is of a pair in the queue, and the refusals of
    ///   JSON with file and line.
    public func recordMargins(base: String, aligned: String, beta: Double = 0.1) throws(Refusal) -> MarginsRecorded {
        precondition(beta > 0 && beta.isFinite, "beta \(beta) is not above 0")
        let before = try ScoreFile(path: base)
        let after = try ScoreFile(path: aligned)
        var event = auditEvent("record", "reward_margin", "", after: after.sha256)
        let path = self.path
        return try writing { database in
            var margins: [(pair: Int64, margin: Double)] = []
            let rows = try Row.fetchCursor(database, sql: Self.allPairs)
            while let row = try rows.next() {
                let id = Array(try Self.pair(row, path: path).contentDigest.utf8)
                guard let reference = before.ratios[id], let policy = after.ratios[id] else { continue }
                margins.append((row["pair_id"], beta * (policy - reference)))
            }
            guard !margins.isEmpty else {
                throw Refusal(
                    code: "margins.no-pair", at: aligned, "no record of both files is of a pair in the queue",
                    mend: "score the file that overread queue pairs writes")
            }
            try database.execute(
                sql: """
                    INSERT INTO margin_import (base_sha256, aligned_sha256, beta, pair_count, recorded_at)
                    VALUES (?, ?, ?, ?, ?)
                    """, arguments: [before.sha256, after.sha256, beta, margins.count, event.at])
            let id = database.lastInsertedRowID
            for (pair, margin) in margins {
                try database.cachedStatement(sql: "INSERT INTO reward_margin VALUES (?, ?, ?)").execute(
                    arguments: [pair, id, margin])
            }
            let policy = try PolicyRows.current(database).policy
            if policy.order == .informative { try PolicyRows.set(policy, at: event.at, database) }
            event.objectID = "\(margins.count) pairs"
            try AuditChain.append(event, database)
            return MarginsRecorded(pairs: margins.count, unknown: after.ratios.count - margins.count)
        }
    }

    private static let allPairs = """
        SELECT pair_id, form, prompt.content AS prompt_content, x.content AS x_content, y.content AS y_content
        FROM judging_pair JOIN prompt USING (prompt_id) JOIN candidate AS x ON x.candidate_id = cand_x
            JOIN candidate AS y ON y.candidate_id = cand_y
        """
    private static let waitingPairs =
        allPairs + """
             WHERE purpose = 'train' AND EXISTS (SELECT 1 FROM judging_slot
                WHERE judging_slot.pair_id = judging_pair.pair_id AND state IN ('open', 'leased'))
            ORDER BY pair_id
            """

    private static func pair(_ row: Row, path: String) throws -> PreferencePair {
        guard let prompt = StoredPairs.text(row["prompt_content"], row["form"]),
            let x = StoredPairs.text(row["x_content"], row["form"]),
            let y = StoredPairs.text(row["y_content"], row["form"])
        else { throw damaged("\(path), pair row \(row["pair_id"] as Int64)") }
        return PreferencePair(id: "", prompt: prompt, chosen: x, rejected: y)
    }
}

/// A file of scores: the log-ratio of each pair, `chosen_logp − rejected_logp`.
private struct ScoreFile {
    var ratios: [[UInt8]: Double] = [:]
    let sha256: String

    init(path: String) throws(Refusal) {
        var lines = try JSONLines(path: path)
        while let line = try lines.next() {
            guard let bytes = line.bytes else { throw JSONLines.tooLong(line, path: path) }
            let value = try JSONValue(parsing: bytes, named: path, firstLine: line.number)
            guard let id = value["id"]?.string, let chosen = value["chosen_logp"]?.double,
                let rejected = value["rejected_logp"]?.double, chosen.isFinite, rejected.isFinite
            else {
                throw Refusal(
                    code: "margins.bad-record", at: "\(path):\(line.number)",
                    "\"id\", \"chosen_logp\" or \"rejected_logp\" is missing or no finite number",
                    mend: "give a file that overread score wrote")
            }
            guard ratios.updateValue(chosen - rejected, forKey: Array(id.utf8)) == nil else {
                throw Refusal(
                    code: "margins.bad-record", at: "\(path):\(line.number)", "an earlier line has this id",
                    mend: "give a file that overread score wrote")
            }
        }
        sha256 = try lines.finishedDigest()
    }
}
