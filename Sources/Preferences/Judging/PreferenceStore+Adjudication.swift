public import Diagnostics
internal import GRDB

/// A decision over what a pair's readers said.
public struct Adjudication: Sendable, Equatable {
    /// What is decided.
    public enum Outcome: String, Sendable, CaseIterable {
        /// The candidate with the smaller number is better.
        case x
        /// The candidate with the larger number is better.
        case y
        /// Both are good.
        case bothGood = "both_good"
        /// Both are bad.
        case bothBad = "both_bad"
        /// The pair teaches nothing and stays out.
        case exclude
    }

    /// How the decision came about.
    public enum Basis: String, Sendable, CaseIterable {
        /// All readers agreed in the end.
        case unanimous
        /// Most readers said so.
        case majority
        /// A further reader decided.
        case thirdReader = "third_reader"
    }

    /// Why the readers differed: Potato's words.
    public enum ErrorSource: String, Sendable, CaseIterable {
        /// The case is ambiguous.
        case ambiguous
        /// The guideline says nothing about it.
        case guidelineGap = "guideline_gap"
        /// A reader was wrong.
        case readerError = "reader_error"
        /// A rare case.
        case edgeCase = "edge_case"
        /// A matter of taste.
        case preference
        /// Something else.
        case other
    }

    /// What is decided.
    public var outcome: Outcome
    /// How.
    public var basis: Basis
    /// Why the readers differed.
    public var errorSource: ErrorSource?
    /// How much better; only with x or y.
    public var strength: Judgement.Strength?
    /// A remark.
    public var note: String?

    /// Makes a decision.
    public init(
        _ outcome: Outcome, basis: Basis, errorSource: ErrorSource? = nil, strength: Judgement.Strength? = nil,
        note: String? = nil
    ) {
        self.outcome = outcome
        self.basis = basis
        self.errorSource = errorSource
        self.strength = strength
        self.note = note
    }
}

extension PreferenceStore {
    /// Keeps a decision over a pair; a later one supersedes it.
    ///
    /// - Parameters:
    ///   - adjudication: the decision.
    ///   - pair: the pair's number.
    ///   - reviewer: the adjudicator's key.
    ///   - revision: the newest revision that the adjudicator saw, 0 for none.
    /// - Throws: `pair.unknown`, `adjudication.stale`, `adjudication.bad`, `reviewer.unknown`.
    public func adjudicate(
        _ adjudication: Adjudication, pair: Int64, by reviewer: String, revision: Int = 0
    ) throws(Refusal) {
        guard adjudication.strength == nil || adjudication.outcome == .x || adjudication.outcome == .y else {
            throw Refusal(
                code: "adjudication.bad", at: "adjudication", "a strength without a preferred answer",
                mend: "leave the strength out")
        }
        try StoreKey.check(text: adjudication.note, "adjudication.note")
        var event = auditEvent("adjudicate", "judging_pair", String(pair), after: nil)
        try writing { database in
            let person = try reviewerID(reviewer, database)
            guard
                try Int.fetchOne(database, sql: "SELECT 1 FROM judging_pair WHERE pair_id = ?", arguments: [pair])
                    != nil
            else {
                throw Refusal(
                    code: "pair.unknown", at: path, "the store has no pair for judging with this number",
                    mend: "choose one from the list")
            }
            let newest = try Row.fetchOne(
                database,
                sql: """
                    SELECT adjudication_id, revision, outcome FROM adjudication WHERE pair_id = ?
                    ORDER BY revision DESC LIMIT 1
                    """,
                arguments: [pair])
            guard (newest?["revision"] ?? 0) == revision else {
                throw Refusal(
                    code: "adjudication.stale", at: path,
                    "there is a decision of revision \((newest?["revision"] ?? 0) as Int); the one seen was \(revision)",
                    mend: "look at the newest decision and decide again")
            }
            try database.execute(
                sql: """
                    INSERT INTO adjudication (pair_id, revision, supersedes, reviewer_id, outcome, basis, error_source,
                        strength, note, adjudicated_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    pair, revision + 1, newest?["adjudication_id"] as Int64?, person, adjudication.outcome.rawValue,
                    adjudication.basis.rawValue, adjudication.errorSource?.rawValue, adjudication.strength?.rawValue,
                    adjudication.note, event.at,
                ])
            let standing = try PairStanding.update(pair: pair, database)
            try QueueOrder.follow(standing: standing, pair: pair, database)
            try TextDrafts.set(committed: true, .adjudication(pair: pair), person, database)
            var digest = ContentDigest("overread adjudication v1")
            digest.add(pair)
            digest.add(reviewer)
            digest.add(adjudication.outcome.rawValue)
            digest.add(adjudication.basis.rawValue)
            digest.add(optional: adjudication.errorSource?.rawValue)
            digest.add(optional: adjudication.strength.map { String($0.rawValue) })
            digest.add(optional: adjudication.note)
            event.revision = Int64(revision + 1)
            event.after = digest.finishedHex()
            try AuditChain.append(event, database)
        }
    }

    /// What a pair's readers say together, and the adjudication's revision, 0 for none.
    public func verdict(ofPair pair: Int64) throws(Refusal) -> (verdict: PairVerdict, adjudicationRevision: Int) {
        try reading { database in
            let judged = try JudgedPairs.all(database, only: pair)[pair]
            return (judged?.verdict ?? .open, judged?.adjudication?.revision ?? 0)
        }
    }

    /// The pairs whose readers disagree and that nobody has adjudicated, the oldest first.
    public func conflicts() throws(Refusal) -> [Int64] {
        try reading { database in
            try Int64.fetchAll(
                database, sql: "SELECT pair_id FROM pair_standing WHERE standing = 'conflict' ORDER BY pair_id")
        }
    }
}
