// Fills a new store with synthetic cases for the browser's test: pairs to judge, pairs over which two readers
// disagree, pairs for the arena, drafts to correct. Not a product.
//
//   ReviewSeed STORE PAIRS.jsonl JUDGE ARENA DRAFTS CONFLICTS      the last four say how many of each
import Diagnostics
import Foundation
import Preferences
import StrictJSON

/// One line of the pairs that ship in `Preferences/`.
struct SyntheticPair {
    let prompt: PromptText
    let chosen: PromptText
    let rejected: PromptText
    let exam: Exam

    init?(_ line: Substring) {
        guard let value = try? JSONValue(parsing: Array(line.utf8), named: "pairs"),
            let prompt = Self.text(value["prompt"], role: "user"),
            let chosen = Self.text(value["chosen"], role: "assistant"),
            let rejected = Self.text(value["rejected"], role: "assistant")
        else { return nil }
        self.prompt = prompt
        self.chosen = chosen
        self.rejected = rejected
        exam = Exam(
            key: value["exam"]?.string, patient: value["patient"]?.string, modality: value["modality"]?.string,
            bodyPart: value["body_part"]?.string)
    }

    private static func text(_ value: JSONValue?, role: String) -> PromptText? {
        guard let content = value?.array?.first?["content"]?.string else { return nil }
        return .messages([PromptText.Message(role: role, content: content)])
    }

    func forJudging(_ purpose: PairForJudging.Purpose, readers: Int = 1) -> PairForJudging {
        PairForJudging(
            prompt: prompt, first: Self.answer(chosen, "synthetic-one"), second: Self.answer(rejected, "synthetic-two"),
            exam: exam, purpose: purpose, guideline: "2026-2", readersWanted: readers)
    }

    var draft: DraftToCorrect {
        DraftToCorrect(
            prompt: prompt, candidate: Self.answer(rejected, "synthetic-two"), exam: exam, guideline: "2026-2")
    }

    private static func answer(_ text: PromptText, _ base: String) -> Candidate {
        Candidate(text: text, author: .model, model: Candidate.Model(base: base))
    }
}

/// Two readers judge all that there is, each against the other.
func disagree(in store: PreferenceStore) throws(Refusal) {
    for (reader, prefersFirst) in [("reader-a", true), ("reader-b", false)] {
        try store.register(Reviewer(key: reader, credential: .attending))
        while let shown = try store.nextCase(.judge, for: reader) {
            let isFirstLeft = shown.leftCandidate < shown.rightCandidate
            let choice: Judgement.Choice = isFirstLeft == prefersFirst ? .left : .right
            let side: Judgement.Side = choice == .left ? .left : .right
            let judgement = Judgement(
                choice, strength: prefersFirst ? .better : .slight,
                criteria: [.init(prefersFirst ? .completeness : .brevity, side)],
                comment: prefersFirst ? "The other one leaves out a finding." : "Says what the referrer needs.")
            _ = try store.record(judgement, on: shown.id, by: reader, revision: 0)
        }
    }
}

let arguments = CommandLine.arguments
let counts = arguments.dropFirst(3).compactMap(Int.init)
guard arguments.count == 7, counts.count == 4, let text = try? String(contentsOfFile: arguments[2], encoding: .utf8)
else {
    FileHandle.standardError.write(Data("usage: ReviewSeed STORE PAIRS.jsonl JUDGE ARENA DRAFTS CONFLICTS\n".utf8))
    exit(64)
}
do throws(Refusal) {
    let store = try PreferenceStore(at: arguments[1], actor: "seed", lockPatienceSeconds: 0)
    let rules = """
        Read both texts before you choose.

        1. A wrong or missing finding that would be acted on weighs most, then laterality, comparison, \
        recommendation, and wording last.
        2. Never prefer a text for its length, and never for your own taste alone.
        3. Both bad means: I would sign neither without rewriting.
        """
    try store.recordGuideline("2026-2", text: rules)
    var pairs = text.split(separator: "\n").compactMap(SyntheticPair.init)[...]
    func take(_ count: Int) -> [SyntheticPair] {
        defer { pairs = pairs.dropFirst(count) }
        return Array(pairs.prefix(count))
    }
    _ = try store.createJudgingPairs(take(counts[3]).map { $0.forJudging(.train, readers: 2) })
    try disagree(in: store)
    _ = try store.createJudgingPairs(take(counts[0]).map { $0.forJudging(.train) })
    _ = try store.createJudgingPairs(take(counts[1]).map { $0.forJudging(.winRate) })
    _ = try store.createCorrectionTasks(take(counts[2]).map(\.draft))
    print("seeded")
} catch {
    FileHandle.standardError.write(Data("\(error)\n".utf8))
    exit(2)
}
