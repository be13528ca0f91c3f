internal import GRDB

/// Where each slot stands in the queue: its lane by purpose, its stratum, and its rank in it, as the policy says.
enum QueueOrder {
    /// The rank of what comes back to the queue when ranks are not all the same.
    static let endRank = 1e9
    /// The rank of a pair whose margin is not known.
    static let unknownRank = 1e6

    /// The lanes of the queue, by the purpose of the pair.
    static func lane(_ purpose: PairForJudging.Purpose) -> String {
        switch purpose {
        case .train: "judge"
        case .winRate: "arena"
        case .gold: "gold"
        case .calibration: "calibration"
        }
    }

    /// The number that a slot has in the random order: even on 0 to 1, and the same for the same seed.
    static func randomKey(seed: UInt64, pair: Int64, slot: Int64) -> Double {
        var digest = ContentDigest("overread queue order v1")
        digest.add(Int64(bitPattern: seed))
        digest.add(pair)
        digest.add(slot)
        return unit(digest.finished().prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    /// 53 of 64 random bits as a number from 0 up to, and not with, 1.
    static func unit(_ bits: UInt64) -> Double { Double(bits >> 11) * 0x1p-53 }

    /// The stratum and rank of a pair's slots that have not been taken yet.
    static func place(
        pair: Int64, randomKey: Double, _ policy: QueuePolicy, cut: Double?, _ database: Database
    ) throws -> (stratum: String, rank: Double) {
        switch policy.order {
        case .fifo: return ("plain", 0)
        case .random: return ("plain", 1 + randomKey)
        case .informative:
            guard let margin = try RewardMargins.newest(pair: pair, database) else { return ("plain", unknownRank) }
            let isSmall = cut.map { abs(margin) <= $0 } ?? false
            return (isSmall ? "small_margin" : "plain", 1 + min(abs(margin), unknownRank - 2))
        }
    }

    /// Puts every slot that is not done where the policy wants it, and begins all readers' searches anew.
    static func arrangeAll(_ policy: QueuePolicy, cut: Double?, _ database: Database) throws {
        let slots = try Row.fetchAll(
            database,
            sql: """
                SELECT slot.pair_id, slot_no, lane, specialty, random_key, standing = 'conflict' AS is_conflict
                FROM judging_slot AS slot LEFT JOIN pair_standing USING (pair_id) WHERE state <> 'done'
                """)
        let update = try database.makeStatement(
            sql: "UPDATE judging_slot SET stratum = ?, rank = ?, random_key = ? WHERE pair_id = ? AND slot_no = ?")
        for row in slots {
            let (pair, slot): (Int64, Int64) = (row["pair_id"], row["slot_no"])
            var key: Double = row["random_key"]
            if case .random(let seed) = policy.order { key = randomKey(seed: seed, pair: pair, slot: slot) }
            var place = try place(pair: pair, randomKey: key, policy, cut: cut, database)
            if policy.order == .informative, (row["is_conflict"] as Bool?) ?? false {
                place = ("disagreeing", endRank)
            }
            try update.execute(arguments: [place.stratum, place.rank, key, pair, slot])
            try addRun(lane: row["lane"], stratum: place.stratum, specialty: row["specialty"], database)
        }
        try beginSearchesAnew(database)
    }

    /// Forgets how far readers have come: needed when something is put in front of where they are.
    static func beginSearchesAnew(_ database: Database) throws { try database.execute(sql: "DELETE FROM reader_place") }

    /// Notes that a run of slots exists, so that searches look there.
    static func addRun(lane: String, stratum: String, specialty: String, _ database: Database) throws {
        try database.cachedStatement(sql: "INSERT OR IGNORE INTO queue_run VALUES (?, ?, ?)").execute(
            arguments: [lane, stratum, specialty])
    }

    /// Moves a pair's open slots to or from the stratum of disagreements after an answer, to its end.
    static func follow(standing: String?, pair: Int64, _ database: Database) throws {
        let (policy, _, cut) = try PolicyRows.current(database)
        guard policy.order == .informative else { return }
        let isConflict = standing == "conflict"
        let slots = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT slot_no, lane, specialty, random_key, stratum FROM judging_slot
                    WHERE pair_id = ? AND state = 'open' AND reserved_for IS NULL
                        AND (stratum = 'disagreeing') <> ?
                    """), arguments: [pair, isConflict])
        for row in slots {
            let stratum =
                try isConflict
                ? "disagreeing"
                : place(pair: pair, randomKey: row["random_key"], policy, cut: cut, database).stratum
            try database.cachedStatement(
                sql: """
                    UPDATE judging_slot SET stratum = ?, rank = ?, queue_position = ? WHERE pair_id = ? AND slot_no = ?
                    """
            ).execute(arguments: [
                stratum, endRank, try JudgingQueue.nextPosition(database), pair, row["slot_no"] as Int64,
            ])
            try addRun(lane: row["lane"], stratum: stratum, specialty: row["specialty"], database)
        }
    }
}
