public import Diagnostics
internal import GRDB

extension PreferenceStore {
    /// Puts two systems' outputs into the queue of the arena, all or none.
    ///
    /// Pairs are of purpose `winrate` and held out: they never go into a snapshot. Swapped repeats are mixed in while
    /// readers work, at the policy's rate.
    ///
    /// - Parameters:
    ///   - name: the arena's name, 1 to 256 bytes.
    ///   - entries: the outputs, each item once.
    ///   - base: the system to compare with.
    ///   - aligned: the system that is compared.
    ///   - sources: SHA-256 of the files of prompts, base's and aligned's outputs.
    ///   - readersWanted: 1 to 100; nil for the policy's overlap.
    ///   - guideline: the version of the guideline to judge by.
    /// - Throws: `arena.exists` when the name stands for other files, `arena.twice` for an item that occurs twice, and as
    ///   ``createJudgingPairs(_:)``.
    public func createArena(
        _ name: String, entries: [ArenaEntry], base: ArenaSystem, aligned: ArenaSystem,
        sources: (prompts: String, base: String, aligned: String), readersWanted: Int? = nil, guideline: String? = nil
    ) throws(Refusal) -> ArenaCreated {
        try StoreKey.check(name, "arena")
        let policy = try queuePolicy()
        let readers = readersWanted ?? policy.overlap
        var seen: Set<[UInt8]> = []
        var candidates: [(base: Candidate, aligned: Candidate)] = []
        var pairs: [PairForJudging] = []
        for (index, entry) in entries.enumerated() {
            try StoreKey.check(entry.item, "entries[\(index)].item")
            guard seen.insert(Array(entry.item.utf8)).inserted else {
                throw Refusal(
                    code: "arena.twice", at: "entries[\(index)]", "an item occurs twice",
                    mend: "give each an id of its own")
            }
            let both = (
                base: Candidate(text: entry.base, author: .model, model: base.model, decoding: base.decoding),
                aligned: Candidate(
                    text: entry.aligned, author: .model, model: aligned.model, decoding: aligned.decoding)
            )
            candidates.append(both)
            guard !entry.base.saysTheSame(as: entry.aligned) else { continue }
            let pair = PairForJudging(
                prompt: entry.prompt, first: both.base, second: both.aligned, exam: entry.exam, purpose: .winRate,
                guideline: guideline, split: .heldOut, readersWanted: readers)
            try pair.check(at: "entries[\(index)]")
            pairs.append(pair)
        }
        let event = auditEvent("create", "arena", name, after: sources.aligned)
        var pairEvent = auditEvent("create", "judging_pair", "", after: nil)
        return try writing { database in
            if let known = try Row.fetchOne(database, sql: "SELECT * FROM arena WHERE name = ?", arguments: [name]) {
                guard known["prompts_sha256"] == sources.prompts, known["base_sha256"] == sources.base,
                    known["aligned_sha256"] == sources.aligned
                else {
                    throw Refusal(
                        code: "arena.exists", at: path, "an arena of this name holds other outputs",
                        mend: "give another name")
                }
                return ArenaCreated(pairs: pairs.count, identical: entries.count - pairs.count, readers: readers)
            }
            _ = try insert(pairs, &pairEvent, database)
            try database.execute(
                sql: """
                    INSERT INTO arena (name, prompts_sha256, base_sha256, aligned_sha256, recorded_at)
                    VALUES (?, ?, ?, ?, ?)
                    """, arguments: [name, sources.prompts, sources.base, sources.aligned, event.at])
            let arena = database.lastInsertedRowID
            for (entry, both) in zip(entries, candidates) {
                try insert(entry, both, arena: arena, event.at, database)
            }
            try AuditChain.append(event, database)
            return ArenaCreated(pairs: pairs.count, identical: entries.count - pairs.count, readers: readers)
        }
    }

    /// The names of the arenas, the oldest first.
    public func arenas() throws(Refusal) -> [String] {
        try reading { try String.fetchAll($0, sql: "SELECT name FROM arena ORDER BY arena_id") }
    }

    /// What readers said of an arena's entries, in byte order of the items.
    ///
    /// - Throws: `arena.unknown`.
    public func arenaOutcomes(of name: String) throws(Refusal) -> [ArenaOutcome] {
        let path = self.path
        return try reading { database in
            guard
                let arena = try Int64.fetchOne(
                    database, sql: "SELECT arena_id FROM arena WHERE name = ?", arguments: [name])
            else {
                throw Refusal(
                    code: "arena.unknown", at: path, "the store has no arena of this name",
                    mend: "add it first, or see the list of arenas")
            }
            let items = try Row.fetchAll(
                database, sql: "SELECT * FROM arena_item WHERE arena_id = ? ORDER BY item", arguments: [arena])
            return try items.map { try ArenaRows.outcome($0, database, path: path) }
        }
    }

    private func insert(
        _ entry: ArenaEntry, _ both: (base: Candidate, aligned: Candidate), arena: Int64, _ at: String,
        _ database: Database
    ) throws {
        let prompt = try StoredPairs.promptID(of: entry.prompt, digest: entry.prompt.digest, database)
        let base = try CandidateRows.id(of: both.base, prompt, at, database)
        let aligned = try CandidateRows.id(of: both.aligned, prompt, at, database)
        let pair = try Int64.fetchOne(
            database.cachedStatement(
                sql: "SELECT pair_id FROM judging_pair WHERE prompt_id = ? AND cand_x = ? AND cand_y = ?"),
            arguments: [prompt, min(base, aligned), max(base, aligned)])
        try database.cachedStatement(sql: "INSERT INTO arena_item VALUES (?, ?, ?, ?, ?, ?)").execute(
            arguments: [arena, entry.item, entry.cluster, base, aligned, pair])
    }
}

/// Arena entries between rows and values.
enum ArenaRows {
    static func outcome(_ row: Row, _ database: Database, path: String) throws -> ArenaOutcome {
        let (base, aligned): (Int64, Int64) = (row["base_candidate"], row["aligned_candidate"])
        func sha256(_ candidate: Int64) throws -> String {
            ContentDigest.sha256(Array(try CandidateRows.fetch(candidate, database, path: path).text.plainText.utf8))
        }
        let pair: Int64? = row["pair_id"]
        let decision = try pair.flatMap { pair in
            try String.fetchOne(
                database.cachedStatement(
                    sql: "SELECT outcome FROM adjudication WHERE pair_id = ? ORDER BY revision DESC LIMIT 1"),
                arguments: [pair])
        }.flatMap { Adjudication.Outcome(rawValue: $0) }
        let decided: Double? =
            switch decision {
            case .x?: aligned < base ? 1 : 0
            case .y?: aligned < base ? 0 : 1
            case .bothGood?, .bothBad?: 0.5
            case .exclude?, nil: nil
            }
        return ArenaOutcome(
            item: row["item"], cluster: row["cluster"], baseSHA256: try sha256(base),
            alignedSHA256: try sha256(aligned),
            isIdentical: pair == nil, decidedScore: decided, isExcluded: decision == .exclude,
            readings: try pair.map { try readings(ofPair: $0, aligned: aligned, database) } ?? [])
    }

    private static func readings(
        ofPair pair: Int64, aligned: Int64, _ database: Database
    ) throws -> [ArenaReading] {
        let rows = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT reviewer_key, choice, presentation.left_candidate, repeat_of, active_ms, judged_at
                    FROM presentation JOIN judgement USING (presentation_id) JOIN reviewer USING (reviewer_id)
                    WHERE pair_id = ? AND choice IN ('left', 'right', 'both_good', 'both_bad') AND NOT EXISTS (
                        SELECT 1 FROM judgement AS later WHERE later.presentation_id = judgement.presentation_id
                            AND later.revision > judgement.revision)
                    ORDER BY judgement_id
                    """), arguments: [pair])
        return rows.compactMap { row in
            guard let choice = Judgement.Choice(rawValue: row["choice"]), let at = UTCTime(row["judged_at"]) else {
                return nil
            }
            return ArenaReading(
                reviewer: row["reviewer_key"], choice: choice, alignedIsLeft: row["left_candidate"] == aligned,
                isRepeat: (row["repeat_of"] as Int64?) != nil, activeMilliseconds: row["active_ms"], at: at)
        }
    }
}
