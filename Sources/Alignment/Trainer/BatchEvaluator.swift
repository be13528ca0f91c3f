public import Kernels
public import Transformer

/// Sums over the pairs of one or more micro-batches, from which TRL's metrics are means.
public struct BatchSums: Sendable, Equatable {
    var pairs = 0.0
    var tokens = 0
    var sigmoidLoss = 0.0
    var chosenLogProbability = 0.0
    var rejectedLogProbability = 0.0
    var chosenDelta = 0.0
    var rejectedDelta = 0.0
    var wins = 0.0
    var chosenTokens = 0.0
    var rejectedTokens = 0.0
    var chosenMeanLogits = 0.0
    var rejectedMeanLogits = 0.0
    var entropy = 0.0
    var chosenCorrect = 0.0
    var largestStartingDifference = 0.0
}

/// What one micro-batch gave.
public struct BatchResult: Sendable, Equatable {
    /// The loss, as TRL computes it: the mean over pairs of the preference term, over tokens of the SFT term.
    public var loss: Double
    /// The micro-batch's sums.
    public var sums: BatchSums
    /// The summed log-probabilities of each pair, in order.
    public var pairs: [PreferenceLoss.PairLogProbabilities]
}

/// The loss of a micro-batch and its gradient, a part of the pairs at a time.
///
/// Only as many pairs as fit `packedRows` are in a pass, so memory does not grow with the batch. With a loss that does
/// not look at rejected answers they are not computed.
public final class BatchEvaluator {
    private let pass: DecoderPass
    private let loss: PreferenceLoss
    private let packedRows: Int
    private let computeType: ComputeType

    /// An evaluator.
    ///
    /// - Parameters:
    ///   - model: the frozen base.
    ///   - loss: what to compute.
    ///   - packedRows: tokens in a pass; one pair always fits.
    ///   - policy: what a pass keeps for its backward half.
    ///   - computeType: the type in which products with frozen weights take their factors.
    public init(
        model: DecoderModel, loss: PreferenceLoss, packedRows: Int = BatchEvaluator.defaultPackedRows,
        policy: ActivationPolicy = .keep, computeType: ComputeType = .float32
    ) {
        pass = DecoderPass(model: model, policy: policy, computeType: computeType)
        self.computeType = computeType
        self.loss = loss
        self.packedRows = packedRows
    }

    /// Large enough for matrix products at full speed, small enough for half a gigabyte of activations at 135M.
    public static let defaultPackedRows = 768

    /// Evaluates a micro-batch.
    ///
    /// - Parameters:
    ///   - pairs: the pairs of the micro-batch, at least one.
    ///   - reference: their reference log-probabilities.
    ///   - adapter: the policy.
    ///   - gradients: the gradient of `loss · scale` is added; nil for the loss alone.
    ///   - scale: 1 / the number of micro-batches in the step.
    public func evaluate(
        _ pairs: [EncodedPair], reference: [PairScore], adapter: LoRAAdapter, gradients: LoRAGradients?, scale: Double
    ) -> BatchResult {
        precondition(
            !pairs.isEmpty && pairs.count == reference.count, "\(pairs.count) pairs, \(reference.count) references")
        let chosenTokens = pairs.reduce(0) { $0 + $1.chosen.count }
        var sums = BatchSums()
        var results: [PreferenceLoss.PairLogProbabilities] = []
        let root = PackedTokens.root(of: pairs.map(\.prompt))
        for range in Self.split(pairs.map { rows(of: $0) - root.count }, limit: packedRows - root.count) {
            var packed = PackedTokens(root: root)
            var places: [(chosen: [Int], rejected: [Int])] = []
            for pair in pairs[range] { places.append(append(pair, to: &packed)) }
            let scored = pass.logProbabilities(of: packed, adapter: adapter, forBackward: gradients != nil)
            var weights = [Float](repeating: 0, count: packed.targets.count)
            for (index, place) in zip(range, places) {
                let result = add(pairs[index], place, scored, packed, reference[index], to: &sums)
                results.append(result)
                guard gradients != nil else { continue }
                let slope = loss.weight(of: .sigmoid) * loss.sigmoidSlope(result) / Double(pairs.count) * scale
                let supervised = loss.weight(of: .sft) / Double(chosenTokens) * scale
                // What both answers begin with is a token of each: there the preference has no gradient.
                for token in place.chosen { weights[token] += Float(slope - supervised) }
                for token in place.rejected { weights[token] -= Float(slope) }
            }
            if let gradients { pass.backward(weights: weights, adapter: adapter, into: gradients) }
        }
        let preference = loss.weight(of: .sigmoid) * sums.sigmoidLoss / sums.pairs
        let supervised = loss.weight(of: .sft) * -sums.chosenLogProbability / sums.chosenTokens
        return BatchResult(loss: preference + supervised, sums: sums, pairs: results)
    }

    /// Ranges of consecutive items whose sizes sum to at most `limit`; an item larger than that stands alone.
    ///
    /// There are as few ranges as there can be, and of nearly the same size: memory is held for the largest.
    static func split(_ sizes: [Int], limit: Int) -> [Range<Int>] {
        let fewest = filled(sizes, limit: limit)
        guard fewest.count > 1 else { return fewest }
        // The smallest limit that takes no more ranges.
        var (low, high) = (min(0, limit), limit)
        while low < high {
            let middle = (low + high) / 2
            if filled(sizes, limit: middle).count <= fewest.count { high = middle } else { low = middle + 1 }
        }
        return filled(sizes, limit: high)
    }

    /// Such ranges, each filled before the next is begun.
    private static func filled(_ sizes: [Int], limit: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        var (start, sum) = (0, 0)
        for (index, size) in sizes.enumerated() {
            if index > start, sum + size > limit {
                ranges.append(start..<index)
                (start, sum) = (index, 0)
            }
            sum += size
        }
        if start < sizes.count { ranges.append(start..<sizes.count) }
        return ranges
    }

    /// How much coarser than with fp32 factors a sum of log-probabilities is.
    ///
    /// With bf16 ones a last bit that comes out otherwise, because other sequences share the pass, rounds another way and
    /// spreads: 0.2 nats in 62 tokens were seen.
    private var rounding: Double { computeType == .bfloat16 ? 256 : 1 }

    private func rows(of pair: EncodedPair) -> Int {
        loss.usesRejected ? pair.packedCount : pair.prompt.count + pair.chosen.count - 1
    }

    private func append(_ pair: EncodedPair, to packed: inout PackedTokens) -> (chosen: [Int], rejected: [Int]) {
        if loss.usesRejected {
            return packed.append(prompt: pair.prompt, chosen: pair.chosen, rejected: pair.rejected)
        }
        let chosen = packed.append(pair.prompt + pair.chosen, scoredFrom: pair.prompt.count)
        return (Array(chosen), [])
    }

    private func add(
        _ pair: EncodedPair, _ place: (chosen: [Int], rejected: [Int]), _ scored: TokenLogProbabilities,
        _ packed: PackedTokens, _ reference: PairScore, to sums: inout BatchSums
    ) -> PreferenceLoss.PairLogProbabilities {
        func total(_ values: [Double], _ places: [Int]) -> Double { places.reduce(0) { $0 + values[$1] } }
        // A rejected answer that is not computed counts as unmoved.
        let result = PreferenceLoss.PairLogProbabilities(
            chosen: total(scored.logProbabilities, place.chosen),
            rejected: loss.usesRejected ? total(scored.logProbabilities, place.rejected) : reference.rejectedLogp,
            referenceChosen: reference.chosenLogp, referenceRejected: reference.rejectedLogp)
        sums.pairs += 1
        sums.tokens += loss.usesRejected ? pair.tokenCount : pair.prompt.count + pair.chosen.count
        sums.sigmoidLoss += loss.sigmoidLoss(result)
        sums.chosenLogProbability += result.chosen
        sums.rejectedLogProbability += result.rejected
        let (chosenDelta, rejectedDelta) = (
            result.chosen - result.referenceChosen, result.rejected - result.referenceRejected
        )
        sums.chosenDelta += chosenDelta
        sums.rejectedDelta += rejectedDelta
        // TRL's strict comparison; what sums of this size cannot tell apart is a tie, and a tie is no win.
        let resolution = rounding * (1e-4 + 1e-6 * (abs(result.chosen) + abs(result.rejected)))
        sums.wins += chosenDelta - rejectedDelta > resolution ? 1 : 0
        sums.chosenTokens += Double(place.chosen.count)
        sums.rejectedTokens += Double(place.rejected.count)
        sums.chosenMeanLogits += total(scored.meanLogits, place.chosen)
        sums.rejectedMeanLogits += total(scored.meanLogits, place.rejected)
        sums.entropy += total(scored.entropies, place.chosen) + total(scored.entropies, place.rejected)
        sums.chosenCorrect += place.chosen.reduce(0.0) { $0 + (scored.mostProbable[$1] == packed.targets[$1] ? 1 : 0) }
        // How far a policy that should equal its reference is from it, relative to what rounding may explain.
        for (delta, logp) in [(chosenDelta, result.chosen), (rejectedDelta, result.rejected)] {
            sums.largestStartingDifference = max(
                sums.largestStartingDifference, abs(delta) / (rounding * (1e-3 + 2e-5 * abs(logp))))
        }
        return result
    }
}
