internal import GRDB

/// The slots of the queue and the states they are in.
///
/// A pair has one slot for each reader wanted. Positions only grow, and a slot that comes free again goes to the end.
enum JudgingQueue {
    /// A slot that a reader may take.
    struct Slot {
        let pair: Int64
        let number: Int64
        var stratum = "plain"
    }

    static func nextPosition(_ database: Database) throws -> Int64 {
        let statement = try database.cachedStatement(
            sql: "SELECT coalesce(max(queue_position), 0) + 1 FROM judging_slot")
        return try Int64.fetchOne(statement) ?? 1
    }

    /// Gives leases that ran out back to the queue.
    static func reopenExpired(now: UTCTime, _ database: Database) throws {
        let expired = try database.cachedStatement(
            sql: """
                SELECT pair_id, slot_no FROM judging_slot WHERE state = 'leased' AND lease_expires_ms <= ?
                ORDER BY lease_expires_ms LIMIT 100
                """)
        for row in try Row.fetchAll(expired, arguments: [now.milliseconds]) {
            try reopen(pair: row["pair_id"], slot: row["slot_no"], database)
        }
    }

    /// Gives all that a reader holds back to the queue.
    static func release(reader: Int64, _ database: Database) throws {
        let held = try Row.fetchAll(
            database, sql: "SELECT pair_id, slot_no FROM judging_slot WHERE state = 'leased' AND reviewer_id = ?",
            arguments: [reader])
        for row in held { try reopen(pair: row["pair_id"], slot: row["slot_no"], database) }
    }

    /// Gives back another place of a pair that its reader has just answered.
    ///
    /// It was taken after the lease of the first had run out, and before the late answer came.
    static func releaseOthers(pair: Int64, slot: Int64, holder: Int64, _ database: Database) throws {
        let others = try Int64.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT slot_no FROM judging_slot WHERE pair_id = ? AND slot_no <> ? AND state = 'leased'
                        AND reviewer_id = ? AND reserved_for IS NULL
                    """), arguments: [pair, slot, holder])
        for other in others { try reopen(pair: pair, slot: other, database) }
    }

    /// Gives a leased slot back unanswered, and moves the pair's other open slots to the end with it.
    ///
    /// While it was held, its reader's search passed those others; at the end they are within reach again.
    static func reopen(pair: Int64, slot: Int64, _ database: Database) throws {
        try set(state: "open", pair: pair, slot: slot, atEnd: true, database)
        let others = try Int64.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT slot_no FROM judging_slot
                    WHERE pair_id = ? AND slot_no <> ? AND state = 'open' AND reserved_for IS NULL ORDER BY slot_no
                    """), arguments: [pair, slot])
        for other in others { try set(state: "open", pair: pair, slot: other, atEnd: true, database) }
    }

    /// Sets a slot's state, and moves it to the end when it comes free.
    static func set(state: String, pair: Int64, slot: Int64, atEnd: Bool = false, _ database: Database) throws {
        let position = atEnd ? try nextPosition(database) : nil
        let end = atEnd ? try PolicyRows.current(database).policy.order == .fifo ? 0 : QueueOrder.endRank : nil
        try database.cachedStatement(
            sql: """
                UPDATE judging_slot SET state = :state, lease_expires_ms = NULL,
                    queue_position = coalesce(:position, queue_position),
                    rank = coalesce(:end, rank)
                WHERE pair_id = :pair AND slot_no = :slot
                """
        ).execute(arguments: [
            "state": state, "position": position, "end": end, "pair": pair, "slot": slot,
        ])
    }

    /// Gives a slot to the reader of a presentation until a moment.
    static func lease(
        pair: Int64, slot: Int64, presentation: Int64, reviewer: Int64, until: UTCTime, _ database: Database
    ) throws {
        try database.cachedStatement(
            sql: """
                UPDATE judging_slot
                SET state = 'leased', presentation_id = ?, reviewer_id = ?, lease_expires_ms = ?
                WHERE pair_id = ? AND slot_no = ?
                """
        ).execute(arguments: [presentation, reviewer, until.milliseconds, pair, slot])
    }

    /// Takes the unanswered slots of the pairs that show a text out of the queue while any of their texts is suspect.
    static func holdOrFree(text digest: String, _ database: Database) throws {
        let pairs = try Int64.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT pair_id FROM judging_pair JOIN candidate ON candidate_id = cand_x WHERE sha256 = :digest
                    UNION SELECT pair_id FROM judging_pair JOIN candidate ON candidate_id = cand_y WHERE sha256 = :digest
                    UNION SELECT pair_id FROM judging_pair JOIN prompt USING (prompt_id) WHERE sha256 = :digest
                    """), arguments: ["digest": digest])
        for pair in pairs {
            let held = try isHeld(pair: pair, database)
            let slots = try Row.fetchAll(
                database.cachedStatement(sql: "SELECT slot_no, state FROM judging_slot WHERE pair_id = ?"),
                arguments: [pair])
            for slot in slots {
                let state: String = slot["state"]
                if held, state == "open" || state == "leased" {
                    try set(state: "held", pair: pair, slot: slot["slot_no"], database)
                } else if !held, state == "held" {
                    try set(state: "open", pair: pair, slot: slot["slot_no"], atEnd: true, database)
                }
            }
        }
    }

    /// Whether any text of a pair is suspect.
    static func isHeld(pair: Int64, _ database: Database) throws -> Bool {
        let digests = try String.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT prompt.sha256 FROM judging_pair JOIN prompt USING (prompt_id) WHERE pair_id = :pair
                    UNION SELECT sha256 FROM judging_pair JOIN candidate ON candidate_id IN (cand_x, cand_y)
                        WHERE pair_id = :pair
                    """), arguments: ["pair": pair])
        return try digests.contains { try Screenings.isSuspect($0, database) }
    }
}
