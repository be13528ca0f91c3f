internal import GRDB

/// The queue of slots: which pair a reader sees next.
///
/// A pair has one slot for each reader wanted. Positions only grow, and a slot that comes free again goes to the end; so
/// what a reader could not take on the way to his or her place can never be taken later, and the search begins there.
enum JudgingQueue {
    /// A slot that a reader may take.
    struct Slot {
        let pair: Int64
        let number: Int64
        let position: Int64
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
            try set(state: "open", pair: row["pair_id"], slot: row["slot_no"], atEnd: true, database)
        }
    }

    /// The first open slot, in the order of the queue, whose pair the reader has not answered.
    static func next(for reviewer: Int64, _ database: Database) throws -> Slot? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT pair_id, slot_no, queue_position FROM judging_slot AS slot
                WHERE state = 'open'
                    AND queue_position > coalesce(
                        (SELECT queue_position FROM reader_place WHERE reviewer_id = :reviewer), 0)
                    AND (reserved_for = :reviewer OR (reserved_for IS NULL AND NOT EXISTS (
                        SELECT 1 FROM presentation JOIN judgement USING (presentation_id)
                        WHERE presentation.pair_id = slot.pair_id AND reviewer_id = :reviewer)))
                ORDER BY queue_position LIMIT 1
                """)
        guard let row = try Row.fetchOne(statement, arguments: ["reviewer": reviewer]) else { return nil }
        return Slot(pair: row["pair_id"], number: row["slot_no"], position: row["queue_position"])
    }

    /// Moves a reader's place forward; nil means past all that is open now.
    static func setPlace(of reviewer: Int64, to position: Int64?, _ database: Database) throws {
        let end =
            try position
            ?? Int64.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT queue_position FROM judging_slot WHERE state = 'open' ORDER BY queue_position DESC LIMIT 1
                        """))
        guard let end else { return }
        try database.cachedStatement(
            sql: """
                INSERT INTO reader_place VALUES (?, ?)
                ON CONFLICT (reviewer_id) DO UPDATE SET queue_position = max(queue_position, excluded.queue_position)
                """
        ).execute(arguments: [reviewer, end])
    }

    /// Sets a slot's state, and moves it to the end when it comes free.
    static func set(state: String, pair: Int64, slot: Int64, atEnd: Bool = false, _ database: Database) throws {
        let position = atEnd ? try nextPosition(database) : nil
        try database.cachedStatement(
            sql: """
                UPDATE judging_slot SET state = ?, lease_expires_ms = NULL, queue_position = coalesce(?, queue_position)
                WHERE pair_id = ? AND slot_no = ?
                """
        ).execute(arguments: [state, position, pair, slot])
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
