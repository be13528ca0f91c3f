import Foundation
import Kernels
import ModelFiles
import Testing
import Tokenization

@testable import Transformer

@Suite("Sequences packed into one pass")
struct PackedTokensTests {
    @Test("a root takes its rows once, and every answer token is scored from the row before it")
    func rows() {
        let packed = TinyPairs.packed
        let own = TinyPairs.all.reduce(0) {
            $0 + $1.prompt.count - TinyPairs.root.count + $1.chosen.count + $1.rejected.count - 2
        }
        // The last pair's answers share two tokens.
        #expect(packed.count == TinyPairs.root.count + own - 2)
        #expect(packed.positions.count == packed.count && packed.scoredRows.count == packed.targets.count)
        // The third prompt is the root alone: both its answers are predicted from the root's last row.
        #expect(packed.scoredRows.count { $0 == TinyPairs.root.count - 1 } == 2)
    }

    @Test("answers share what both begin with, short of the last token of either")
    func commonBeginning() {
        for (chosen, rejected, common) in [
            ([5, 6, 2], [5, 7, 2], 1), ([5, 6], [5, 6, 7, 2], 1), ([5, 2], [5, 2], 1), ([5], [5, 6], 0),
            ([4, 5], [6], 0),
        ] as [([TokenID], [TokenID], Int)] {
            var packed = PackedTokens()
            let places = packed.append(prompt: [1, 3], chosen: chosen, rejected: rejected)
            #expect(PackedTokens.commonCount(chosen, rejected) == common)
            #expect(places.chosen.map { packed.targets[$0] } == chosen)
            #expect(places.rejected.map { packed.targets[$0] } == rejected)
            #expect(places.chosen.prefix(common) == places.rejected.prefix(common))
            #expect(packed.count == 2 + chosen.count + rejected.count - 2 - common)
            for answer in [places.chosen, places.rejected] {
                #expect(answer.map { Int(packed.positions[packed.scoredRows[$0]]) } == answer.indices.map { 1 + $0 })
            }
        }
    }

    @Test("the root is what all prompts begin with, and nothing when that is little")
    func commonRoot() {
        #expect(PackedTokens.root(of: TinyPairs.all.map(\.prompt)) == TinyPairs.root)
        #expect(PackedTokens.root(of: [TinyPairs.root]).isEmpty)
        #expect(PackedTokens.root(of: [[1, 2, 3, 4], [1, 2, 3, 5]]).isEmpty)
        #expect(PackedTokens.root(of: []).isEmpty)
    }

    private struct Outcome: Equatable {
        var logps: [Double]
        var gradient: [Float]
    }

    private static func run(_ packed: PackedTokens, _ pass: DecoderPass, _ adapter: LoRAAdapter) -> Outcome {
        let scored = pass.logProbabilities(of: packed, adapter: adapter, forBackward: true)
        let gradients = LoRAGradients(for: adapter)
        let weights = packed.targets.indices.map { Float($0 % 5) - 2.5 }
        pass.backward(weights: weights, adapter: adapter, into: gradients)
        return Outcome(logps: scored.logProbabilities, gradient: gradients.values.flatMap(\.values))
    }

    @Test("activations computed again give the very bits of activations kept, batch after batch")
    func recomputed() throws {
        let model = try DecoderModel(path: "\(TinyPairs.fixtures)/models/tiny-f32.gguf", workers: Workers(2))
        let adapter = try LoRAAdapter(
            directory: "\(TinyPairs.fixtures)/adapters/tiny-trained", for: model.configuration)
        let kept = DecoderPass(model: model, policy: .keep)
        let recomputed = DecoderPass(model: model, policy: .recompute)
        for count in [1, 4, 2] {
            var packed = PackedTokens()
            for pair in TinyPairs.all.prefix(count) {
                packed.append(prompt: pair.prompt, chosen: pair.chosen, rejected: pair.rejected)
            }
            let outcome = Self.run(packed, kept, adapter)
            #expect(outcome == Self.run(packed, recomputed, adapter))
            #expect(outcome.gradient.contains { $0 != 0 })
        }
    }

    @Test("the last layer's part has each predicting row once, with the keys that the row sees")
    func scoredPart() {
        let packed = TinyPairs.packed
        let part = ScoredPart(packed)
        #expect(part.rows == Array(Set(packed.scoredRows)).sorted() && part.rows.count < packed.count)
        #expect(part.scored.map { part.rows[$0] } == packed.scoredRows)
        // How many keys each row sees: in its own sequence as many as its position says, and one more.
        for span in part.groups.joined() {
            for query in 0..<span.queryCount {
                let seen = span.rootCount + span.prefixCount + span.keyOffset + query + 1
                #expect(seen == Int(packed.positions[part.rows[span.queryStart + query]]) + 1)
            }
        }
    }

    @Test("with and without a root, log-probabilities and the adapter's gradient are the same", arguments: [1, 2])
    func sameWithRoot(threads: Int) throws {
        let model = try DecoderModel(path: "\(TinyPairs.fixtures)/models/tiny-q4_1.gguf", workers: Workers(threads))
        let adapter = try LoRAAdapter(
            directory: "\(TinyPairs.fixtures)/adapters/tiny-trained", for: model.configuration)
        func run(root: [TokenID]) -> Outcome {
            var packed = PackedTokens(root: root)
            for pair in TinyPairs.all {
                packed.append(prompt: pair.prompt, chosen: pair.chosen, rejected: pair.rejected)
            }
            packed.append(TinyPairs.root + [80, 81, 2], scoredFrom: TinyPairs.root.count)
            return Self.run(packed, DecoderPass(model: model), adapter)
        }
        let (plain, rooted) = (run(root: []), run(root: TinyPairs.root))
        #expect(plain.logps.count == 26)
        for (a, b) in zip(plain.logps, rooted.logps) { #expect(abs(a - b) < 1e-5) }
        let largest = plain.gradient.map(abs).max() ?? 0
        #expect(largest > 1e-3)
        let error = zip(plain.gradient, rooted.gradient).map { abs($0 - $1) }.max() ?? .infinity
        #expect(error < 1e-5 * largest + 1e-6)
    }
}
