import Foundation
import Testing

@testable import Kernels

/// Plain loops in fp64: what each operation computes, written to be read.
private enum Plain {
    static func rmsNorm(_ x: [Double], _ w: [Double], _ epsilon: Double, columns: Int) -> [Double] {
        var y = x
        for row in 0..<x.count / columns {
            let range = row * columns..<(row + 1) * columns
            let mean = x[range].reduce(0) { $0 + $1 * $1 } / Double(columns)
            for i in range { y[i] = x[i] / (mean + epsilon).squareRoot() * w[i - range.lowerBound] }
        }
        return y
    }

    static func swiGLU(_ gate: [Double], _ up: [Double]) -> [Double] {
        zip(gate, up).map { $0 / (1 + exp(-$0)) * $1 }
    }

    static func rotate(_ x: [Double], columns: Int, dimension: Int, positions: [Int32], base: Double) -> [Double] {
        var y = x
        for row in 0..<x.count / columns {
            for head in stride(from: row * columns, to: (row + 1) * columns, by: dimension) {
                for i in 0..<dimension / 2 {
                    let angle = Double(positions[row]) * pow(base, -2 * Double(i) / Double(dimension))
                    let (a, b) = (x[head + i], x[head + i + dimension / 2])
                    y[head + i] = a * cos(angle) - b * sin(angle)
                    y[head + i + dimension / 2] = b * cos(angle) + a * sin(angle)
                }
            }
        }
        return y
    }

    /// Attention by the definition: for each query the list of keys that it sees.
    static func attention(
        _ q: [Double], _ k: [Double], _ v: [Double], sees: [[Int]], heads: Int, keyValueHeads: Int, dimension: Int
    ) -> [Double] {
        var output = [Double](repeating: 0, count: q.count)
        for (query, keys) in sees.enumerated() {
            for head in 0..<heads {
                let kvHead = head / (heads / keyValueHeads)
                func key(_ row: Int, _ i: Int) -> Int { (row * keyValueHeads + kvHead) * dimension + i }
                let start = (query * heads + head) * dimension
                let scores = keys.map { row in
                    (0..<dimension).reduce(0) { $0 + q[start + $1] * k[key(row, $1)] } / Double(dimension).squareRoot()
                }
                let largest = scores.max() ?? 0
                let weights = scores.map { exp($0 - largest) }
                let sum = weights.reduce(0, +)
                for (row, weight) in zip(keys, weights) {
                    for i in 0..<dimension { output[start + i] += weight / sum * v[key(row, i)] }
                }
            }
        }
        return output
    }
}

@Suite("Backward passes against central differences in double precision")
struct GradientTests {
    /// Fp32 backward passes against fp64 differences, relative to the largest entry.
    static let tolerance = 2e-4

    private struct Values {
        var generator = Generator(state: 7)
        mutating func next(_ count: Int, scale: Double = 1) -> [Float] {
            (0..<count).map { _ in Float((Double(generator.next() >> 11) / 9_007_199_254_740_992 * 2 - 1) * scale) }
        }
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 29)
        }
    }

    /// d(Σ weights · f(x)) / dx by central differences.
    private func differences(_ x: [Float], weights: [Float], _ f: ([Double]) -> [Double]) -> [Double] {
        var point = x.map(Double.init)
        return x.indices.map { index in
            let step = 1e-5
            func value(_ shift: Double) -> Double {
                point[index] = Double(x[index]) + shift
                return zip(f(point), weights).reduce(0) { $0 + $1.0 * Double($1.1) }
            }
            let difference = (value(step) - value(-step)) / (2 * step)
            point[index] = Double(x[index])
            return difference
        }
    }

    private func expectEqual(_ values: [Float], _ expected: [Double], _ name: String) {
        let largest = expected.map(abs).max() ?? 0
        let error = zip(values, expected).map { abs(Double($0) - $1) }.max() ?? .infinity
        #expect(
            values.count == expected.count && error <= Self.tolerance * max(largest, 1e-3),
            "\(name): \(error) of \(largest)")
    }

    @Test("RMSNorm", arguments: [(1, 1), (3, 7), (5, 64)])
    func rmsNormGradient(shape: (rows: Int, columns: Int)) {
        var values = Values()
        let (rows, columns) = shape
        let x = values.next(rows * columns), w = values.next(columns), dy = values.next(rows * columns)
        let input = Matrix(rows: rows, columns: columns, values: x)
        let output = Matrix(rows: rows, columns: columns)
        let dx = Matrix(rows: rows, columns: columns)
        rmsNorm(input, weight: w, epsilon: 1e-3, into: output, workers: Workers(2))
        rmsNormBackward(
            Matrix(rows: rows, columns: columns, values: dy), x: input, weight: w, epsilon: 1e-3, into: dx,
            workers: Workers(2))
        let plain = { Plain.rmsNorm($0, w.map(Double.init), Double(Float(1e-3)), columns: columns) }
        expectEqual(output.values, plain(x.map(Double.init)), "forward")
        expectEqual(dx.values, differences(x, weights: dy, plain), "dx")
    }

    @Test("SwiGLU", arguments: [1, 33, 20_000])
    func swiGLUGradient(count: Int) {
        var values = Values()
        let gate = values.next(count, scale: 6), up = values.next(count), dy = values.next(count)
        let g = Matrix(rows: 1, columns: count, values: gate), u = Matrix(rows: 1, columns: count, values: up)
        let y = Matrix(rows: 1, columns: count)
        swiGLU(gate: g, up: u, into: y, workers: Workers(2))
        expectEqual(y.values, Plain.swiGLU(gate.map(Double.init), up.map(Double.init)), "forward")
        let again = Matrix(rows: 1, columns: count)
        swiGLUBackward(Matrix(rows: 1, columns: count, values: dy), gate: g, up: u, output: again, workers: Workers(2))
        expectEqual(again.values, Plain.swiGLU(gate.map(Double.init), up.map(Double.init)), "forward again")
        let h = 1e-5
        let dGate = gate.indices.map { i -> Double in
            let (a, b) = (Double(gate[i]), Double(up[i]))
            return (Plain.swiGLU([a + h], [b])[0] - Plain.swiGLU([a - h], [b])[0]) / (2 * h) * Double(dy[i])
        }
        expectEqual(g.values, dGate, "dgate")
        expectEqual(u.values, gate.indices.map { Plain.swiGLU([Double(gate[$0])], [1])[0] * Double(dy[$0]) }, "dup")
    }

    @Test("rotary embedding, and its undoing")
    func rotaryGradient() {
        var values = Values()
        let x = values.next(4 * 16), dy = values.next(4 * 16)
        let positions: [Int32] = [0, 3, 17, 400]
        let rotary = RotaryEmbedding(headDimension: 8, base: 10_000)
        let m = Matrix(rows: 4, columns: 16, values: x), d = Matrix(rows: 4, columns: 16, values: dy)
        rotary.rotate(m, positions: positions, workers: Workers(2))
        let plain = { Plain.rotate($0, columns: 16, dimension: 8, positions: positions, base: 10_000) }
        expectEqual(m.values, plain(x.map(Double.init)), "forward")
        rotary.rotateBackward(d, positions: positions, workers: Workers(2))
        expectEqual(d.values, differences(x, weights: dy, plain), "dx")
        rotary.rotateBackward(m, positions: positions, workers: Workers(2))
        expectEqual(m.values, x.map(Double.init), "undone")
    }

    @Test(
        "attention over a root that two pairs and a sequence share, in fp32 and in matrix tiles", arguments: [1, 2],
        [nil, 3])
    func rootedAttentionGradient(keyValueHeads: Int, tileParts: Int?) {
        // Rows: a root of 2; a prompt of 2 with answers of 1 and 2; answers of 1 and 1 right after the root; a sequence of 2.
        func span(_ start: Int, _ count: Int, prefix: Int = 0, of length: Int = 0) -> AttentionSpan {
            AttentionSpan(
                queryStart: start, queryCount: count, rootStart: 0, rootCount: 2, prefixStart: prefix,
                prefixCount: length)
        }
        expectAttention(
            groups: [
                [AttentionSpan(queryStart: 0, queryCount: 2)],
                [span(2, 2), span(4, 1, prefix: 2, of: 2), span(5, 2, prefix: 2, of: 2)],
                [span(7, 1), span(8, 1)], [span(9, 2)],
            ],
            sees: [
                [0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 3, 5], [0, 1, 2, 3, 5, 6], [0, 1, 7],
                [0, 1, 8], [0, 1, 9], [0, 1, 9, 10],
            ], keyValueHeads: keyValueHeads, tileParts: tileParts)
    }

    @Test(
        "attention over a shared prompt with two answers, and over a plain sequence, in fp32 and in matrix tiles",
        arguments: [1, 2], [nil, 3])
    func attentionGradient(keyValueHeads: Int, tileParts: Int?) {
        // Rows: a prompt of 3 with answers of 2 and 3, then a sequence of 4.
        let groups = [
            [
                AttentionSpan(queryStart: 0, queryCount: 3),
                AttentionSpan(queryStart: 3, queryCount: 2, prefixStart: 0, prefixCount: 3),
                AttentionSpan(queryStart: 5, queryCount: 3, prefixStart: 0, prefixCount: 3),
            ], [AttentionSpan(queryStart: 8, queryCount: 4)],
        ]
        let sees = [
            [0], [0, 1], [0, 1, 2], [0, 1, 2, 3], [0, 1, 2, 3, 4], [0, 1, 2, 5], [0, 1, 2, 5, 6], [0, 1, 2, 5, 6, 7],
            [8], [8, 9], [8, 9, 10], [8, 9, 10, 11],
        ]
        expectAttention(groups: groups, sees: sees, keyValueHeads: keyValueHeads, tileParts: tileParts)
    }

    /// Forward and backward against the definition, where query i sees the keys `sees[i]`.
    private func expectAttention(
        groups: [[AttentionSpan]], sees: [[Int]], keyValueHeads: Int, tileParts: Int?
    ) {
        var values = Values()
        let (heads, dimension, rows) = (2, 4, sees.count)
        var attention = CausalAttention(headCount: heads, keyValueHeadCount: keyValueHeads, headDimension: dimension)
        attention.tileParts = tileParts
        let (wide, narrow) = (heads * dimension, keyValueHeads * dimension)
        let q = values.next(rows * wide), k = values.next(rows * narrow), v = values.next(rows * narrow)
        let dy = values.next(rows * wide)
        func matrix(_ values: [Float], _ columns: Int) -> Matrix {
            Matrix(rows: rows, columns: columns, values: values)
        }
        let output = Matrix(rows: rows, columns: wide)
        let (mq, mk, mv) = (matrix(q, wide), matrix(k, narrow), matrix(v, narrow))
        attention.forward(q: mq, k: mk, v: mv, spans: Array(groups.joined()), into: output, workers: Workers(2))
        func plain(_ q: [Double], _ k: [Double], _ v: [Double]) -> [Double] {
            Plain.attention(q, k, v, sees: sees, heads: heads, keyValueHeads: keyValueHeads, dimension: dimension)
        }
        let (dq64, dk64, dv64) = (q.map(Double.init), k.map(Double.init), v.map(Double.init))
        expectEqual(output.values, plain(dq64, dk64, dv64), "forward")
        let dq = Matrix(rows: rows, columns: wide)
        let dk = Matrix(rows: rows, columns: narrow), dv = Matrix(rows: rows, columns: narrow)
        attention.backward(
            matrix(dy, wide), output: output, q: mq, k: mk, v: mv, groups: groups, dq: dq, dk: dk, dv: dv,
            workers: Workers(2))
        expectEqual(dq.values, differences(q, weights: dy) { plain($0, dk64, dv64) }, "dq")
        expectEqual(dk.values, differences(k, weights: dy) { plain(dq64, $0, dv64) }, "dk")
        expectEqual(dv.values, differences(v, weights: dy) { plain(dq64, dk64, $0) }, "dv")
    }

    @Test("a projection and its low-rank factors", arguments: [(1, 1, 1, 1), (5, 7, 3, 2), (70, 96, 64, 4)])
    func projectionGradient(shape: (rows: Int, inputs: Int, outputs: Int, rank: Int)) {
        var values = Values()
        let (t, c, o, r) = shape
        let x = values.next(t * c), w = values.next(o * c), a = values.next(r * c), b = values.next(o * r)
        let dy = values.next(t * o)
        let scale = 0.5
        func plain(_ x: [Double], _ a: [Double], _ b: [Double]) -> [Double] {
            var y = [Double](repeating: 0, count: t * o)
            for row in 0..<t {
                let inner = (0..<r).map { j in (0..<c).reduce(0) { $0 + x[row * c + $1] * a[j * c + $1] } }
                for out in 0..<o {
                    let frozen = (0..<c).reduce(0) { $0 + x[row * c + $1] * Double(w[out * c + $1]) }
                    y[row * o + out] = frozen + scale * (0..<r).reduce(0) { $0 + inner[$1] * b[out * r + $1] }
                }
            }
            return y
        }
        let factors = LowRankFactors(
            a: Matrix(rows: r, columns: c, values: a), b: Matrix(rows: o, columns: r, values: b), scale: Float(scale))
        // The expanded weight as `expand` leaves it: W + scale · B · A.
        var merged = w
        for out in 0..<o {
            for column in 0..<c {
                for j in 0..<r { merged[out * c + column] += Float(scale) * b[out * r + j] * a[j * c + column] }
            }
        }
        let weight = Matrix(rows: o, columns: c, values: merged)
        let input = Matrix(rows: t, columns: c, values: x), gradient = Matrix(rows: t, columns: o, values: dy)
        let output = Matrix(rows: t, columns: o), dx = Matrix(rows: t, columns: c)
        project(input, through: weight, into: output, workers: Workers(2))
        projectBackward(gradient, through: weight, into: dx, workers: Workers(2))
        let da = Matrix(rows: r, columns: c), db = Matrix(rows: o, columns: r)
        lowRankGradients(
            x: input, dy: gradient, factors: factors, da: da, db: db, scratch: LowRankScratch(), workers: Workers(2))
        let (x64, a64, b64) = (x.map(Double.init), a.map(Double.init), b.map(Double.init))
        expectEqual(output.values, plain(x64, a64, b64), "forward")
        guard t < 50 else { return }  // differences of the large shape would take minutes
        expectEqual(dx.values, differences(x, weights: dy) { plain($0, a64, b64) }, "dx")
        expectEqual(da.values, differences(a, weights: dy) { plain(x64, $0, b64) }, "dA")
        expectEqual(db.values, differences(b, weights: dy) { plain(x64, a64, $0) }, "dB")
    }
}
