internal import Evaluation
internal import GRDB

/// The figures of the queue and of each reader, counted from the rows.
enum FigureRows {
    static func progress(_ database: Database) throws -> [ReviewFigures.Progress] {
        var slots: [String: [String: Int]] = [:]
        for row in try Row.fetchAll(
            database, sql: "SELECT lane, state, count(*) AS places FROM judging_slot GROUP BY lane, state")
        {
            slots[row["lane"], default: [:]][row["state"]] = row["places"]
        }
        var pairs: [String: Int] = [:]
        for row in try Row.fetchAll(
            database, sql: "SELECT purpose, count(*) AS pairs FROM judging_pair GROUP BY purpose")
        {
            pairs[row["purpose"]] = row["pairs"]
        }
        var standings: [String: [String: Int]] = [:]
        for row in try Row.fetchAll(
            database,
            sql: """
                SELECT purpose, standing, count(*) AS pairs FROM pair_standing JOIN judging_pair USING (pair_id)
                WHERE standing IN ('conflict', 'adjudicated', 'excluded') GROUP BY purpose, standing
                """)
        {
            standings[row["purpose"], default: [:]][row["standing"]] = row["pairs"]
        }
        return PairForJudging.Purpose.allCases.map { purpose in
            let states = slots[QueueOrder.lane(purpose)] ?? [:]
            let standing = standings[purpose.rawValue] ?? [:]
            return ReviewFigures.Progress(
                purpose: purpose, pairs: pairs[purpose.rawValue] ?? 0, waiting: states["open"] ?? 0,
                leased: states["leased"] ?? 0, answered: states["done"] ?? 0, held: states["held"] ?? 0,
                disagreeing: standing["conflict"] ?? 0,
                adjudicated: (standing["adjudicated"] ?? 0) + (standing["excluded"] ?? 0))
        }
    }

    static func corrections(_ database: Database) throws -> ReviewFigures.Corrections {
        var states: [String: Int] = [:]
        for row in try Row.fetchAll(
            database, sql: "SELECT state, count(*) AS tasks FROM correction_slot GROUP BY state")
        {
            states[row["state"]] = row["tasks"]
        }
        let accepted = try Int.fetchOne(
            database, sql: "SELECT count(*) FROM correction_event WHERE outcome = 'accepted'")
        return ReviewFigures.Corrections(
            waiting: states["open"] ?? 0, leased: states["leased"] ?? 0,
            corrected: try Int.fetchOne(database, sql: "SELECT count(*) FROM edit") ?? 0, accepted: accepted ?? 0)
    }

    /// What one reader's rows add up to.
    private struct Tally {
        var answered = 0
        var skipped = 0
        var times: [Int] = []
        var fast = 0
        var ratings: [Rating] = []
        var repeats = (same: 0, of: 0)
        var gold = (right: 0, of: 0)
        var last: String?
    }

    static func readers(_ database: Database, only reader: Int64? = nil) throws -> [ReaderFigures] {
        var tallies: [Int64: Tally] = [:]
        // What each answered presentation came to: the chosen candidate, or 0 for neither.
        var verdicts: [Int64: Int64] = [:]
        let condition = reader.map { "presentation.reviewer_id = \($0)" } ?? "TRUE"
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT presentation.*, choice, chosen_candidate, active_ms, judged_at, expected
                FROM judgement JOIN presentation USING (presentation_id)
                    JOIN judging_pair ON judging_pair.pair_id = presentation.pair_id
                WHERE choice <> 'undo' AND \(condition) AND NOT EXISTS (
                    SELECT 1 FROM judgement AS later WHERE later.presentation_id = judgement.presentation_id
                        AND later.revision > judgement.revision)
                ORDER BY presentation.presentation_id
                """)
        while let row = try rows.next() {
            var tally = tallies[row["reviewer_id"]] ?? Tally()
            add(row, to: &tally, &verdicts)
            tallies[row["reviewer_id"]] = tally
        }
        let undone = try counts(
            """
            SELECT reviewer_id, count(*) FROM judgement JOIN presentation USING (presentation_id)
            WHERE choice = 'undo' AND \(condition) GROUP BY reviewer_id
            """, database)
        let corrected = try counts("SELECT reviewer_id, count(*) FROM edit GROUP BY reviewer_id", database)
        let everyone = try Row.fetchAll(
            database,
            sql: """
                SELECT reviewer_id, reviewer_key FROM reviewer
                WHERE \(reader.map { "reviewer_id = \($0)" } ?? "TRUE") ORDER BY reviewer_id
                """)
        return everyone.map { row in
            let tally = tallies[row["reviewer_id"]] ?? Tally()
            return ReaderFigures(
                reviewer: row["reviewer_key"], answered: tally.answered, skipped: tally.skipped,
                corrected: corrected[row["reviewer_id"]] ?? 0, undone: undone[row["reviewer_id"]] ?? 0,
                medianActiveMilliseconds: median(tally.times), bias: PositionBias(tally.ratings),
                repeats: tally.repeats, gold: tally.gold, fastAnswers: tally.fast,
                lastAnswer: tally.last.flatMap { UTCTime($0) })
        }
    }

    private static func add(_ row: Row, to tally: inout Tally, _ verdicts: inout [Int64: Int64]) {
        let choice = Judgement.Choice(rawValue: row["choice"])
        let at: String = row["judged_at"]
        tally.last = max(tally.last ?? at, at)
        guard choice != .skip else {
            tally.skipped += 1
            return
        }
        tally.answered += 1
        if let active = row["active_ms"] as Int? {
            tally.times.append(active)
            if active < ReviewFigures.fastMilliseconds { tally.fast += 1 }
        }
        guard choice != .cannotJudge else { return }
        let chosen: Int64 = row["chosen_candidate"] ?? 0
        verdicts[row["presentation_id"]] = chosen
        let value: Double = choice == .left ? 1 : choice == .right ? 0 : 0.5
        // The left one counts as the item's first: all that is asked here is which side was chosen.
        tally.ratings.append(Rating(item: "", cluster: "", rater: "", value: value))
        if let original = row["repeat_of"] as Int64? {
            if let before = verdicts[original] {
                tally.repeats.of += 1
                if before == chosen { tally.repeats.same += 1 }
            }
        } else if let expected = row["expected"] as String? {
            let right: Int64 = expected == "x" ? row["cand_x"] : row["cand_y"]
            tally.gold.of += 1
            if right == chosen { tally.gold.right += 1 }
        }
    }

    private static func counts(_ sql: String, _ database: Database) throws -> [Int64: Int] {
        var found: [Int64: Int] = [:]
        for row in try Row.fetchAll(database, sql: sql) { found[row[0]] = row[1] }
        return found
    }

    private static func median(_ values: [Int]) -> Int? {
        guard !values.isEmpty else { return nil }
        let sorted = values.sorted()
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}
