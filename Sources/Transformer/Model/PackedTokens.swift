public import Kernels
public import Tokenization

/// Sequences laid end to end without padding, with the attention that each may pay and the positions to score.
///
/// A pair is laid out as prompt, chosen, rejected: the prompt, and whatever both answers begin with, is computed once and
/// both answers see it as their prefix (prefix sharing, arXiv 2410.20305). What all prompts of a pass begin with is a root
/// that is computed once for all of them. The last token of an answer is not fed: nothing is predicted from it.
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

    /// Tokens with which every sequence begins, computed once; they take the first rows.
    public let root: [TokenID]

    /// No sequences yet; each one appended must begin with `root`.
    public init(root: [TokenID] = []) {
        self.root = root
        guard !root.isEmpty else { return }
        tokens = root
        positions = root.indices.map(Int32.init)
        groups = [[AttentionSpan(queryStart: 0, queryCount: root.count)]]
    }

    /// The fewest common tokens that are worth a root of their own.
    static let smallestRoot = 8

    /// The tokens with which all prompts begin (a system message, an instruction), or none when they are few.
    public static func root(of prompts: [[TokenID]]) -> [TokenID] {
        guard prompts.count > 1, let first = prompts.first else { return [] }
        let count = prompts.reduce(first.count) { count, prompt in
            zip(first.prefix(count), prompt).prefix { $0 == $1 }.count
        }
        return count >= smallestRoot ? Array(first[..<count]) : []
    }

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
        let start = appendRows(ids[..<max(fed, root.count)])
        if fed > root.count {
            groups.append([
                AttentionSpan(queryStart: start, queryCount: fed - root.count, rootStart: 0, rootCount: root.count)
            ])
        }
        let first = targets.count
        for index in max(1, scoredFrom)..<max(1, scoredFrom, ids.count) {
            scoredRows.append(row(at: index - 1, start))
            targets.append(ids[index])
        }
        return first..<targets.count
    }

    /// How many tokens both answers begin with, short of the last token of either.
    ///
    /// A corrected draft often begins as the draft did.
    public static func commonCount(_ chosen: [TokenID], _ rejected: [TokenID]) -> Int {
        zip(chosen.dropLast(), rejected.dropLast()).prefix { $0 == $1 }.count
    }

    /// Appends a prompt with two answers that share it and their own beginning; every token of both answers is scored.
    ///
    /// With an empty prompt nothing is shared and the answers' first tokens have no prediction.
    ///
    /// - Returns: the indices in `targets` of the scored tokens of the chosen and of the rejected answer, in order; what
    ///   both begin with is in both.
    @discardableResult
    public mutating func append(
        prompt: [TokenID], chosen: [TokenID], rejected: [TokenID]
    ) -> (chosen: [Int], rejected: [Int]) {
        precondition(!chosen.isEmpty && !rejected.isEmpty, "an answer without a token")
        guard !prompt.isEmpty else {
            return (Array(append(chosen, scoredFrom: 0)), Array(append(rejected, scoredFrom: 0)))
        }
        let common = Self.commonCount(chosen, rejected)
        let stem = prompt + chosen[..<common]
        let start = appendRows(stem[...])
        let own = stem.count - root.count
        var spans: [AttentionSpan] = []
        if own > 0 {
            spans.append(AttentionSpan(queryStart: start, queryCount: own, rootStart: 0, rootCount: root.count))
        }
        let shared = targets.count..<targets.count + common
        scoredRows += (0..<common).map { row(at: prompt.count - 1 + $0, start) }
        targets += chosen[..<common]
        let places = [chosen, rejected].map {
            Array(shared)
                + appendAnswer($0.dropFirst(common), stemStart: start, stemCount: stem.count, spans: &spans)
        }
        if !spans.isEmpty { groups.append(spans) }
        return (places[0], places[1])
    }

    private mutating func appendAnswer(
        _ answer: ArraySlice<TokenID>, stemStart: Int, stemCount: Int, spans: inout [AttentionSpan]
    ) -> Range<Int> {
        let first = targets.count
        scoredRows.append(row(at: stemCount - 1, stemStart))
        targets += answer
        let fed = answer.count - 1
        if fed > 0 {
            let start = tokens.count
            tokens += answer.dropLast()
            positions += (0..<fed).map { Int32(stemCount + $0) }
            scoredRows += start..<(start + fed)
            spans.append(
                AttentionSpan(
                    queryStart: start, queryCount: fed, rootStart: 0, rootCount: root.count, prefixStart: stemStart,
                    prefixCount: stemCount - root.count))
        }
        return first..<targets.count
    }

    /// Appends the rows of a sequence's beginning that the root does not have, and says where they start.
    private mutating func appendRows(_ ids: ArraySlice<TokenID>) -> Int {
        precondition(ids.starts(with: root), "a sequence that does not begin with the root")
        let start = tokens.count
        tokens += ids.dropFirst(root.count)
        positions += (root.count..<ids.count).map(Int32.init)
        return start
    }

    /// The row of a sequence's token: the root's, or its own rows from `start` on.
    private func row(at index: Int, _ start: Int) -> Int { index < root.count ? index : start + index - root.count }
}
