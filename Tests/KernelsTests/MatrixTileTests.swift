import CKernels
import Foundation
import Testing

@testable import Kernels

/// On a processor without tiles the same layouts, edges and splits are computed by plain loops.
@Suite("Products in the order of matrix tiles")
struct MatrixTileTests {
    static func noise(_ count: Int, seed: UInt64) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int(state >> 40)) / Float(1 << 23) - 1
        }
    }

    /// The sum of so many bf16 parts of a value, each the nearest to what is left.
    private static func kept(_ value: Float, parts: Int) -> Double {
        var (rest, sum) = (value, 0.0)
        for _ in 0..<parts {
            var half: UInt16 = 0
            ck_round_bf16(&half, &rest, 1)
            let part = Float(bitPattern: UInt32(half) << 16)
            sum += Double(part)
            rest -= part
        }
        return sum
    }

    /// Factors of noise, forward and back.
    struct Factors {
        var rows: Int
        var outputs: Int
        var inputs: Int
        var x: [Float]
        var w: [Float]
        var dy: [Float]

        init(_ shape: (rows: Int, outputs: Int, inputs: Int)) {
            (rows, outputs, inputs) = shape
            x = noise(rows * inputs, seed: 1)
            w = noise(outputs * inputs, seed: 2)
            dy = noise(rows * outputs, seed: 3)
        }

        func firstRows(_ count: Int) -> Factors {
            var result = self
            result.rows = count
            result.x = Array(x[0..<(count * inputs)])
            result.dy = Array(dy[0..<(count * outputs)])
            return result
        }

        /// What `project` and `projectBackward` leave in matrices of twos.
        func run(_ form: FactorForm, threads: Int, accumulating: Bool) -> (y: Matrix, dx: Matrix) {
            let products = MatrixProducts(.float32, form: form, workers: Workers(threads))
            func taken(_ values: [Float], _ rows: Int, _ role: ProductMatrix.Role) -> ProductMatrix {
                let result = products.matrix()
                result.take(
                    Matrix(rows: rows, columns: values.count / rows, values: values), as: role,
                    workers: products.workers)
                return result
            }
            func twos(_ columns: Int) -> Matrix {
                Matrix(rows: rows, columns: columns, values: [Float](repeating: 2, count: rows * columns))
            }
            let (y, dx) = (twos(outputs), twos(inputs))
            project(
                taken(x, rows, .input), through: taken(w, outputs, .weight), into: y, accumulating: accumulating,
                products: products)
            projectBackward(
                taken(dy, rows, .input), through: taken(w, outputs, .weightBackward), into: dx,
                accumulating: accumulating, products: products)
            return (y, dx)
        }
    }

    /// The largest error of a product in terms of the sum of the absolute products.
    static func error(_ found: Matrix, start: Double, terms: Int, _ term: (Int, Int, Int) -> Double) -> Double {
        var worst = 0.0
        for row in 0..<found.rows {
            for column in 0..<found.columns {
                var (sum, size) = (start, abs(start))
                for index in 0..<terms {
                    let product = term(row, column, index)
                    sum += product
                    size += abs(product)
                }
                worst = max(worst, abs(Double(found[row, column]) - sum) / size)
            }
        }
        return worst
    }

    @Test(
        "forward and back, written and added, at every edge: one part is bf16, two are 16 bits, three are fp32",
        arguments: [1, 2, 3], [(5, 7, 9), (33, 64, 32), (160, 47, 33), (40, 200, 96), (64, 32, 600)])
    func products(parts: Int, shape: (rows: Int, outputs: Int, inputs: Int)) {
        let factors = Factors(shape)
        let (rows, outputs, inputs) = shape
        // Of the factors as one part keeps them, or of the factors themselves.
        func value(_ x: Float) -> Double { parts == 1 ? Self.kept(x, parts: 1) : Double(x) }
        let (x, w, dy) = (factors.x.map(value), factors.w.map(value), factors.dy.map(value))
        let allowed = parts == 2 ? 1.5e-5 : 1e-6
        for accumulating in [false, true] {
            for threads in [1, 3] {
                let (y, dx) = factors.run(.tiled(parts: parts), threads: threads, accumulating: accumulating)
                let start = accumulating ? 2.0 : 0
                let forward = Self.error(y, start: start, terms: inputs) { x[$0 * inputs + $2] * w[$1 * inputs + $2] }
                let back = Self.error(dx, start: start, terms: outputs) { dy[$0 * outputs + $2] * w[$2 * inputs + $1] }
                #expect(forward < allowed && back < allowed, "\(rows): \(forward), \(back)")
            }
        }
    }

    @Test("a value has the same bits whatever is computed beside it and on however many threads", arguments: [1, 3])
    func sameBits(parts: Int) {
        let factors = Factors((rows: 100, outputs: 70, inputs: 96))
        let all = factors.run(.tiled(parts: parts), threads: 1, accumulating: false)
        let split = factors.run(.tiled(parts: parts), threads: 3, accumulating: false)
        #expect(all.y.values == split.y.values && all.dx.values == split.dx.values)
        let alone = factors.firstRows(2).run(.tiled(parts: parts), threads: 1, accumulating: false)
        #expect(alone.y.values == Array(all.y.values[0..<(2 * 70)]))
        #expect(alone.dx.values == Array(all.dx.values[0..<(2 * 96)]))
    }

    @Test("three parts are the value, two miss it by less than 2^-16 of it; what is not finite stays so")
    func parts() {
        let values = Self.noise(4000, seed: 9).enumerated().map {
            $1 * Float(sign: .plus, exponent: $0 % 60 - 30, significand: 1)
        }
        for (value, sums) in zip(values, Self.sums(of: values)) {
            #expect(sums.three == Double(value))
            #expect(abs(sums.two - Double(value)) <= abs(Double(value)) * 0x1p-16)
        }
        let odd = Self.sums(of: [.infinity, -.infinity, .nan, 0, -0.0])
        #expect(odd[0].three.isNaN || odd[0].three.isInfinite)
        #expect(odd[1].three.isNaN || odd[1].three.isInfinite)
        #expect(odd[2].three.isNaN && odd[3].three == 0 && odd[4].three == 0)
    }

    /// The sums of the first two and of all three parts of each value, as they lie in tiles.
    private static func sums(of values: [Float]) -> [(two: Double, three: Double)] {
        let (rows, columns) = (1, values.count)
        var tiles = [UInt16](repeating: 0, count: ck_tiled_values(rows, columns, 3))
        ck_tile_rows(&tiles, 3, values, columns, rows, columns)
        return (0..<columns).map { column in
            let parts = (0..<3).map { part in
                Double(Float(bitPattern: UInt32(tiles[(column / 32 * 3 + part) * 1024 + column % 32]) << 16))
            }
            return (parts[0] + parts[1], parts[0] + parts[1] + parts[2])
        }
    }

    @Test(
        "a weight is expanded into tiles and panels as it is into rows, the adapter's change with it",
        arguments: [1, 3],
        [FactorForm.tiled(parts: 3), .panels])
    func expansion(threads: Int, form: FactorForm) throws {
        let (outputs, inputs, rank) = (70, 64, 4)
        let bytes = Self.noise(outputs * inputs, seed: 5).flatMap { value in
            withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
        }
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("overread-tiles-\(UUID().uuidString)")
        try Data(bytes).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        let file = try MappedFile(path: url.path)
        let weight = FrozenWeight(
            file: file, byteOffset: 0, elementType: .f32, rows: outputs, columns: inputs, rowOrder: .halves)
        let products = MatrixProducts(.float32, form: form, workers: Workers(threads))
        for factor in [nil, Float(0), 1] {
            let change = factor.map { factor in
                LowRankFactors(
                    a: Matrix(rows: rank, columns: inputs, values: Self.noise(rank * inputs, seed: 6)),
                    b: Matrix(
                        rows: outputs, columns: rank, values: Self.noise(outputs * rank, seed: 7).map { $0 * factor }),
                    scale: 0.5)
            }
            // A change is multiplied in another order than for rows; without one every bit is the file's.
            let allowed: Float = factor == 1 ? 5e-7 : 0
            let plain = Matrix(rows: 0, columns: 0)
            expand(weight, adding: change, into: plain, workers: products.workers)
            for role in [ProductMatrix.Role.weight, .weightBackward] {
                let expanded = products.matrix()
                expand(weight, adding: change, as: role, into: expanded, products: products)
                let shown = Self.shown(expanded, as: role, products)
                for row in 0..<outputs {
                    for column in 0..<inputs { #expect(abs(shown(row, column) - plain[row, column]) <= allowed) }
                }
            }
        }
    }

    /// A weight's values (output, input) as products have them: multiplied with the unit matrix, it shows itself.
    static func shown(
        _ weight: ProductMatrix, as role: ProductMatrix.Role, _ products: MatrixProducts
    ) -> (_ output: Int, _ input: Int) -> Float {
        let (outputs, inputs) = (weight.rows, weight.columns)
        let size = role == .weight ? inputs : outputs
        let (unit, result) = (products.matrix(), Matrix(rows: size, columns: role == .weight ? outputs : inputs))
        unit.take(
            Matrix(rows: size, columns: size, values: (0..<size * size).map { $0 % (size + 1) == 0 ? 1 : 0 }),
            workers: products.workers)
        if role == .weight {
            project(unit, through: weight, into: result, products: products)
        } else {
            projectBackward(unit, through: weight, into: result, products: products)
        }
        return { role == .weight ? result[$1, $0] : result[$0, $1] }
    }

    @Test("attention of long sequences on tiles is that of the vectors, over many blocks and their edges")
    func longAttention() {
        // A prompt of 70 with answers of 45 and 33: blocks of 64 queries, none of a round size.
        let groups = [
            [
                AttentionSpan(queryStart: 0, queryCount: 70),
                AttentionSpan(queryStart: 70, queryCount: 45, prefixStart: 0, prefixCount: 70),
                AttentionSpan(queryStart: 115, queryCount: 33, prefixStart: 0, prefixCount: 70),
            ], [AttentionSpan(queryStart: 148, queryCount: 100)],
        ]
        let rows = 248
        let outcomes = [nil, 3].map { (parts: Int?) -> [[Float]] in
            var attention = CausalAttention(headCount: 6, keyValueHeadCount: 2, headDimension: 24)
            attention.tileParts = parts
            func noise(_ columns: Int, _ seed: UInt64) -> Matrix {
                Matrix(rows: rows, columns: columns, values: Self.noise(rows * columns, seed: seed))
            }
            let (q, k, v, dOutput) = (noise(144, 1), noise(48, 2), noise(48, 3), noise(144, 4))
            let (output, dq) = (Matrix(rows: rows, columns: 144), Matrix(rows: rows, columns: 144))
            let (dk, dv) = (Matrix(rows: rows, columns: 48), Matrix(rows: rows, columns: 48))
            attention.forward(q: q, k: k, v: v, spans: Array(groups.joined()), into: output, workers: Workers(2))
            attention.backward(
                dOutput, output: output, q: q, k: k, v: v, groups: groups, dq: dq, dk: dk, dv: dv, workers: Workers(2))
            return [output, dq, dk, dv].map(\.values)
        }
        for (plain, tiled) in zip(outcomes[0], outcomes[1]) {
            #expect(plain.contains { abs($0) > 0.1 })
            #expect(zip(plain, tiled).allSatisfy { abs($0 - $1) < 1e-5 })
        }
    }

    @Test("a product is cut so that the least is read again, into as many pieces as were asked for")
    func grid() {
        #expect(MatrixProducts.grid(m: 564, n: 1536, pieces: 16) == (2, 8))
        #expect(MatrixProducts.grid(m: 1536, n: 192, pieces: 16) == (16, 1))
        #expect(MatrixProducts.grid(m: 64, n: 2048, pieces: 16) == (1, 16))
        #expect(MatrixProducts.grid(m: 5, n: 5, pieces: 1) == (1, 1))
    }

    @Test("a pass takes attention on tiles where its factors are bf16 in tiles, and nowhere else")
    func attentionChoice() {
        let attention = CausalAttention(headCount: 2, keyValueHeadCount: 1, headDimension: 4)
        func parts(_ type: ComputeType, _ form: FactorForm) -> Int? {
            attention.taking(MatrixProducts(type, form: form, workers: Workers(1))).tileParts
        }
        #expect(parts(.bfloat16, .tiled(parts: 1)) == 1)
        #expect(parts(.bfloat16, .rounded) == nil && parts(.float32, .full) == nil)
        #expect(parts(.float32, .tiled(parts: 3)) == nil && parts(.float32High, .tiled(parts: 2)) == nil)
    }

    @Test("where there are tiles all types use them; vectors take fp32 in panels; switched off, the libraries take all")
    func choice() {
        let tiles = OwnProducts(tiles: true, bfloat16: true, panels: true)
        #expect(FactorForm.fastest(for: .float32, with: tiles) == .tiled(parts: 3))
        #expect(FactorForm.fastest(for: .float32High, with: tiles) == .tiled(parts: 2))
        #expect(FactorForm.fastest(for: .bfloat16, with: tiles) == .tiled(parts: 1))
        for bfloat16 in [true, false] {
            let vectors = OwnProducts(tiles: false, bfloat16: bfloat16, panels: true)
            #expect(FactorForm.fastest(for: .float32, with: vectors) == .panels)
            #expect(FactorForm.fastest(for: .float32High, with: vectors) == .panels)
            #expect(FactorForm.fastest(for: .bfloat16, with: vectors) == (bfloat16 ? .tiled(parts: 1) : .rounded))
        }
        let none = OwnProducts(tiles: false, bfloat16: false, panels: false)
        #expect(FactorForm.fastest(for: .float32, with: none) == .full)
        #expect(FactorForm.fastest(for: .float32High, with: none) == .full)
        #expect(FactorForm.fastest(for: .bfloat16, with: none) == .rounded)
        for there in [true, false] {
            #expect(!MatrixTiles.areUsed("off", areThere: there) && MatrixTiles.areUsed("plain", areThere: there))
            #expect(MatrixTiles.areUsed(nil, areThere: there) == there)
        }
    }

    @Test(
        "the processor's dot products have the sums of plain loops at every edge, to fp32's rounding",
        .enabled(if: ck_has_bf16_products() != 0, "no AVX512_BF16 here"), arguments: [0, 1] as [Int32],
        [(5, 7, 9), (33, 64, 32), (64, 31, 200), (40, 96, 600)])
    func vectors(accumulating: Int32, shape: (rows: Int, columns: Int, terms: Int)) {
        let (rows, columns, terms) = shape
        let workers = Workers(1)
        func taken(_ count: Int, seed: UInt64, as role: ProductMatrix.Role) -> ProductMatrix {
            let result = ProductMatrix(.tiled(parts: 1))
            let values = Self.noise(count * terms, seed: seed)
            result.take(Matrix(rows: count, columns: terms, values: values), as: role, workers: workers)
            return result
        }
        let (x, w) = (taken(rows, seed: 8, as: .input), taken(columns, seed: 9, as: .weight))
        func product(_ engine: ck_tile_engine) -> [Float] {
            var y = [Float](repeating: 2, count: rows * columns)
            ck_tiled_product(
                &y, columns, x.tiles(fromRow: 0), w.tiles(fromRow: 0), rows, columns, terms, terms, 1, accumulating,
                engine)
            return y
        }
        let (plain, vectors) = (product(CK_ENGINE_PLAIN), product(CK_ENGINE_VECTORS))
        for (a, b) in zip(plain, vectors) { #expect(abs(a - b) < 1e-7 * Float(terms + 2)) }
        #expect(plain.contains { abs($0 - 2) > 0.5 })
    }
}
