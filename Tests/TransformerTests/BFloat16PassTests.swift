import Foundation
import Kernels
import ModelFiles
import Testing
import Tokenization

@testable import Transformer

@Suite("A pass whose products take bf16 factors")
struct BFloat16PassTests {
    private struct Outcome: Equatable {
        var logps: [Double]
        var gradient: [Float]
    }

    private static func run(
        threads: Int = 2, policy: ActivationPolicy = .keep, _ type: ComputeType
    ) throws -> Outcome {
        let model = try DecoderModel(path: "\(TinyPairs.fixtures)/models/tiny-q4_1.gguf", workers: Workers(threads))
        let adapter = try LoRAAdapter(
            directory: "\(TinyPairs.fixtures)/adapters/tiny-trained", for: model.configuration)
        let packed = TinyPairs.packed
        let pass = DecoderPass(model: model, policy: policy, computeType: type)
        let scored = pass.logProbabilities(of: packed, adapter: adapter, forBackward: true)
        let gradients = LoRAGradients(for: adapter)
        pass.backward(weights: packed.targets.indices.map { Float($0 % 5) - 2.5 }, adapter: adapter, into: gradients)
        return Outcome(logps: scored.logProbabilities, gradient: gradients.values.flatMap(\.values))
    }

    @Test("it follows the fp32 pass within bf16's eight bits, and is not the fp32 pass")
    func followsFloat32() throws {
        let (full, half) = (try Self.run(.float32), try Self.run(.bfloat16))
        let errors = zip(full.logps, half.logps).map { abs($0 - $1) }
        #expect(errors.allSatisfy { $0 < 0.05 } && errors.contains { $0 > 1e-5 }, "\(errors)")
        func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        let cosine =
            dot(full.gradient, half.gradient)
            / (dot(full.gradient, full.gradient) * dot(half.gradient, half.gradient)).squareRoot()
        #expect(cosine > 0.9995, "\(cosine)")
        let length = (dot(half.gradient, half.gradient) / dot(full.gradient, full.gradient)).squareRoot()
        #expect(abs(length - 1) < 0.01, "\(length)")
    }

    @Test("the same threads give the same bits, and activations computed again those of activations kept")
    func sameBits() throws {
        let first = try Self.run(.bfloat16)
        #expect(try Self.run(.bfloat16) == first)
        #expect(try Self.run(policy: .recompute, .bfloat16) == first)
    }

    @Test("another number of threads changes nothing beyond rounding")
    func threads() throws {
        let (one, three) = (try Self.run(threads: 1, .bfloat16), try Self.run(threads: 3, .bfloat16))
        for (a, b) in zip(one.logps, three.logps) { #expect(abs(a - b) < 0.02) }
        let largest = one.gradient.map(abs).max() ?? 0
        let error = zip(one.gradient, three.gradient).map { abs($0 - $1) }.max() ?? .infinity
        #expect(error < 0.02 * largest, "\(error) of \(largest)")
    }
}
