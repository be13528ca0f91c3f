import Foundation
import Kernels
import ModelFiles

@testable import Transformer

/// The whole decoder in plain fp64 loops, one sequence at a time: what a model computes, written to be read.
struct PlainDecoder {
    private let model: DecoderModel
    private let embedding: [[Double]]
    private let head: [[Double]]
    private let weights: [[Projection: [[Double]]]]
    private let rank: Int
    private let scale: Double
    private let targets: [Projection]

    init(_ model: DecoderModel, shapedLike adapter: LoRAAdapter) {
        func rows(_ weight: FrozenWeight) -> [[Double]] { (0..<weight.rows).map { weight.row($0).map(Double.init) } }
        self.model = model
        embedding = rows(model.embedding)
        head = rows(model.head)
        weights = model.layers.map { layer in layer.projections.mapValues(rows) }
        rank = adapter.rank
        scale = adapter.scale
        targets = adapter.targets
    }

    /// ln p of each token of `ids` from index `first` on; `parameters` in the order of `LoRAAdapter.parameters`.
    func logProbabilities(of ids: [Int32], from first: Int, parameters: [[Double]]) -> [Double] {
        var states = ids.dropLast().map { embedding[Int($0)] }
        for layer in model.layers.indices { runLayer(layer, &states, parameters) }
        return (first..<ids.count).map { index in
            let hidden = norm(states[index - 1], model.finalNorm)
            let logits = head.map { dot($0, hidden) }
            let largest = logits.max() ?? 0
            return logits[Int(ids[index])] - largest - log(logits.reduce(0) { $0 + exp($1 - largest) })
        }
    }

    private func runLayer(_ layer: Int, _ states: inout [[Double]], _ parameters: [[Double]]) {
        let shape = model.configuration
        func project(_ projection: Projection, _ x: [Double]) -> [Double] {
            let frozen = weights[layer][projection]?.map { dot($0, x) } ?? []
            guard let place = targets.firstIndex(of: projection) else { return frozen }
            let (a, b) = (
                parameters[(layer * targets.count + place) * 2], parameters[(layer * targets.count + place) * 2 + 1]
            )
            let inner = (0..<rank).map { r in dot(Array(a[r * x.count..<(r + 1) * x.count]), x) }
            return frozen.indices.map { row in
                frozen[row] + scale * dot(Array(b[row * rank..<(row + 1) * rank]), inner)
            }
        }
        let normalised = states.map { norm($0, model.layers[layer].inputNorm) }
        let queries = normalised.enumerated().map { rotated(project(.q_proj, $1), at: $0) }
        let keys = normalised.enumerated().map { rotated(project(.k_proj, $1), at: $0) }
        let values = normalised.map { project(.v_proj, $0) }
        let dimension = shape.headDimension
        for position in states.indices {
            var output = [Double](repeating: 0, count: shape.numAttentionHeads * dimension)
            for headIndex in 0..<shape.numAttentionHeads {
                let start = headIndex * dimension
                let shared = headIndex / (shape.numAttentionHeads / shape.numKeyValueHeads) * dimension
                let query = Array(queries[position][start..<start + dimension])
                let scores = (0...position).map {
                    dot(query, Array(keys[$0][shared..<shared + dimension])) / Double(dimension).squareRoot()
                }
                let largest = scores.max() ?? 0
                let sum = scores.reduce(0) { $0 + exp($1 - largest) }
                for (row, score) in scores.enumerated() {
                    for i in 0..<dimension { output[start + i] += exp(score - largest) / sum * values[row][shared + i] }
                }
            }
            states[position] = zip(states[position], project(.o_proj, output)).map(+)
        }
        for position in states.indices {
            let inner = norm(states[position], model.layers[layer].postAttentionNorm)
            let product = zip(project(.gate_proj, inner), project(.up_proj, inner)).map { $0 / (1 + exp(-$0)) * $1 }
            states[position] = zip(states[position], project(.down_proj, product)).map(+)
        }
    }

    private func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for index in a.indices { sum += a[index] * b[index] }
        return sum
    }

    private func norm(_ x: [Double], _ weight: [Float]) -> [Double] {
        let inverse = 1 / (dot(x, x) / Double(x.count) + model.configuration.rmsNormEpsilon).squareRoot()
        return zip(x, weight).map { $0 * inverse * Double($1) }
    }

    private func rotated(_ x: [Double], at position: Int) -> [Double] {
        let dimension = model.configuration.headDimension
        var y = x
        for start in stride(from: 0, to: x.count, by: dimension) {
            for i in 0..<dimension / 2 {
                let exponent = -2 * Double(i) / Double(dimension)
                let angle = Double(position) * pow(model.configuration.ropeTheta, exponent)
                let (a, b) = (x[start + i], x[start + i + dimension / 2])
                y[start + i] = a * cos(angle) - b * sin(angle)
                y[start + i + dimension / 2] = b * cos(angle) + a * sin(angle)
            }
        }
        return y
    }
}
