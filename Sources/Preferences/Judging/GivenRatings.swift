public import Diagnostics
internal import GRDB

/// One current answer of one reader about one pair, in terms of the pair's candidates and not of the screen's sides.
public struct GivenRating: Sendable, Equatable {
    /// The pair's number.
    public let pair: Int64
    /// The key of the examination; nil when the pair has none.
    public let exam: String?
    /// The reader's key.
    public let reviewer: String
    /// The criterion; nil for the overall choice.
    public let criterion: Judgement.Criterion?
    /// 1 for the candidate with the smaller number, 0 for the other, one half where neither is the better.
    public let value: Double
    /// Whether the candidate with the larger number was on the left.
    public let isSwapped: Bool
}

extension PreferenceStore {
    /// The readers' current answers, repeats included, in the order in which they were given.
    ///
    /// Skips, cannot-judges and answers that were taken back are no ratings. Both good and both bad are one half.
    public func givenRatings() throws(Refusal) -> [GivenRating] {
        try reading { database in
            let overall = try Row.fetchCursor(
                database,
                sql: Self.ratings(
                    winner: "CASE choice WHEN 'left' THEN 'left' WHEN 'right' THEN 'right' ELSE 'tie' END",
                    criterion: "NULL", from: ""))
            var ratings: [GivenRating] = []
            while let row = try overall.next() { ratings.append(Self.rating(row)) }
            let criteria = try Row.fetchCursor(
                database,
                sql: Self.ratings(
                    winner: "winner", criterion: "criterion", from: "JOIN judgement_criterion USING (judgement_id)"))
            while let row = try criteria.next() { ratings.append(Self.rating(row)) }
            return ratings
        }
    }

    private static func ratings(winner: String, criterion: String, from: String) -> String {
        """
        SELECT presentation.pair_id, exam_key, reviewer_key, \(criterion) AS asked, \(winner) AS better,
            presentation.left_candidate > presentation.right_candidate AS is_swapped
        FROM judgement JOIN presentation USING (presentation_id)
            JOIN judging_pair ON judging_pair.pair_id = presentation.pair_id
            JOIN reviewer USING (reviewer_id) LEFT JOIN exam USING (exam_id) \(from)
        WHERE choice NOT IN ('skip', 'cannot_judge', 'undo') AND NOT EXISTS (
            SELECT 1 FROM judgement AS later WHERE later.presentation_id = judgement.presentation_id
                AND later.revision > judgement.revision)
        ORDER BY judgement_id
        """
    }

    private static func rating(_ row: Row) -> GivenRating {
        let isSwapped: Bool = row["is_swapped"]
        let onLeft: Double =
            switch row["better"] as String {
            case "left": 1
            case "right": 0
            default: 0.5
            }
        return GivenRating(
            pair: row["pair_id"], exam: row["exam_key"], reviewer: row["reviewer_key"],
            criterion: (row["asked"] as String?).flatMap { Judgement.Criterion(rawValue: $0) },
            value: isSwapped ? 1 - onLeft : onLeft, isSwapped: isSwapped)
    }

    /// Gives every imported pair in the order of its import, each checked against its digest.
    ///
    /// - Throws: `store.damaged` at the first pair that is not as it was written.
    public func forEachPair(_ body: (PreferencePair) -> Void) throws(Refusal) {
        let path = self.path
        try reading { database in try StoredPairs.forEach(database, path: path) { body($0.pair) } }
    }
}
