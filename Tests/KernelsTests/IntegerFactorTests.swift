import Foundation
import Testing

@testable import Kernels

/// On a processor without tiles the same layouts, edges and splits are computed by plain loops.
@Suite("Products with a quantised weight's own integers")
struct IntegerFactorTests {
    private static func noise(_ count: Int, seed: UInt64) -> [Float] { MatrixTileTests.noise(count, seed: seed) }

    /// A weight of random blocks in a file of its own: any integers, scales and minima of either sign.
    private final class Stored {
        let weight: FrozenWeight
        private let url: URL

        init(_ type: ElementType, rows: Int, columns: Int, order: FrozenWeight.RowOrder = .halves) throws {
            let blocks = rows * columns / type.blockSize
            var bytes: [UInt8] = []
            for (index, value) in IntegerFactorTests.noise(blocks, seed: 5).enumerated() {
                let head = type == .q4_1 ? [value, -7.5 * value + 0.01 * Float(index % 7)] : [value]
                for number in head { withUnsafeBytes(of: Float16(number).bitPattern) { bytes += Array($0) } }
                let count = type.bytesPerBlock - 2 * head.count
                bytes += IntegerFactorTests.noise(count, seed: UInt64(index)).map { UInt8(127.5 + 127.5 * $0) }
            }
            url = FileManager.default.temporaryDirectory.appendingPathComponent(
                "overread-integers-\(UUID().uuidString)")
            try Data(bytes).write(to: url)
            weight = FrozenWeight(
                file: try MappedFile(path: url.path), byteOffset: 0, elementType: type, rows: rows, columns: columns,
                rowOrder: order)
        }

        deinit { try? FileManager.default.removeItem(at: url) }
    }

    private static func change(rows: Int, columns: Int, b: Float = 1) -> LowRankFactors {
        LowRankFactors(
            a: Matrix(rows: 4, columns: columns, values: noise(4 * columns, seed: 6)),
            b: Matrix(rows: rows, columns: 4, values: noise(rows * 4, seed: 7).map { $0 * b }), scale: 0.5)
    }

    /// x through a weight, into a matrix of twos.
    private static func run(
        _ weight: FrozenWeight, rows wanted: Range<Int>? = nil, adding change: LowRankFactors?, x: Matrix,
        accumulating: Bool = false, threads: Int = 2
    ) -> Matrix {
        let products = MatrixProducts(.float32, form: .tiled(parts: 3), workers: Workers(threads))
        let (w, factor) = (products.matrix(), products.matrix())
        let wanted = wanted ?? 0..<weight.rows
        expand(weight, rows: wanted, adding: change, as: .weight, into: w, products: products)
        #expect(w.integers != nil && w.shape == "\(wanted.count) x \(weight.columns)")
        factor.take(x, workers: products.workers)
        let count = x.rows * wanted.count
        let y = Matrix(rows: x.rows, columns: wanted.count, values: [Float](repeating: 2, count: count))
        project(factor, through: w, into: y, accumulating: accumulating, products: products)
        return y
    }

    /// The largest error of y = x wᵀ + start in terms of the sum of the absolute products.
    private static func error(_ y: Matrix, _ x: Matrix, _ w: [Double], start: Double = 0) -> Double {
        MatrixTileTests.error(y, start: start, terms: x.columns) { row, column, index in
            Double(x[row, index]) * w[column * x.columns + index]
        }
    }

    @Test(
        "a product is that with the expanded weight to fp32's rounding, at every edge, with a change and without",
        arguments: [ElementType.q4_0, .q4_1, .q8_0], [(1, 3, 32), (33, 70, 64), (50, 32, 96), (130, 96, 160)])
    func products(type: ElementType, shape: (rows: Int, outputs: Int, inputs: Int)) throws {
        let stored = try Stored(type, rows: shape.outputs, columns: shape.inputs)
        let x = Matrix(
            rows: shape.rows, columns: shape.inputs, values: Self.noise(shape.rows * shape.inputs, seed: 1))
        for change in [nil, Self.change(rows: shape.outputs, columns: shape.inputs)] {
            var exact = (0..<shape.outputs).flatMap { stored.weight.row($0).map(Double.init) }
            if let change {
                for output in 0..<shape.outputs {
                    for input in 0..<shape.inputs {
                        exact[output * shape.inputs + input] += (0..<4).reduce(0) {
                            $0 + 0.5 * Double(change.b[output, $1]) * Double(change.a[$1, input])
                        }
                    }
                }
            }
            for accumulating in [false, true] {
                let y = Self.run(stored.weight, adding: change, x: x, accumulating: accumulating)
                let error = Self.error(y, x, exact, start: accumulating ? 2 : 0)
                #expect(error < 4e-7, "\(error)")
            }
        }
    }

    @Test("multiplied with the unit matrix, a weight without offsets shows itself to the bit, whatever its row order")
    func unit() throws {
        for type in [ElementType.q4_0, .q8_0] {
            for order in [FrozenWeight.RowOrder.halves, .interleaved(headDimension: 12)] {
                let stored = try Stored(type, rows: 48, columns: 64, order: order)
                let unit = Matrix(rows: 64, columns: 64, values: (0..<64 * 64).map { $0 % 65 == 0 ? 1 : 0 })
                let y = Self.run(stored.weight, adding: nil, x: unit)
                for output in 0..<48 {
                    #expect((0..<64).map { y[$0, output] } == stored.weight.row(output))
                }
            }
        }
    }

    @Test("a change that is zero leaves every bit as it is without it", arguments: [ElementType.q4_1, .q8_0])
    func fresh(type: ElementType) throws {
        let stored = try Stored(type, rows: 40, columns: 1152)
        let x = Matrix(rows: 37, columns: 1152, values: Self.noise(37 * 1152, seed: 1))
        let without = Self.run(stored.weight, adding: nil, x: x)
        let with = Self.run(stored.weight, adding: Self.change(rows: 40, columns: 1152, b: 0), x: x)
        #expect(without.values == with.values)
        let other = Self.run(stored.weight, adding: Self.change(rows: 40, columns: 1152), x: x)
        #expect(other.values != without.values)
    }

    @Test("a value has the same bits whatever is computed beside it and on however many threads")
    func sameBits() throws {
        let stored = try Stored(.q4_1, rows: 128, columns: 96)
        let change = Self.change(rows: 128, columns: 96)
        let x = Matrix(rows: 100, columns: 96, values: Self.noise(100 * 96, seed: 1))
        let all = Self.run(stored.weight, adding: change, x: x, threads: 1)
        #expect(Self.run(stored.weight, adding: change, x: x, threads: 3).values == all.values)
        let few = Matrix(rows: 2, columns: 96, values: Array(x.values[0..<192]))
        #expect(Self.run(stored.weight, adding: change, x: few).values == Array(all.values[0..<256]))
        let part = Self.run(stored.weight, rows: 32..<70, adding: change, x: few)
        #expect(part.values == Array(all.values[32..<70]) + Array(all.values[160..<198]))
    }

    @Test("a factor that is used in turn for integers, values and other inputs keeps nothing of what it was")
    func reuse() throws {
        let stored = try Stored(.q4_1, rows: 64, columns: 64)
        let products = MatrixProducts(.float32, form: .tiled(parts: 3), workers: Workers(2))
        let (w, factor) = (products.matrix(), products.matrix())
        let inputs = [1, 2].map { Matrix(rows: 40, columns: 64, values: Self.noise(40 * 64, seed: $0)) }
        for x in inputs + inputs {
            expand(stored.weight, adding: nil, as: .weight, into: w, products: products)
            factor.take(x, workers: products.workers)
            let y = Matrix(rows: 40, columns: 64)
            project(factor, through: w, into: y, products: products)
            #expect(y.values == Self.run(stored.weight, adding: nil, x: x).values)
            expand(stored.weight, adding: nil, as: .weightBackward, into: w, products: products)
            #expect(w.integers == nil)
            let dx = Matrix(rows: 40, columns: 64)
            projectBackward(factor, through: w, into: dx, products: products)
            let transposed = (0..<64 * 64).map { Double(stored.weight.row($0 % 64)[$0 / 64]) }
            #expect(Self.error(dx, x, transposed) < 4e-7)
        }
    }

    @Test("products of fewer parts, and values that are no integers, go another way")
    func otherwise() throws {
        let stored = try Stored(.q8_0, rows: 32, columns: 32)
        let plain = FrozenWeight(
            file: stored.weight.file, byteOffset: 0, elementType: .f16, rows: 2, columns: 32)
        func takes(_ form: FactorForm, _ weight: FrozenWeight) -> Bool {
            MatrixProducts(.float32, form: form, workers: Workers(1)).takesIntegers(of: weight)
        }
        #expect(takes(.tiled(parts: 3), stored.weight) && !takes(.tiled(parts: 3), plain))
        #expect(!takes(.tiled(parts: 2), stored.weight) && !takes(.full, stored.weight))
    }
}
