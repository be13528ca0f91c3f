public import Evaluation

/// Chooses the cases that a report shows, by a rule that leaves nobody a choice.
public struct ExampleSelection: Sendable, Equatable {
    /// Why a case is shown.
    public enum Reason: String, Sendable, CaseIterable {
        /// The aligned model wins by most rules.
        case largestWin = "largest_win"
        /// It loses by most rules.
        case largestLoss = "largest_loss"
        /// Its content is worst.
        case worstContent = "worst_content"
        /// Drawn by the seed.
        case random

        /// The reason in words.
        public var label: String {
            switch self {
            case .largestWin: "Among the largest wins"
            case .largestLoss: "Among the largest losses"
            case .worstContent: "Among the worst in content"
            case .random: "Drawn by the seed"
            }
        }
    }

    /// What the choice needs to know of a case.
    public struct Candidate: Sendable, Equatable {
        /// The comparison of the aligned model (A) with the base (B).
        public var comparison: Comparison
        /// How many content errors the aligned model's output has.
        public var contentErrors: Int

        /// Makes a candidate.
        public init(comparison: Comparison, contentErrors: Int) {
            self.comparison = comparison
            self.contentErrors = contentErrors
        }
    }

    /// How many of the largest wins are shown, of the largest losses and of the worst in content.
    public var extremes: Int
    /// How many are drawn.
    public var random: Int
    /// The seed of the draw.
    public var seed: UInt64

    /// Makes a rule of choice.
    public init(extremes: Int = 2, random: Int = 2, seed: UInt64) {
        self.extremes = extremes
        self.random = random
        self.seed = seed
    }

    /// The rule in a sentence for the page.
    public var sentence: String {
        "Chosen by rule, not by hand: at most \(extremes) of the aligned model\u{2019}s largest losses to the base, the "
            + "\(extremes) outputs with most content errors, the \(extremes) largest wins, and \(random) drawn with "
            + "seed \(seed); equal ones in the order of their ids, no case twice."
    }

    /// The ids of the chosen cases with the reason of each: losses and worst content first.
    public func choose(from candidates: [Candidate]) -> [(item: String, reason: Reason)] {
        let sorted = candidates.sorted { $0.comparison.item.utf8.lexicographicallyPrecedes($1.comparison.item.utf8) }
        func gain(_ candidate: Candidate) -> Double { candidate.comparison.scoreA - candidate.comparison.scoreB }
        func best(_ members: [Candidate], by key: (Candidate) -> Double) -> [Candidate] {
            members.enumerated().sorted { (-key($0.element), $0.offset) < (-key($1.element), $1.offset) }
                .prefix(extremes).map(\.element)
        }
        var rest = sorted
        var chosen: [(item: String, reason: Reason)] = []
        func take(_ members: [Candidate], _ reason: Reason) {
            chosen += members.map { ($0.comparison.item, reason) }
            rest.removeAll { member in members.contains { $0.comparison.item == member.comparison.item } }
        }
        take(best(rest.filter { $0.comparison.verdict == .loss }) { -gain($0) }, .largestLoss)
        take(best(rest.filter { $0.contentErrors > 0 }) { Double($0.contentErrors) }, .worstContent)
        take(best(rest.filter { $0.comparison.verdict == .win }, by: gain), .largestWin)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<min(random, rest.count) { take([rest[generator.index(below: rest.count)]], .random) }
        return chosen
    }
}
