import Kernels
import Testing

@Suite("Products of few rows")
struct SmallProductTests {
    private func wave(_ rows: Int, _ columns: Int, _ step: Double) -> Matrix {
        let values = (0..<rows * columns).map { index in
            Float((Double(index) * step).remainder(dividingBy: 2) - 0.3)
        }
        return Matrix(rows: rows, columns: columns, values: values)
    }

    @Test("are what plain sums give, for odd sizes and on either side of the limit", arguments: [1, 2, 3, 7, 32, 33])
    func sums(rows: Int) {
        for (inputs, outputs) in [(1, 1), (5, 3), (37, 29), (64, 130)] {
            let x = wave(rows, inputs, 0.37), w = wave(outputs, inputs, 0.71)
            let y = Matrix(rows: rows, columns: outputs)
            for accumulating in [false, true] {
                project(x, through: w, into: y, accumulating: accumulating, workers: Workers(2))
                for row in 0..<rows {
                    for output in 0..<outputs {
                        let sum = (0..<inputs).reduce(0.0) { $0 + Double(x[row, $1]) * Double(w[output, $1]) }
                        let expected = accumulating ? 2 * sum : sum
                        #expect(abs(Double(y[row, output]) - expected) < 1e-5 * Double(inputs))
                    }
                }
            }
        }
    }

    @Test("give a row the same bits beside any other rows, on one thread or two")
    func sameBits() {
        let x = wave(32, 72, 0.37), w = wave(50, 72, 0.71)
        let all = Matrix(rows: 32, columns: 50)
        project(x, through: w, into: all, workers: Workers(2))
        for row in [0, 3, 31] {
            let alone = Matrix(rows: 1, columns: 50)
            project(Matrix(rows: 1, columns: 72, values: x.row(row)), through: w, into: alone, workers: Workers(1))
            #expect(alone.row(0) == all.row(row))
        }
    }
}
