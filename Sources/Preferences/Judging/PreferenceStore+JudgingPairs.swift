public import Diagnostics
internal import GRDB
internal import StrictJSON

/// Two answers to one prompt that readers shall compare.
public struct PairForJudging: Sendable, Equatable {
    /// What the judgement is for; only `train` goes into snapshots.
    public enum Purpose: String, Sendable, CaseIterable {
        /// For training.
        case train
        /// For measuring one system against another.
        case winRate = "winrate"
        /// For checking readers against a known answer.
        case gold
        /// For practice.
        case calibration
    }

    /// How the two answers came together.
    public enum Source: String, Sendable, CaseIterable {
        /// Sampled from models for this comparison.
        case sampled
        /// A draft and a final report of one examination: observed, not judged.
        case harvest
        /// A text and its correction.
        case edit
    }

    /// What the answers answer.
    public var prompt: PromptText
    /// One answer.
    public var first: Candidate
    /// The other; its text differs.
    public var second: Candidate
    /// The examination.
    public var exam: Exam
    /// What the judgement is for.
    public var purpose: Purpose
    /// How the answers came together.
    public var source: Source
    /// The version of the guideline that readers judge by.
    public var guideline: String?
    /// For a gold pair, whether the first answer is the better one.
    public var firstIsBetter: Bool?
    /// The side of the split, where it is fixed beforehand.
    public var split: PreferencePair.Split?
    /// How many readers shall judge it, 1 to 100.
    public var readersWanted: Int

    /// Makes a pair for judging.
    ///
    /// Traps when `readersWanted` is outside 1 to 100.
    public init(
        prompt: PromptText, first: Candidate, second: Candidate, exam: Exam = Exam(), purpose: Purpose = .train,
        source: Source = .sampled, guideline: String? = nil, firstIsBetter: Bool? = nil,
        split: PreferencePair.Split? = nil, readersWanted: Int = 1
    ) {
        precondition((1...100).contains(readersWanted), "\(readersWanted) readers are outside 1...100")
        self.prompt = prompt
        self.first = first
        self.second = second
        self.exam = exam
        self.purpose = purpose
        self.source = source
        self.guideline = guideline
        self.firstIsBetter = firstIsBetter
        self.split = split
        self.readersWanted = readersWanted
    }
}

extension PreferenceStore {
    /// Puts pairs into the queue, all or none; a pair of the same two candidates is there once.
    ///
    /// - Returns: each pair's number, in the order given.
    /// - Throws: `pair.no-preference` for two answers that say the same, `pair.mixed-forms`, `pair.blank`,
    ///   `candidate.incomplete`, `guideline.unknown` and the refusals of keys, at `pairs[n]`.
    public func createJudgingPairs(_ pairs: [PairForJudging]) throws(Refusal) -> [Int64] {
        for (index, pair) in pairs.enumerated() { try pair.check(at: "pairs[\(index)]") }
        var event = auditEvent("create", "judging_pair", "\(pairs.count) pairs", after: nil)
        return try writing { try insert(pairs, &event, $0) }
    }

    /// Puts checked pairs into the queue inside a transaction, with one event in the audit chain.
    func insert(_ pairs: [PairForJudging], _ event: inout AuditEvent, _ database: Database) throws -> [Int64] {
        let policy = try PolicyRows.current(database).policy
        var ids: [Int64] = []
        var created = ContentDigest("overread judging pairs v1")
        var createdCount = 0
        for (index, pair) in pairs.enumerated() {
            let (id, isNew) = try insert(pair, at: "pairs[\(index)]", created: event.at, policy, database)
            ids.append(id)
            guard isNew else { continue }
            createdCount += 1
            created.add(id)
            created.add(pair.first.identity)
            created.add(pair.second.identity)
        }
        guard createdCount > 0 else { return ids }
        event.objectID = "\(createdCount) pairs"
        event.after = created.finishedHex()
        try AuditChain.append(event, database)
        // In an order other than that of arrival, new pairs may belong in front of where readers are.
        if policy.order != .fifo { try QueueOrder.beginSearchesAnew(database) }
        return ids
    }

    /// How many pairs stand in the queue or have been through it.
    public func judgingPairCount() throws(Refusal) -> Int {
        try reading { try Int.fetchOne($0, sql: "SELECT count(*) FROM judging_pair") ?? 0 }
    }

    private func insert(
        _ pair: PairForJudging, at place: String, created: String, _ policy: QueuePolicy, _ database: Database
    ) throws -> (id: Int64, isNew: Bool) {
        let promptDigest = pair.prompt.digest
        let promptID = try StoredPairs.promptID(of: pair.prompt, digest: promptDigest, database)
        let first = try CandidateRows.id(of: pair.first, promptID, created, database)
        let second = try CandidateRows.id(of: pair.second, promptID, created, database)
        let (x, y) = (min(first, second), max(first, second))
        let known = try database.cachedStatement(
            sql: "SELECT pair_id FROM judging_pair WHERE prompt_id = ? AND cand_x = ? AND cand_y = ?")
        if let id = try Int64.fetchOne(known, arguments: [promptID, x, y]) { return (id, false) }
        let expected = pair.firstIsBetter.map { $0 == (first == x) ? "x" : "y" }
        let examID = try ExamRows.id(of: pair.exam, at: place, database)
        let guidelineID = try guidelineID(pair.guideline, database)
        try database.cachedStatement(
            sql: """
                INSERT INTO judging_pair (prompt_id, exam_id, cand_x, cand_y, purpose, source, guideline_id, expected,
                    designated_split, readers_wanted, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            promptID, examID, x, y, pair.purpose.rawValue, pair.source.rawValue, guidelineID, expected,
            pair.split?.rawValue, pair.readersWanted, created,
        ])
        let id = database.lastInsertedRowID
        let isHeld = try [promptDigest, pair.first.text.digest, pair.second.text.digest].contains {
            try Screenings.isSuspect($0, database)
        }
        let specialty = try examID.flatMap {
            try String.fetchOne(
                database.cachedStatement(sql: "SELECT lower(subspecialty) FROM exam WHERE exam_id = ?"), arguments: [$0]
            )
        }
        for slot in 1...Int64(pair.readersWanted) {
            var key = QueueOrder.unit(randomness())
            if case .random(let seed) = policy.order { key = QueueOrder.randomKey(seed: seed, pair: id, slot: slot) }
            let place = try QueueOrder.place(pair: id, randomKey: key, policy, cut: nil, database)
            try database.cachedStatement(
                sql: """
                    INSERT INTO judging_slot (pair_id, slot_no, state, queue_position, lane, stratum, specialty, rank,
                        random_key)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                id, slot, isHeld ? "held" : "open", try JudgingQueue.nextPosition(database),
                QueueOrder.lane(pair.purpose), place.stratum, specialty ?? "", place.rank, key,
            ])
        }
        try QueueOrder.addRun(
            lane: QueueOrder.lane(pair.purpose), stratum: "plain", specialty: specialty ?? "", database)
        return (id, true)
    }
}

extension PairForJudging {
    /// Refuses what no reader could judge.
    func check(at place: String) throws(Refusal) {
        for (name, text) in [("prompt", prompt), ("first", first.text), ("second", second.text)] {
            guard !text.isBlank else {
                throw Refusal(
                    code: "pair.blank", at: "\(place).\(name)", "it is empty or shows nothing", mend: "write its text")
            }
            guard text.hasSameForm(as: prompt) else {
                throw Refusal(
                    code: "pair.mixed-forms", at: "\(place).\(name)",
                    "one of prompt and answers is plain text, another messages", mend: "write all three in one form")
            }
            guard !text.plainText.holdsNUL else {
                throw Refusal(code: "pair.nul", at: "\(place).\(name)", "it holds a NUL character", mend: "remove it")
            }
        }
        guard !first.text.saysTheSame(as: second.text) else {
            throw Refusal(
                code: "pair.no-preference", at: place,
                "the two answers are the same up to white space; nothing can be preferred", mend: "leave the pair out")
        }
        guard (firstIsBetter == nil) == (purpose != .gold) else {
            throw Refusal(
                code: "pair.bad-gold", at: place, "a gold pair, and no other, says which answer is the better one",
                mend: "give the answer or another purpose")
        }
        for (name, key) in [
            ("exam.key", exam.key), ("exam.patient", exam.patient), ("exam.modality", exam.modality),
            ("exam.bodyPart", exam.bodyPart), ("exam.subspecialty", exam.subspecialty), ("exam.site", exam.site),
        ] { try StoreKey.check(optional: key, "\(place).\(name)") }
        if let year = exam.year, !(1900...2199).contains(year) {
            throw Refusal(
                code: "pair.bad-time", at: "\(place).exam.year", "a year outside 1900 to 2199", mend: "correct it")
        }
        try first.check(at: "\(place).first")
        try second.check(at: "\(place).second")
    }
}

extension Candidate {
    /// Refuses provenance that is missing or out of range.
    func check(at place: String) throws(Refusal) {
        func refused(_ problem: String) -> Refusal {
            Refusal(code: "candidate.incomplete", at: place, problem, mend: "record where the answer comes from")
        }
        guard author != .model || model != nil else { throw refused("an answer by a model that is not named") }
        try StoreKey.check(optional: authorKey, "\(place).authorKey")
        try StoreKey.check(optional: model?.base, "\(place).model.base")
        guard decoding?.temperature.map({ $0 >= 0 && $0.isFinite }) ?? true else {
            throw refused("a temperature that is negative or no number")
        }
        guard decoding?.topP.map({ $0 > 0 && $0 <= 1 }) ?? true else { throw refused("top_p is above 0 and at most 1") }
        guard decoding?.maxTokens.map({ $0 > 0 }) ?? true, decoding?.tokenCount.map({ $0 >= 0 }) ?? true,
            decoding?.latencyMilliseconds.map({ $0 >= 0 }) ?? true
        else { throw refused("a count of tokens or milliseconds is out of range") }
    }
}
