import Foundation
import Preferences
import Synchronization

/// A clock that the test moves.
final class Clock: Sendable {
    private let milliseconds = Mutex<Int64>(1_772_323_200_000)

    func advance(seconds: Int64) { milliseconds.withLock { $0 += seconds * 1000 } }
    var now: UTCTime { UTCTime(milliseconds: milliseconds.withLock { $0 }) }
}

extension Scratch {
    /// A store with readers `a`, `b` and `c`, and a clock that the test moves.
    func judgingStore(_ clock: Clock = Clock(), readers: [String] = ["a", "b", "c"]) throws -> PreferenceStore {
        let store = try PreferenceStore(
            at: path("judging.sqlite"), actor: "tester", lockPatienceSeconds: 0, now: { clock.now })
        for key in readers { try store.register(Reviewer(key: key, credential: .attending)) }
        return store
    }
}

/// A synthetic pair for judging: two answers of two models to one prompt.
func judgingPair(
    _ number: Int, readers: Int = 1, patient: String? = nil, split: PreferencePair.Split? = nil,
    purpose: PairForJudging.Purpose = .train, guideline: String? = nil
) -> PairForJudging {
    let words = (0..<20).map { "j\(number)x\($0)" }.joined(separator: " ")
    return PairForJudging(
        prompt: .text(words),
        first: Candidate(
            text: .text("first answer \(number)"), author: .model,
            model: Candidate.Model(base: "base", baseSHA256: String(repeating: "a", count: 64)),
            decoding: Candidate.Decoding(seed: UInt64(number), temperature: 0.7, topP: 0.9, maxTokens: 256)),
        second: Candidate(text: .text("second answer \(number)"), author: .humanTrainee, authorKey: "t"),
        exam: Exam(key: "E\(number)", patient: patient ?? "P\(number)", modality: "CT", bodyPart: "head"),
        purpose: purpose, guideline: guideline, split: split, readersWanted: readers)
}

extension PreferenceStore {
    /// Leases the reader's next pair and answers it; the side is that of the answer beginning with `preferred`.
    @discardableResult
    func judge(
        _ reader: String, _ preferred: String, strength: Judgement.Strength? = nil
    ) throws -> RecordedJudgement? {
        guard let shown = try leaseNext(for: reader) else { return nil }
        let choice: Judgement.Choice = shown.left.plainText.hasPrefix(preferred) ? .left : .right
        return try record(Judgement(choice, strength: strength), on: shown.id, by: reader)
    }
}
