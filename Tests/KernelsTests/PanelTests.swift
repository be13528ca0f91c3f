import CKernels
import Testing

@testable import Kernels

@Suite("fp32 products with a weight in panels")
struct PanelTests {
    private static func matrix(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        Matrix(rows: rows, columns: columns, values: MatrixTileTests.noise(rows * columns, seed: seed))
    }

    /// What `project` and `projectBackward` leave in matrices of twos.
    private static func run(
        rows: Int, outputs: Int, inputs: Int, threads: Int = 1, accumulating: Bool = false
    ) -> (x: Matrix, w: Matrix, dy: Matrix, y: Matrix, dx: Matrix) {
        let products = MatrixProducts(.float32, form: .panels, workers: Workers(threads))
        func taken(_ matrix: Matrix, _ role: ProductMatrix.Role) -> ProductMatrix {
            let result = products.matrix()
            result.take(matrix, as: role, workers: products.workers)
            return result
        }
        func twos(_ columns: Int) -> Matrix {
            Matrix(rows: rows, columns: columns, values: [Float](repeating: 2, count: rows * columns))
        }
        let (x, w, dy) = (
            matrix(rows, inputs, seed: 1), matrix(outputs, inputs, seed: 2), matrix(rows, outputs, seed: 3)
        )
        let (y, dx) = (twos(outputs), twos(inputs))
        project(
            taken(x, .input), through: taken(w, .weight), into: y, accumulating: accumulating, products: products)
        projectBackward(
            taken(dy, .input), through: taken(w, .weightBackward), into: dx, accumulating: accumulating,
            products: products)
        return (x, w, dy, y, dx)
    }

    @Test(
        "forward and back, written and added, at every edge, they are the sums of the products to fp32's rounding",
        arguments: [false, true],
        [(5, 7, 9), (33, 64, 32), (160, 47, 33), (40, 200, 96), (61, 40, 1030), (1, 16, 1), (25, 17, 48)])
    func products(accumulating: Bool, shape: (rows: Int, outputs: Int, inputs: Int)) {
        let (rows, outputs, inputs) = shape
        let start = accumulating ? 2.0 : 0
        for threads in [1, 3] {
            let (x, w, dy, y, dx) = Self.run(
                rows: rows, outputs: outputs, inputs: inputs, threads: threads, accumulating: accumulating)
            let forward = MatrixTileTests.error(y, start: start, terms: inputs) {
                Double(x[$0, $2]) * Double(w[$1, $2])
            }
            let back = MatrixTileTests.error(dx, start: start, terms: outputs) {
                Double(dy[$0, $2]) * Double(w[$2, $1])
            }
            #expect(forward < 1e-6 && back < 1e-6, "\(forward), \(back)")
        }
    }

    @Test("a value has the same bits on however many threads and whatever rows are computed beside it")
    func sameBits() {
        let all = Self.run(rows: 131, outputs: 100, inputs: 77)
        let split = Self.run(rows: 131, outputs: 100, inputs: 77, threads: 3)
        #expect(all.y.values == split.y.values && all.dx.values == split.dx.values)
        let few = Self.run(rows: 10, outputs: 100, inputs: 77)
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
