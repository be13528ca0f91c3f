public import Diagnostics
internal import GRDB
public import StrictJSON

extension PreferenceStore {
    /// How many cases of a page a reader may hold at once: the one on the screen, the next, and one on its way back.
    static let mostHeld = 3

    /// Gives a reader the next case of a page: one that he or she holds already, or a new one; nil when nothing is left.
    ///
    /// Practice comes first; then known answers and swapped repeats are mixed in at the policy's rates, by draws that
    /// are recorded with the presentation, together with the policy and the stratum.
    ///
    /// - Parameters:
    ///   - kind: the page.
    ///   - reviewer: the reader's key.
    ///   - besides: presentations that the page has already; another one is given, so that it can be loaded ahead.
    ///   - leaseSeconds: how long the place is kept, 1 to 86,400.
    ///   - screen: what else is known of the screen, kept with the presentation.
    /// - Throws: `lease.too-many` when the reader holds three and the page has them all; `reviewer.unknown`,
    ///   `reviewer.inactive`.
    public func nextCase(
        _ kind: ReviewKind, for reviewer: String, besides: [Int64] = [], leaseSeconds: Int = 900,
        screen: JSONObject = JSONObject()
    ) throws(Refusal) -> Presentation? {
        precondition((1...86_400).contains(leaseSeconds), "a lease of \(leaseSeconds) s is outside 1...86400")
        let moment = now()
        let expires = UTCTime(milliseconds: moment.milliseconds + Int64(leaseSeconds) * 1000)
        var event = auditEvent("present", "presentation", "", after: nil)
        return try writing { database in
            let reader = try reviewerID(reviewer, database)
            let held = try heldPresentations(kind, reader, at: moment, database)
            if let id = held.first(where: { !besides.contains($0) }) { return try presentation(id, database) }
            guard held.count < Self.mostHeld else {
                throw Refusal(
                    code: "lease.too-many", at: path, "this reader holds \(held.count) cases already",
                    mend: "answer one of them, or give it back")
            }
            try JudgingQueue.reopenExpired(now: moment, database)
            guard let chosen = try choose(kind, reader, database) else { return nil }
            let id: Int64
            switch chosen.subject {
            case .slot(let slot):
                id = try present(
                    slot, to: reader, reviewer, .system, screen, shown: moment, expires: expires, choice: chosen.choice,
                    database)
            case .repetition(let original):
                id = try presentAgain(
                    original, to: reader, reviewer, screen, shown: moment, expires: expires, choice: chosen.choice,
                    database)
            }
            event.objectID = String(id)
            event.after = try presentationDigest(id, database)
            try AuditChain.append(event, database)
            return try presentation(id, database)
        }
    }

    /// Lengthens the lease of a reader who is still at work.
    ///
    /// - Returns: until when.
    /// - Throws: `lease.lost` when the place was given to another reader or is answered; `presentation.unknown`,
    ///   `presentation.other-reader`.
    public func renewLease(
        presentation id: Int64, by reviewer: String, leaseSeconds: Int = 900
    ) throws(Refusal) -> UTCTime {
        precondition((1...86_400).contains(leaseSeconds), "a lease of \(leaseSeconds) s is outside 1...86400")
        let expires = UTCTime(milliseconds: now().milliseconds + Int64(leaseSeconds) * 1000)
        return try writing { database in
            let reader = try reviewerID(reviewer, database)
            let row = try presentationRow(id, of: reader, database)
            let state: String = row["state"]
            guard row["newest_presentation"] == id, state == "leased" || (state == "open" && row["repeat_of"] == nil)
            else {
                throw lostLease()
            }
            try JudgingQueue.lease(
                pair: row["pair_id"], slot: row["slot_no"], presentation: id, reviewer: reader, until: expires, database
            )
            return expires
        }
    }

    /// Gives a case back to the end of the queue unanswered; it may come again, to this reader too.
    ///
    /// A case that is no longer held is left as it is.
    public func releaseLease(presentation id: Int64, by reviewer: String) throws(Refusal) {
        let event = auditEvent("release", "presentation", String(id), after: nil)
        try writing { database in
            let reader = try reviewerID(reviewer, database)
            let row = try presentationRow(id, of: reader, database)
            guard row["newest_presentation"] == id, row["state"] == "leased" else { return }
            try JudgingQueue.reopen(pair: row["pair_id"], slot: row["slot_no"], database)
            try AuditChain.append(event, database)
        }
    }

    /// Nobody needs to know of more, and to count them is most of what a request for a case costs.
    static let countedAtMost = 100

    /// How many cases of a page the reader holds or could still be given now; counted up to 100.
    public func waitingCount(_ kind: ReviewKind, for reviewer: String) throws(Refusal) -> Int {
        let moment = now()
        return try reading { database in
            let reader = try reviewerID(reviewer, database)
            let held = try heldPresentations(kind, reader, at: moment, database).count
            let search = try QueueSearch(reader, PolicyRows.current(database).policy, database)
            return try min(Self.countedAtMost, held + search.count(in: kind.lanes, upTo: Self.countedAtMost))
        }
    }

    func lostLease() -> Refusal {
        Refusal(
            code: "lease.lost", at: path,
            "the lease ran out and the place was given to another reader, or it is answered",
            mend: "ask for the next case")
    }

    // MARK: The choice

    private enum Subject {
        case slot(JudgingQueue.Slot)
        case repetition(of: Int64)
    }

    /// The presentations of a page that the reader holds, the oldest first.
    private func heldPresentations(
        _ kind: ReviewKind, _ reader: Int64, at moment: UTCTime, _ database: Database
    ) throws -> [Int64] {
        let statement = try database.cachedStatement(
            sql: """
                SELECT presentation_id, lane FROM judging_slot
                WHERE state = 'leased' AND reviewer_id = ? AND lease_expires_ms > ? ORDER BY presentation_id
                """)
        return try Row.fetchAll(statement, arguments: [reader, moment.milliseconds])
            .filter { kind.lanes.contains($0["lane"]) }.map { $0["presentation_id"] }
    }

    /// What the reader is given next, and how it was chosen.
    private func choose(
        _ kind: ReviewKind, _ reader: Int64, _ database: Database
    ) throws -> (subject: Subject, choice: Choice)? {
        let (policy, policyID, _) = try PolicyRows.current(database)
        func chosen(_ slot: JudgingQueue.Slot?, _ by: String, _ rate: Double) -> (Subject, Choice)? {
            slot.map { (.slot($0), Choice(policy: policyID, by: by, rate: rate)) }
        }
        if let kept = try chosen(reservedSlot(of: reader, in: kind.lanes, database), "reserved", 1) { return kept }
        let search = try QueueSearch(reader, policy, database)
        let lane = kind == .arena ? "arena" : "judge"
        let goldRate = kind == .arena ? 0 : policy.goldRate
        if kind == .judge, let practice = try chosen(search.first(of: ["calibration"]), "calibration", 1) {
            return practice
        }
        let draw = QueueOrder.unit(randomness())
        if draw < goldRate, let gold = try chosen(search.first(of: ["gold"]), "gold", goldRate) { return gold }
        if draw >= goldRate, draw < goldRate + policy.repeatRate,
            let original = try repeatable(lane, reader, gap: policy.repeatGap, database)
        {
            return (.repetition(of: original), Choice(policy: policyID, by: "repeat", rate: policy.repeatRate))
        }
        let rest = 1 - goldRate - policy.repeatRate
        let uniformShare = policy.order == .informative ? policy.uniformShare : 0
        if QueueOrder.unit(randomness()) < uniformShare,
            let uniform = try chosen(
                search.atRandom(lane: lane, point: QueueOrder.unit(randomness())), "uniform", rest * uniformShare)
        {
            return uniform
        }
        if let next = try chosen(search.first(of: [lane]), "order", rest * (1 - uniformShare)) { return next }
        return try kind == .judge ? chosen(search.first(of: ["gold"]), "gold", 1) : nil
    }

    /// An answered case of the reader's own, drawn from those that lie far enough back and were not repeated.
    private func repeatable(_ lane: String, _ reader: Int64, gap: Int, _ database: Database) throws -> Int64? {
        let bounds = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT (SELECT min(presentation_id) FROM presentation WHERE reviewer_id = :reader) AS first,
                        (SELECT presentation_id FROM presentation WHERE reviewer_id = :reader
                            ORDER BY presentation_id DESC LIMIT 1 OFFSET :gap) AS last
                    """), arguments: ["reader": reader, "gap": gap - 1])
        guard let first = bounds?["first"] as Int64?, let last = bounds?["last"] as Int64?, first <= last else {
            return nil
        }
        let point = first + Int64(randomness() % UInt64(last - first + 1))
        let statement = try database.cachedStatement(
            sql: """
                SELECT presentation_id FROM (
                    SELECT * FROM presentation WHERE reviewer_id = :reader AND presentation_id BETWEEN :from AND :to
                    ORDER BY presentation_id LIMIT 200) AS shown
                WHERE repeat_of IS NULL
                    AND NOT EXISTS (SELECT 1 FROM presentation AS again WHERE again.repeat_of = shown.presentation_id)
                    AND (SELECT lane FROM judging_slot WHERE judging_slot.pair_id = shown.pair_id
                        AND judging_slot.slot_no = shown.slot_no) = :lane
                    AND (SELECT choice IN ('left', 'right', 'both_good', 'both_bad') FROM judgement
                        WHERE judgement.presentation_id = shown.presentation_id ORDER BY revision DESC LIMIT 1)
                    AND NOT EXISTS (SELECT 1 FROM judging_slot WHERE judging_slot.pair_id = shown.pair_id
                        AND state = 'held')
                ORDER BY presentation_id LIMIT 1
                """)
        for (from, to) in [(point, last), (first, point - 1)] {
            let found = try Int64.fetchOne(
                statement, arguments: ["reader": reader, "from": from, "to": to, "lane": lane])
            if let found { return found }
        }
        return nil
    }
}
