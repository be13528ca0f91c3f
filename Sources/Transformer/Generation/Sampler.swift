internal import Foundation
public import Tokenization

/// Draws the next token from logits: penalty, temperature, top-k, top-p, min-p, then one seeded draw.
public struct Sampler: Sendable {
    private let options: GenerationOptions
    private var generator: SeededGenerator

    /// The sampler of one prompt; `stream` names it, so that its draws do not depend on its neighbours.
    public init(options: GenerationOptions, stream: String) {
        self.options = options
        generator = SeededGenerator(seed: options.seed, stream: stream)
    }

    /// The next token.
    ///
    /// - Parameters:
    ///   - logits: one for each token of the vocabulary.
    ///   - seen: the tokens before, for the repetition penalty (Keskar et al. 2019, arXiv 1909.05858).
    public mutating func next(logits: [Float], seen: [TokenID]) -> TokenID {
        var scores = logits.map(Double.init)
        if options.repetitionPenalty != 1 {
            for token in Set(seen) {
                let score = scores[Int(token)]
                scores[Int(token)] = score > 0 ? score / options.repetitionPenalty : score * options.repetitionPenalty
            }
        }
        guard options.temperature > 0 else { return Self.argmax(scores) }
        return draw(from: candidates(scores.map { $0 / options.temperature }))
    }

    static func argmax(_ scores: [Double]) -> TokenID {
        var best = 0
        for index in scores.indices where scores[index] > scores[best] { best = index }
        return TokenID(best)
    }

    /// The tokens that remain, most probable first, with probabilities that sum to 1.
    func candidates(_ scores: [Double]) -> [(token: TokenID, probability: Double)] {
        var order = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
        if options.topK > 0 { order = Array(order.prefix(options.topK)) }
        let largest = scores[order[0]]
        var probabilities = order.map { exp(scores[$0] - largest) }
        normalise(&probabilities)
        var kept = probabilities.count
        if options.topP < 1 {
            var sum = 0.0
            kept = 0
            while kept < probabilities.count, sum < options.topP {
                sum += probabilities[kept]
                kept += 1
            }
        }
        if options.minP > 0 {
            let floor = options.minP * probabilities[0]
            kept = min(kept, probabilities.firstIndex { $0 < floor } ?? probabilities.count)
        }
        probabilities.removeLast(probabilities.count - max(1, kept))
        normalise(&probabilities)
        return zip(order, probabilities).map { (TokenID($0), $1) }
    }

    private mutating func draw(from candidates: [(token: TokenID, probability: Double)]) -> TokenID {
        var remaining = generator.nextDouble()
        for candidate in candidates {
            remaining -= candidate.probability
            if remaining < 0 { return candidate.token }
        }
        return candidates[candidates.count - 1].token
    }

    private func normalise(_ probabilities: inout [Double]) {
        let sum = probabilities.reduce(0, +)
        for index in probabilities.indices { probabilities[index] /= sum }
    }
}
