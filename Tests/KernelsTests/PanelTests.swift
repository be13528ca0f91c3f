import CKernels
import Testing

@testable import Kernels

@Suite("fp32 products with a weight in panels")
struct PanelTests {
    private static func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        Matrix(rows: rows, columns: columns, values: MatrixTileTests.noise(rows * columns, seed: seed))
    }

    @Test(
        "forward and back, written and added, at every edge, they are the sums of the products to fp32's rounding",
        arguments: [false, true],
        [(5, 7, 9), (33, 64, 32), (160, 47, 33), (40, 200, 96), (61, 40, 1030), (1, 16, 1), (25, 17, 48)])
    func products(accumulating: Bool, shape: (rows: Int, outputs: Int, inputs: Int)) {
        let factors = MatrixTileTests.Factors(shape)
        let (_, outputs, inputs) = shape
        let (x, w, dy) = (factors.x.map(Double.init), factors.w.map(Double.init), factors.dy.map(Double.init))
        let start = accumulating ? 2.0 : 0
        for threads in [1, 3] {
            let (y, dx) = factors.run(.panels, threads: threads, accumulating: accumulating)
            let forward = MatrixTileTests.error(y, start: start, terms: inputs) {
                x[$0 * inputs + $2] * w[$1 * inputs + $2]
            }
            let back = MatrixTileTests.error(dx, start: start, terms: outputs) {
                dy[$0 * outputs + $2] * w[$2 * inputs + $1]
            }
            #expect(forward < 1e-6 && back < 1e-6, "\(forward), \(back)")
        }
    }

    @Test("a value has the same bits on however many threads and whatever rows are computed beside it")
    func sameBits() {
        let factors = MatrixTileTests.Factors((rows: 131, outputs: 100, inputs: 77))
        let all = factors.run(.panels, threads: 1, accumulating: false)
        let split = factors.run(.panels, threads: 3, accumulating: false)
        #expect(all.y.values == split.y.values && all.dx.values == split.dx.values)
        let few = factors.firstRows(10).run(.panels, threads: 1, accumulating: false)
        for row in 0..<10 { #expect(few.y.row(row) == all.y.row(row)) }
    }

    @Test("memory that was used for one weight holds the next one, forward and back, wider and narrower")
    func reuse() {
        let products = MatrixProducts(.float32, form: .panels, workers: Workers(2))
        let factor = products.matrix()
        for (outputs, inputs) in [(40, 70), (100, 64), (33, 31)] {
            for role in [ProductMatrix.Role.weight, .weightBackward] {
                let w = Self.matrix(outputs, inputs, seed: 4)
                factor.take(w, as: role, workers: products.workers)
                let shown = MatrixTileTests.shown(factor, as: role, products)
                for output in 0..<outputs {
                    for input in 0..<inputs { #expect(shown(output, input) == w[output, input]) }
                }
            }
        }
    }
}
