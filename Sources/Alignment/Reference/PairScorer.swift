public import Kernels
public import Transformer

/// The summed log-probabilities of a pair's answers under one model.
public struct PairScore: Sendable, Equatable {
    /// The pair's name.
    public var id: String
    /// Σ ln p over the chosen answer's tokens.
    public var chosenLogp: Double
    /// Σ ln p over the rejected answer's tokens.
    public var rejectedLogp: Double
    /// Scored tokens of the chosen answer.
    public var chosenTokens: Int
    /// Scored tokens of the rejected answer.
    public var rejectedTokens: Int

    /// A score.
    public init(id: String, chosenLogp: Double, rejectedLogp: Double, chosenTokens: Int, rejectedTokens: Int) {
        self.id = id
        self.chosenLogp = chosenLogp
        self.rejectedLogp = rejectedLogp
        self.chosenTokens = chosenTokens
        self.rejectedTokens = rejectedTokens
    }
}

/// Scores pairs under the frozen base or under base and adapter, without gradients.
public final class PairScorer {
    private let pass: DecoderPass
    private let adapter: LoRAAdapter?
    private let packedRows: Int

    /// A scorer; `adapter` nil is the base alone.
    ///
    /// A pass without gradients keeps one layer's activations, so it takes more tokens at once than training does.
    public init(
        model: DecoderModel, adapter: LoRAAdapter? = nil, packedRows: Int = 1536, computeType: ComputeType = .float32
    ) {
        pass = DecoderPass(model: model, computeType: computeType)
        self.adapter = adapter
        self.packedRows = packedRows
    }

    /// The score of every pair, in order; fewer when `progress` (pairs done, of how many) returns false.
    public func score(_ pairs: [EncodedPair], progress: (_ done: Int, _ total: Int) -> Bool = { _, _ in true })
        -> [PairScore]
    {
        var scores: [PairScore] = []
        forEachPass(over: pairs) { _, found in
            scores += found
            return progress(scores.count, pairs.count)
        }
        return scores
    }

    /// Scores pairs pass by pass, leaving out the passes in which no pair is wanted.
    ///
    /// Which pairs share a pass depends on `pairs` alone: a pair's score is then the same to the bit whether those before
    /// it were scored just now or on an earlier day.
    ///
    /// - Parameters:
    ///   - pairs: the pairs.
    ///   - isWanted: whether the pair of an index is.
    ///   - body: told the indices of a pass and their scores; false stops.
    func forEachPass(
        over pairs: [EncodedPair], isWanted: (Int) -> Bool = { _ in true },
        _ body: (_ indices: Range<Int>, _ scores: [PairScore]) -> Bool
    ) {
        let root = PackedTokens.root(of: pairs.map(\.prompt))
        for range in BatchEvaluator.split(pairs.map { $0.packedCount - root.count }, limit: packedRows - root.count)
        where range.contains(where: isWanted) {
            var packed = PackedTokens(root: root)
            let places = pairs[range].map { packed.append(prompt: $0.prompt, chosen: $0.chosen, rejected: $0.rejected) }
            let scored = pass.logProbabilities(of: packed, adapter: adapter, forBackward: false)
            let scores = zip(pairs[range], places).map { pair, place in
                PairScore(
                    id: pair.id, chosenLogp: place.chosen.reduce(0) { $0 + scored.logProbabilities[$1] },
                    rejectedLogp: place.rejected.reduce(0) { $0 + scored.logProbabilities[$1] },
                    chosenTokens: place.chosen.count, rejectedTokens: place.rejected.count)
            }
            guard body(range, scores) else { return }
        }
    }
}
