public import Diagnostics
internal import Foundation
internal import GRDB
public import StrictJSON

extension PreferenceStore {
    /// Gives a reader the next pair of any purpose, or the one that he or she holds already; nil when nothing is left.
    ///
    /// Nothing is mixed in; the review page takes ``nextCase(_:for:besides:leaseSeconds:screen:)``.
    ///
    /// A place in the queue is one reader's until the lease runs out; then it goes to the end of the queue and may be
    /// anybody's. A reader is not given a pair twice that he or she has answered, even with skip.
    ///
    /// - Parameters:
    ///   - reviewer: the reader's key.
    ///   - leaseSeconds: how long the place is kept, 1 to 86,400.
    ///   - order: where the order of the two answers comes from; the draw is recorded.
    ///   - screen: what else is known of the screen (layout, font scale, theme, build), kept with the presentation.
    /// - Throws: `reviewer.unknown`, `reviewer.inactive`, or the store's own refusals.
    public func leaseNext(
        for reviewer: String, leaseSeconds: Int = 900, order: Presentation.OrderSource = .system,
        screen: JSONObject = JSONObject()
    ) throws(Refusal) -> Presentation? {
        precondition((1...86_400).contains(leaseSeconds), "a lease of \(leaseSeconds) s is outside 1...86400")
        let moment = now()
        var event = auditEvent("present", "presentation", "", after: nil)
        return try writing { database in
            let reader = try reviewerID(reviewer, database)
            let held = try database.cachedStatement(
                sql: """
                    SELECT presentation_id FROM judging_slot
                    WHERE state = 'leased' AND reviewer_id = ? AND lease_expires_ms > ? LIMIT 1
                    """)
            if let id = try Int64.fetchOne(held, arguments: [reader, moment.milliseconds]) {
                return try presentation(id, database)
            }
            try JudgingQueue.reopenExpired(now: moment, database)
            let (policy, policyID, _) = try PolicyRows.current(database)
            let lanes = PairForJudging.Purpose.allCases.map(QueueOrder.lane)
            let reserved = try reservedSlot(of: reader, in: lanes, database)
            guard let slot = try reserved ?? QueueSearch(reader, policy, database).first(of: lanes) else { return nil }
            let expires = UTCTime(milliseconds: moment.milliseconds + Int64(leaseSeconds) * 1000)
            let choice = Choice(policy: policyID, by: reserved == nil ? "order" : "reserved", rate: 1)
            let id = try present(
                slot, to: reader, reviewer, order, screen, shown: moment, expires: expires, choice: choice, database)
            event.objectID = String(id)
            event.after = try presentationDigest(id, database)
            try AuditChain.append(event, database)
            return try presentation(id, database)
        }
    }

    /// Shows a reader a pair again that he or she has answered, with the sides swapped: for agreement with oneself.
    ///
    /// The answer to a repeat counts for no pair's verdict.
    ///
    /// - Throws: `presentation.unknown`, `presentation.other-reader`, `presentation.unanswered`.
    public func leaseRepeat(
        of original: Int64, for reviewer: String, leaseSeconds: Int = 900, screen: JSONObject = JSONObject()
    ) throws(Refusal) -> Presentation {
        precondition((1...86_400).contains(leaseSeconds), "a lease of \(leaseSeconds) s is outside 1...86400")
        let moment = now()
        var event = auditEvent("present", "presentation", "", after: nil)
        return try writing { database in
            let reader = try reviewerID(reviewer, database)
            let expires = UTCTime(milliseconds: moment.milliseconds + Int64(leaseSeconds) * 1000)
            let choice = Choice(policy: try PolicyRows.current(database).id, by: "repeat", rate: 1)
            let id = try presentAgain(
                original, to: reader, reviewer, screen, shown: moment, expires: expires, choice: choice, database)
            event.objectID = String(id)
            event.after = try presentationDigest(id, database)
            try AuditChain.append(event, database)
            return try presentation(id, database)
        }
    }

    /// A presentation as it was shown.
    public func presentation(_ id: Int64) throws(Refusal) -> Presentation {
        try reading { try presentation(id, $0) }
    }

    // MARK: Rows

    /// How a case was chosen, for its record.
    struct Choice {
        /// The policy's row; nil for the settings of a store in which nobody chose others.
        let policy: Int64?
        /// `order`, `uniform`, `gold`, `repeat`, `calibration` or `reserved`.
        let by: String
        /// The share of draws that are chosen so.
        let rate: Double
    }

    /// Makes a slot of a reader's own for a pair that he or she has answered, and shows it there with the sides swapped.
    func presentAgain(
        _ original: Int64, to reader: Int64, _ reviewer: String, _ screen: JSONObject, shown: UTCTime, expires: UTCTime,
        choice: Choice, _ database: Database
    ) throws -> Int64 {
        let row = try presentationRow(original, of: reader, database)
        guard try CurrentAnswer.of(presentation: original, database) != nil else {
            throw Refusal(
                code: "presentation.unanswered", at: path, "only an answered presentation is repeated",
                mend: "let the reader answer it first")
        }
        let pair: Int64 = row["pair_id"]
        let number =
            1
            + (try Int64.fetchOne(
                database, sql: "SELECT max(slot_no) FROM judging_slot WHERE pair_id = ?", arguments: [pair]) ?? 0)
        try database.execute(
            sql: """
                INSERT INTO judging_slot (pair_id, slot_no, reserved_for, state, queue_position, lane, specialty)
                SELECT pair_id, ?, ?, 'open', ?, lane, specialty FROM judging_slot WHERE pair_id = ? LIMIT 1
                """, arguments: [number, reader, try JudgingQueue.nextPosition(database), pair])
        return try present(
            JudgingQueue.Slot(pair: pair, number: number), to: reader, reviewer, .system, screen, shown: shown,
            expires: expires, swapping: (original, row["left_candidate"]), choice: choice, database)
    }

    /// A slot that is kept for this reader: that of a repeat whose lease ran out.
    func reservedSlot(of reader: Int64, in lanes: [String], _ database: Database) throws -> JudgingQueue.Slot? {
        let rows = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT pair_id, slot_no, lane FROM judging_slot WHERE state = 'open' AND reserved_for = ?
                    ORDER BY queue_position
                    """), arguments: [reader])
        return rows.first { lanes.contains($0["lane"]) }.map {
            JudgingQueue.Slot(pair: $0["pair_id"], number: $0["slot_no"])
        }
    }

    func present(
        _ slot: JudgingQueue.Slot, to reader: Int64, _ reviewer: String, _ order: Presentation.OrderSource,
        _ screen: JSONObject, shown: UTCTime, expires: UTCTime, swapping original: (id: Int64, left: Int64)? = nil,
        choice: Choice, _ database: Database
    ) throws -> Int64 {
        let last = try database.cachedStatement(
            sql: "SELECT max(attempt) FROM presentation WHERE pair_id = ? AND slot_no = ?")
        let attempt = 1 + (try Int64.fetchOne(last, arguments: [slot.pair, slot.number]) ?? 0)
        let pair = try Row.fetchOne(
            database.cachedStatement(sql: "SELECT cand_x, cand_y FROM judging_pair WHERE pair_id = ?"),
            arguments: [slot.pair])
        // A reserved slot is that of a repeat whose lease ran out: it swaps the sides of the same original.
        let repeated = try original ?? repeatedPresentation(slot, database)
        guard let pair else { throw Self.damaged(path) }
        let x: Int64 = pair["cand_x"]
        let y: Int64 = pair["cand_y"]
        let draw = order.draw(
            pair: slot.pair, slot: slot.number, attempt: attempt, reviewer: reviewer, randomness: randomness)
        let left = repeated.map { $0.left == x ? y : x } ?? (draw & 1 == 0 ? x : y)
        let source = repeated != nil ? "swapped" : order == .system ? "system" : "seeded"
        try database.cachedStatement(
            sql: """
                INSERT INTO presentation (pair_id, cand_x, cand_y, slot_no, attempt, reviewer_id, left_candidate,
                    right_candidate, order_source, order_draw, repeat_of, screen, shown_at, lease_expires_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            slot.pair, x, y, slot.number, attempt, reader, left, left == x ? y : x, source, draw, repeated?.id,
            JSONValue.object(screen).serialized(), shown.description, expires.description,
        ])
        let id = database.lastInsertedRowID
        try database.cachedStatement(sql: "INSERT INTO selection VALUES (?, ?, ?, ?, ?, ?)").execute(
            arguments: [
                id, choice.policy, choice.by, choice.rate, slot.stratum,
                try RewardMargins.newest(pair: slot.pair, database),
            ])
        try JudgingQueue.lease(
            pair: slot.pair, slot: slot.number, presentation: id, reviewer: reader, until: expires, database)
        return id
    }

    private func repeatedPresentation(_ slot: JudgingQueue.Slot, _ database: Database) throws -> (Int64, Int64)? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT original.presentation_id, original.left_candidate
                FROM presentation AS again JOIN presentation AS original ON original.presentation_id = again.repeat_of
                WHERE again.pair_id = ? AND again.slot_no = ? LIMIT 1
                """)
        let row = try Row.fetchOne(statement, arguments: [slot.pair, slot.number])
        return row.map { ($0["presentation_id"], $0["left_candidate"]) }
    }

    /// The row of a presentation that is this reader's.
    func presentationRow(_ id: Int64, of reader: Int64, _ database: Database) throws -> Row {
        let statement = try database.cachedStatement(
            sql: """
                SELECT presentation.*, slot.state, slot.presentation_id AS newest_presentation
                FROM presentation JOIN judging_slot AS slot USING (pair_id, slot_no)
                WHERE presentation.presentation_id = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { throw unknownPresentation() }
        guard row["reviewer_id"] == reader else {
            throw Refusal(
                code: "presentation.other-reader", at: path, "this presentation was made for another reader",
                mend: "let that reader answer")
        }
        return row
    }

    private func unknownPresentation() -> Refusal {
        Refusal(
            code: "presentation.unknown", at: path, "the store has no presentation with this number",
            mend: "ask for the next pair")
    }

    func presentation(_ id: Int64, _ database: Database) throws -> Presentation {
        let statement = try database.cachedStatement(
            sql: """
                SELECT p.*, reviewer_key, form, purpose, prompt.content AS prompt_content, guideline.name AS guideline, exam_key, modality,
                    body_part, coalesce((SELECT max(revision) FROM judgement j
                        WHERE j.presentation_id = p.presentation_id), 0) AS revision,
                    (SELECT content FROM candidate WHERE candidate_id = left_candidate) AS left_content,
                    (SELECT content FROM candidate WHERE candidate_id = right_candidate) AS right_content
                FROM presentation p JOIN reviewer USING (reviewer_id) JOIN judging_pair USING (pair_id)
                    JOIN prompt USING (prompt_id) LEFT JOIN exam USING (exam_id)
                    LEFT JOIN guideline USING (guideline_id)
                WHERE p.presentation_id = ?
                """)
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { throw unknownPresentation() }
        let form: String = row["form"]
        guard let prompt = StoredPairs.text(row["prompt_content"], form),
            let left = StoredPairs.text(row["left_content"], form),
            let right = StoredPairs.text(row["right_content"], form), let shown = UTCTime(row["shown_at"]),
            let expires = UTCTime(row["lease_expires_at"])
        else { throw Self.damaged("\(path), presentation row \(id)") }
        return Presentation(
            id: id, pair: row["pair_id"], reviewer: row["reviewer_key"], slot: row["slot_no"],
            attempt: row["attempt"], prompt: prompt, left: left, right: right, leftCandidate: row["left_candidate"],
            rightCandidate: row["right_candidate"], guideline: row["guideline"], exam: row["exam_key"],
            modality: row["modality"],
            bodyPart: row["body_part"], repeats: row["repeat_of"], shown: shown, leaseExpires: expires,
            revision: row["revision"], kind: row["purpose"] == "winrate" ? .arena : .judge)
    }

    /// SHA-256 over what was on the screen, for the audit chain.
    func presentationDigest(_ id: Int64, _ database: Database) throws -> String {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT pair_id, slot_no, attempt, reviewer_id, left_candidate, right_candidate, order_draw, screen
                    FROM presentation WHERE presentation_id = ?
                    """), arguments: [id])
        var digest = ContentDigest("overread presentation v1")
        guard let row else { throw unknownPresentation() }
        for value in row.databaseValues { digest.add(String.fromDatabaseValue(value) ?? "\(value)") }
        return digest.finishedHex()
    }
}

extension Presentation.OrderSource {
    /// 64 bits; the lowest says whether the candidate with the smaller number stands left (0) or right (1).
    func draw(
        pair: Int64, slot: Int64, attempt: Int64, reviewer: String, randomness: () -> UInt64
    ) -> Int64 {
        guard case .seeded(let seed) = self else { return Int64(bitPattern: randomness()) }
        var digest = ContentDigest("overread order v1")
        digest.add(Int64(bitPattern: seed))
        for number in [pair, slot, attempt] { digest.add(number) }
        digest.add(reviewer)
        return Int64(bitPattern: digest.finished().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }
}
