import Foundation
import Testing
import Tokenization

@testable import Transformer

@Suite("Sampling")
struct SamplerTests {
    @Test("greedy takes the largest logit, the first among equals")
    func greedy() {
        var sampler = Sampler(options: GenerationOptions(), stream: "a")
        #expect(sampler.next(logits: [0, 3, 3, 1], seen: []) == 1)
    }

    @Test("the same seed and prompt draw the same tokens, another prompt others")
    func reproducible() {
        let options = GenerationOptions(temperature: 1, seed: 7)
        let logits = (0..<64).map { Float($0 % 5) }
        func draws(_ stream: String) -> [TokenID] {
            var sampler = Sampler(options: options, stream: stream)
            return (0..<20).map { _ in sampler.next(logits: logits, seen: []) }
        }
        #expect(draws("a") == draws("a"))
        #expect(draws("a") != draws("b"))
    }

    @Test("draws follow the softmax of the logits")
    func frequencies() {
        var sampler = Sampler(options: GenerationOptions(temperature: 1, seed: 1), stream: "f")
        let count = 20_000
        let ones = (0..<count).count { _ in sampler.next(logits: [0, 1.0986123], seen: []) == 1 }  // ln 3: 3/4
        #expect(abs(Double(ones) / Double(count) - 0.75) < 0.015)
    }

    @Test("a repetition penalty moves the choice off a seen token")
    func penalty() {
        var sampler = Sampler(options: GenerationOptions(repetitionPenalty: 2), stream: "r")
        #expect(sampler.next(logits: [2, 1.5], seen: [0]) == 1)
    }

    @Test("top-k of one is greedy at any temperature")
    func topK() {
        var sampler = Sampler(options: GenerationOptions(temperature: 5, topK: 1), stream: "k")
        for _ in 0..<50 { #expect(sampler.next(logits: [0.1, 0.2, 0.15], seen: []) == 1) }
    }

    @Test("top-p keeps the fewest tokens that reach it, min-p those near the most probable one")
    func cuts() {
        // Probabilities 0.5, 0.25, 0.15, 0.1.
        let scores = [0.1, 0.5, 0.15, 0.25].map { Foundation.log($0) }
        func kept(_ change: (inout GenerationOptions) -> Void) -> [(token: TokenID, probability: Double)] {
            var options = GenerationOptions(temperature: 1)
            change(&options)
            return Sampler(options: options, stream: "c").candidates(scores)
        }
        #expect(kept { $0.topP = 0.75 }.map(\.token) == [1, 3])
        #expect(kept { $0.topP = 0.76 }.map(\.token) == [1, 3, 2])
        #expect(kept { $0.topP = 1e-9 }.map(\.token) == [1])
        #expect(kept { $0.minP = 0.29 }.map(\.token) == [1, 3, 2])
        #expect(kept { $0.minP = 0.31 }.map(\.token) == [1, 3])
        #expect(kept { $0.minP = 1 }.map(\.token) == [1])
        let both = kept {
            $0.topK = 3
            $0.topP = 0.8
        }
        // Top-k comes first, so that the three probabilities are divided by their sum, 0.9.
        #expect(both.map(\.token) == [1, 3])
        for set in [both, kept { $0.minP = 0.29 }] {
            #expect(abs(set.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
        }
    }
}
