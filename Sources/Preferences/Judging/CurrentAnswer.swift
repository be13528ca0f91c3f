internal import GRDB

/// What counts, by one rule.
///
/// The answer of a presentation is its newest judgement, the one that no other supersedes; an undo leaves none. Judgements
/// of one presentation form a chain without branches (each supersedes the newest before it), so the newest is one.
struct CurrentAnswer: Sendable, Equatable {
    let judgement: Int64
    let revision: Int
    let choice: Judgement.Choice
    let chosen: Int64?

    /// A presentation's answer; nil for none or one taken back.
    static func of(presentation: Int64, _ database: Database) throws -> CurrentAnswer? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT judgement_id, revision, choice, chosen_candidate FROM judgement WHERE presentation_id = ?
                ORDER BY revision DESC LIMIT 1
                """)
        guard let row = try Row.fetchOne(statement, arguments: [presentation]),
            let choice = Judgement.Choice(rawValue: row["choice"])
        else { return nil }
        return CurrentAnswer(
            judgement: row["judgement_id"], revision: row["revision"], choice: choice, chosen: row["chosen_candidate"])
    }
}

/// What a pair's readers say together.
public enum PairVerdict: Sendable, Equatable {
    /// One outcome.
    public enum Outcome: String, Sendable, CaseIterable {
        /// The candidate with the smaller number.
        case x
        /// The candidate with the larger number.
        case y
        /// Both are good.
        case bothGood = "both_good"
        /// Both are bad.
        case bothBad = "both_bad"
    }

    /// Nobody has answered, or only with skip or cannot judge.
    case open
    /// All readers who answered say the same.
    case agreed(Outcome)
    /// Two readers say different things; an adjudication is wanted.
    case conflict
    /// An adjudicator decided; the readers' answers no longer count.
    case adjudicated(Outcome)
    /// An adjudicator decided that the pair teaches nothing.
    case excluded

    /// The rule: the newest adjudication, else what all current answers have in common.
    ///
    /// Skips, cannot-judges, undone answers and answers to repeats do not count.
    static func of(answers: [Outcome], adjudicated: Adjudication.Outcome?) -> PairVerdict {
        switch adjudicated {
        case .exclude?: return .excluded
        case .x?: return .adjudicated(.x)
        case .y?: return .adjudicated(.y)
        case .bothGood?: return .adjudicated(.bothGood)
        case .bothBad?: return .adjudicated(.bothBad)
        case nil: break
        }
        guard let first = answers.first else { return .open }
        return answers.allSatisfy { $0 == first } ? .agreed(first) : .conflict
    }
}
