import Foundation
import ModelFiles
import Testing
import Tokenization

@testable import Kernels
@testable import Transformer

@Suite("A pass whose products take bf16 factors")
struct BFloat16PassTests {
    private struct Outcome: Equatable {
        var logps: [Double]
        var gradient: [Float]
    }

    private static func run(
        threads: Int = 2, policy: ActivationPolicy = .keep, _ type: ComputeType, form: FactorForm? = nil
    ) throws -> Outcome {
        let model = try DecoderModel(path: "\(TinyPairs.fixtures)/models/tiny-q4_1.gguf", workers: Workers(threads))
        let adapter = try LoRAAdapter(
            directory: "\(TinyPairs.fixtures)/adapters/tiny-trained", for: model.configuration)
        let packed = TinyPairs.packed
        let products = MatrixProducts(type, form: form ?? .fastest(for: type), workers: model.workers)
        let pass = DecoderPass(model: model, policy: policy, products: products)
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

    @Test(
        "in matrix tiles the fp32 pass is that through BLAS to fp32's rounding, the bf16 pass that through oneDNN to bf16's"
    )
    func tiles() throws {
        let (full, tiled) = (try Self.run(.float32, form: .full), try Self.run(.float32, form: .tiled(parts: 3)))
        for (a, b) in zip(full.logps, tiled.logps) { #expect(abs(a - b) < 2e-5) }
        let largest = full.gradient.map(abs).max() ?? 0
        let error = zip(full.gradient, tiled.gradient).map { abs($0 - $1) }.max() ?? .infinity
        #expect(error < 2e-5 * largest, "\(error) of \(largest)")
        #expect(full != tiled)
        let (rows, one) = (
            try Self.run(.bfloat16, form: .rounded), try Self.run(.bfloat16, form: .tiled(parts: 1))
        )
        for (a, b) in zip(rows.logps, one.logps) { #expect(abs(a - b) < 0.05) }
        #expect(one != rows)
    }

    @Test("in matrix tiles the number of threads changes no log-probability by a bit")
    func tileThreads() throws {
        let one = try Self.run(threads: 1, .float32, form: .tiled(parts: 3))
        #expect(try Self.run(threads: 3, .float32, form: .tiled(parts: 3)).logps == one.logps)
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
