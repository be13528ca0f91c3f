import Foundation
import Kernels
import ModelFiles
import Testing
import Tokenization

@testable import Transformer

@Suite("The whole model's backward pass against central differences in double precision")
struct WholeModelGradientTests {
    private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Fixtures").path
    private static let root: [TokenID] = [1, 40, 41, 42, 43, 44, 45, 46]
    private static let pairs: [(prompt: [TokenID], chosen: [TokenID], rejected: [TokenID])] = [
        (root + [60, 61], [70, 71, 2], [72, 2]), (root + [63], [73, 2], [73, 75, 2]),
    ]

    @Test("log-probabilities and every adapted projection's factors, in every layer", arguments: [true, false])
    func gradient(sharesRoot: Bool) throws {
        let model = try DecoderModel(path: "\(Self.fixtures)/models/tiny-f32.gguf", workers: Workers(2))
        let adapter = try LoRAAdapter(directory: "\(Self.fixtures)/adapters/tiny-trained", for: model.configuration)
        var packed = PackedTokens(root: sharesRoot ? Self.root : [])
        let places = Self.pairs.flatMap { pair in
            let places = packed.append(prompt: pair.prompt, chosen: pair.chosen, rejected: pair.rejected)
            return places.chosen + places.rejected
        }
        // The second pair's answers share a token.
        #expect(packed.targets.count == places.count - 1)
        let weights = packed.targets.indices.map { Float($0 % 4) - 1.25 }
        let pass = DecoderPass(model: model)
        let scored = pass.logProbabilities(of: packed, adapter: adapter, forBackward: true)
        let gradients = LoRAGradients(for: adapter)
        pass.backward(weights: weights, adapter: adapter, into: gradients)

        let plain = PlainDecoder(model, shapedLike: adapter)
        var parameters = adapter.parameters.map { $0.values.values.map(Double.init) }
        /// Of each scored token, in the order of the pass.
        func logps() -> [Double] {
            let all = Self.pairs.flatMap { pair in
                [pair.chosen, pair.rejected].flatMap {
                    plain.logProbabilities(of: pair.prompt + $0, from: pair.prompt.count, parameters: parameters)
                }
            }
            var result = [Double](repeating: 0, count: packed.targets.count)
            for (place, value) in zip(places, all) { result[place] = value }
            return result
        }
        let expected = logps()
        #expect(expected.count == scored.logProbabilities.count)
        for (value, other) in zip(scored.logProbabilities, expected) { #expect(abs(value - other) < 1e-4) }

        let step = 1e-5
        for (index, parameter) in adapter.parameters.enumerated() {
            let values = gradients.values[index].values.map(Double.init)
            let largest = values.map(abs).max() ?? 0
            #expect(largest > 1e-4, "\(parameter.name) has no gradient to speak of")
            // The largest entry, and others spread over the tensor.
            let places = [values.firstIndex { abs($0) == largest } ?? 0, 0, values.count / 3, values.count - 1]
            for place in Set(places) {
                let before = parameters[index][place]
                func value(_ shift: Double) -> Double {
                    parameters[index][place] = before + shift
                    return zip(logps(), weights).reduce(0) { $0 + $1.0 * Double($1.1) }
                }
                let difference = (value(step) - value(-step)) / (2 * step)
                parameters[index][place] = before
                #expect(
                    abs(values[place] - difference) <= 2e-4 * largest,
                    "\(parameter.name) at \(place): \(values[place]) for \(difference)")
            }
        }
    }
}
