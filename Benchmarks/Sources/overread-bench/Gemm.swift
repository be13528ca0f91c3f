import ArgumentParser
import Kernels
import StrictJSON

/// The machine's rate of matrix products on the model's own shapes: what everything else is a share of.
struct Gemm: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Measure matrix products on the model's shapes.")

    @Option(help: "Rows (tokens) in a product.")
    var rows = 1536

    @Option(help: "Repeats of each shape; the median counts.")
    var repeats = 7

    func run() throws {
        // Outputs and inputs of SmolLM2-135M's projections, as often as a layer has them.
        let shapes = [(576, 576, 2), (192, 576, 2), (1536, 576, 2), (576, 1536, 1)]
        let workers = Workers()
        let environment = NumericEnvironment.current()
        let result: JSONValue = [
            "gflops": number(rate(shapes, workers: workers)),
            // As the products of a run take their factors, which are brought into that form beforehand.
            "gflops_float32": number(rate(shapes, workers: workers, type: .float32)),
            "gflops_float32_high": number(rate(shapes, workers: workers, type: .float32High)),
            "gflops_bfloat16": number(rate(shapes, workers: workers, type: .bfloat16)),
            "rows": number(Double(rows)), "threads": number(Double(workers.count)), "blas": .string(environment.blas),
            "blas_core": .string(environment.blasCore), "float32_products": .string(environment.float32Products),
            "bfloat16_products": .string(environment.bfloat16Products), "loops": .string(environment.loops),
        ]
        print(result.serialized())
    }

    /// GFLOP/s of a layer's products, forward and back: through OpenBLAS, or as a compute type has them.
    private func rate(_ shapes: [(Int, Int, Int)], workers: Workers, type: ComputeType? = nil) -> Double {
        let products = MatrixProducts(type ?? .float32, workers: workers)
        var (operations, seconds) = (0.0, 0.0)
        for (outputs, inputs, count) in shapes {
            let x = Matrix(rows: rows, columns: inputs, values: wave(rows * inputs))
            let w = Matrix(rows: outputs, columns: inputs, values: wave(outputs * inputs))
            let y = Matrix(rows: rows, columns: outputs)
            func taken(_ matrix: Matrix, as role: ProductMatrix.Role) -> ProductMatrix {
                let result = products.matrix()
                result.take(matrix, as: role, workers: workers)
                return result
            }
            let (input, gradient) = (taken(x, as: .input), taken(y, as: .input))
            let (weight, weightBackward) = (taken(w, as: .weight), taken(w, as: .weightBackward))
            var times: [Double] = []
            for _ in 0..<repeats {
                let watch = Watch()
                if type == nil {
                    project(x, through: w, into: y, workers: workers)
                    projectBackward(y, through: w, into: x, workers: workers)
                } else {
                    project(input, through: weight, into: y, products: products)
                    projectBackward(gradient, through: weightBackward, into: x, products: products)
                }
                times.append(watch.seconds)
            }
            operations += Double(count) * 4 * Double(rows * outputs * inputs)
            seconds += Double(count) * median(times)
        }
        return operations / seconds * 1e-9
    }

    private func wave(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 17) * 0.01 - 0.08 } }
}
