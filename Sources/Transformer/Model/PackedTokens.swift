public import Kernels
public import Tokenization

/// Sequences laid end to end without padding, with the attention that each may pay and the positions to score.
///
/// A pair is laid out as prompt, chosen, rejected: the prompt is computed once and both answers see it as their prefix
/// (prefix sharing, arXiv 2410.20305). The last token of an answer is not fed: nothing is predicted from it.
public struct PackedTokens: Sendable {
    /// The tokens, one row each.
    public private(set) var tokens: [TokenID] = []
    /// Each row's position in its own sequence, from 0.
    public private(set) var positions: [Int32] = []
    /// The spans of each sequence or pair; groups share no rows.
    public private(set) var groups: [[AttentionSpan]] = []
    /// For each scored token, the row whose hidden state predicts it.
    public private(set) var scoredRows: [Int] = []
    /// The scored tokens.
    public private(set) var targets: [TokenID] = []

    /// No tokens.
    public init() {}

    /// The number of rows.
    public var count: Int { tokens.count }

    /// Appends one sequence whose tokens from index `scoredFrom` on are scored.
    ///
    /// - Returns: where the sequence's scored tokens lie in `targets`; the first token of a sequence has no prediction.
    @discardableResult
    public mutating func append(_ ids: [TokenID], scoredFrom: Int) -> Range<Int> {
        precondition(
            !ids.isEmpty && scoredFrom >= 0 && scoredFrom <= ids.count, "\(ids.count) tokens scored from \(scoredFrom)")
        let fed = ids.count - (scoredFrom < ids.count ? 1 : 0)
        let start = tokens.count
        if fed > 0 {
            tokens += ids[..<fed]
            positions += (0..<fed).map(Int32.init)
            groups.append([AttentionSpan(queryStart: start, queryCount: fed)])
        }
        let first = targets.count
        for index in max(1, scoredFrom)..<max(1, scoredFrom, ids.count) {
            scoredRows.append(start + index - 1)
            targets.append(ids[index])
        }
        return first..<targets.count
    }

    /// Appends a prompt with two answers that share it; every token of both answers is scored.
    ///
    /// With an empty prompt there is nothing to share and the answers' first tokens have no prediction.
    ///
    /// - Returns: where the scored tokens of the chosen and of the rejected answer lie in `targets`.
    public mutating func append(
        prompt: [TokenID], chosen: [TokenID], rejected: [TokenID]
    ) -> (chosen: Range<Int>, rejected: Range<Int>) {
        guard !prompt.isEmpty else { return (append(chosen, scoredFrom: 0), append(rejected, scoredFrom: 0)) }
        let start = tokens.count
        tokens += prompt
        positions += prompt.indices.map(Int32.init)
        var spans = [AttentionSpan(queryStart: start, queryCount: prompt.count)]
        let chosenRange = appendAnswer(chosen, promptStart: start, promptCount: prompt.count, spans: &spans)
        let rejectedRange = appendAnswer(rejected, promptStart: start, promptCount: prompt.count, spans: &spans)
        groups.append(spans)
        return (chosenRange, rejectedRange)
    }

    private mutating func appendAnswer(
        _ answer: [TokenID], promptStart: Int, promptCount: Int, spans: inout [AttentionSpan]
    ) -> Range<Int> {
        precondition(!answer.isEmpty, "an answer without a token")
        let first = targets.count
        scoredRows.append(promptStart + promptCount - 1)
        targets += answer
        let fed = answer.count - 1
        if fed > 0 {
            let start = tokens.count
            tokens += answer.dropLast()
            positions += (0..<fed).map { Int32(promptCount + $0) }
            scoredRows += start..<(start + fed)
            spans.append(
                AttentionSpan(queryStart: start, queryCount: fed, prefixStart: promptStart, prefixCount: promptCount))
        }
        return first..<targets.count
    }
}
