internal import GRDB

/// The tasks that wait for a correction, each for one reader, in the order in which they came.
enum CorrectionQueue {
    static func nextPosition(_ database: Database) throws -> Int64 {
        let statement = try database.cachedStatement(
            sql: "SELECT coalesce(max(queue_position), 0) + 1 FROM correction_slot")
        return try Int64.fetchOne(statement) ?? 1
    }

    /// Gives leases that ran out back to the queue.
    static func reopenExpired(now: UTCTime, _ database: Database) throws {
        let expired = try database.cachedStatement(
            sql: """
                SELECT task_id FROM correction_slot WHERE state = 'leased' AND lease_expires_ms <= ?
                ORDER BY lease_expires_ms LIMIT 100
                """)
        for task in try Int64.fetchAll(expired, arguments: [now.milliseconds]) { try reopen(task, database) }
    }

    /// Gives all that a reader holds back to the queue.
    static func release(reader: Int64, _ database: Database) throws {
        let held = try Int64.fetchAll(
            database, sql: "SELECT task_id FROM correction_slot WHERE state = 'leased' AND reviewer_id = ?",
            arguments: [reader])
        for task in held { try reopen(task, database) }
    }

    /// Puts a task at the end of the queue.
    static func reopen(_ task: Int64, _ database: Database) throws {
        try database.cachedStatement(
            sql: """
                UPDATE correction_slot SET state = 'open', lease_expires_ms = NULL, queue_position = ? WHERE task_id = ?
                """
        ).execute(arguments: [try nextPosition(database), task])
    }

    static func set(state: String, _ task: Int64, _ database: Database) throws {
        try database.cachedStatement(
            sql: "UPDATE correction_slot SET state = ?, lease_expires_ms = NULL WHERE task_id = ?"
        ).execute(arguments: [state, task])
    }

    static func lease(_ task: Int64, to reader: Int64, until: UTCTime, _ database: Database) throws {
        try database.cachedStatement(
            sql: """
                UPDATE correction_slot SET state = 'leased', reviewer_id = ?, lease_expires_ms = ? WHERE task_id = ?
                """
        ).execute(arguments: [reader, until.milliseconds, task])
    }

    /// The first task that the reader has not ended, in the reader's own fields first.
    static func first(for search: QueueSearch, _ database: Database) throws -> Int64? {
        for condition in specialtyConditions(search) {
            let statement = try database.cachedStatement(sql: selection("task_id", condition) + " LIMIT 1")
            if let task = try Int64.fetchOne(statement, arguments: ["reader": search.reader]) { return task }
        }
        return nil
    }

    /// How many tasks are open for the reader, counted up to a limit.
    static func count(for search: QueueSearch, upTo limit: Int, _ database: Database) throws -> Int {
        try specialtyConditions(search).reduce(0) { total, condition in
            let open = selection("task_id", condition)
            let statement = try database.cachedStatement(sql: "SELECT count(*) FROM (\(open) LIMIT \(limit))")
            return total + (try Int.fetchOne(statement, arguments: ["reader": search.reader]) ?? 0)
        }
    }

    private static func selection(_ columns: String, _ condition: String) -> String {
        """
        SELECT \(columns) FROM correction_slot AS slot
        WHERE state = 'open' AND NOT EXISTS (
            SELECT 1 FROM correction_event WHERE correction_event.task_id = slot.task_id AND reviewer_id = :reader)
            AND \(condition)
        ORDER BY queue_position
        """
    }

    private static func specialtyConditions(_ search: QueueSearch) -> [String] {
        guard search.policy.specialtyMatch != .ignored, !search.specialties.isEmpty else { return ["TRUE"] }
        let own = search.specialties.union([""]).sorted().map { "x'" + ContentDigest.hex(Array($0.utf8)) + "'" }
        let isOwn = "CAST(specialty AS BLOB) IN (\(own.joined(separator: ", ")))"
        return search.policy.specialtyMatch == .required ? [isOwn] : [isOwn, "NOT \(isOwn)"]
    }

    /// Takes the unended tasks that show a text out of the queue while any of their texts is suspect, and back.
    static func holdOrFree(text digest: String, _ database: Database) throws {
        let tasks = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT task_id, state, candidate.sha256 AS draft, prompt.sha256 AS prompt
                    FROM correction_task JOIN correction_slot USING (task_id) JOIN candidate USING (candidate_id)
                        JOIN prompt USING (prompt_id)
                    WHERE candidate.sha256 = :digest OR prompt.sha256 = :digest
                    """), arguments: ["digest": digest])
        for row in tasks {
            let isHeld = try [row["draft"] as String, row["prompt"]].contains { try Screenings.isSuspect($0, database) }
            let state: String = row["state"]
            if isHeld, state == "open" || state == "leased" {
                try set(state: "held", row["task_id"], database)
            } else if !isHeld, state == "held" {
                try reopen(row["task_id"], database)
            }
        }
    }
}
