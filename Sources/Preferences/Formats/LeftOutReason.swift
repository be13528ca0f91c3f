public import Diagnostics

/// Why a record, or one verdict in it, gave no pair.
public enum LeftOutReason: String, Sendable, CaseIterable {
    /// Both answers say the same.
    case identicalTexts = "identical_texts"
    /// The prompt or an answer is empty or shows nothing.
    case empty
    /// The reviewer preferred neither.
    case tie
    /// Nobody has judged it, or the answer was a draft, skipped or discarded.
    case noAnswer = "no_answer"
    /// The same pair is preferred both ways round.
    case conflict
    /// The same pair, or the same id, stands there already.
    case duplicate
    /// A prompt with its answer is longer than the limit.
    case tooLong = "too_long"
    /// The turns of the conversation are none that a pair can hold.
    case unsupportedTurns = "unsupported_turns"
    /// Images, sounds or tool calls, which a pair of texts cannot hold.
    case unsupportedMedia = "unsupported_media"
    /// A record of another kind, such as one answer with a label.
    case notAPreference = "not_a_preference"
    /// Anything else that is wrong with the record.
    case malformed

    /// The reason that a refusal's code stands for.
    public init(code: String) {
        self =
            switch code {
            case "pair.no-preference": .identicalTexts
            case "pair.blank", "pair.no-prompt": .empty
            case "pair.tie": .tie
            case "pair.no-answer": .noAnswer
            case "pair.conflict", "pair.reviewers-disagree": .conflict
            case "pair.duplicate", "pair.duplicate-id", "pair.repeated-verdict": .duplicate
            case "pair.too-long": .tooLong
            case "pair.bad-turns": .unsupportedTurns
            case "pair.unsupported-media": .unsupportedMedia
            case "pair.not-a-preference": .notAPreference
            default: .malformed
            }
    }

    /// Refusals that are no fault of the file: leaving their records out loses nothing that was meant as a pair.
    static let harmlessCodes: Set<String> = [
        "pair.tie", "pair.no-answer", "pair.reviewers-disagree", "pair.repeated-verdict", "pair.too-long",
    ]
}

/// How many records or verdicts were left out for one reason.
public struct LeftOut: Sendable, Equatable {
    /// Why.
    public let reason: LeftOutReason
    /// How many.
    public let count: Int

    /// Makes a count.
    public init(_ reason: LeftOutReason, _ count: Int) {
        self.reason = reason
        self.count = count
    }

    /// The counts of refusals by reason, in the order of the reasons, without the zeros.
    static func counts(of refusals: some Sequence<Refusal>) -> [LeftOut] {
        var counts: [LeftOutReason: Int] = [:]
        for refusal in refusals { counts[LeftOutReason(code: refusal.code), default: 0] += 1 }
        return LeftOutReason.allCases.compactMap { reason in counts[reason].map { LeftOut(reason, $0) } }
    }
}
