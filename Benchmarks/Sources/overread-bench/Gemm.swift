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
        var (operations, seconds) = (0.0, 0.0)
        for (outputs, inputs, count) in shapes {
            let x = Matrix(rows: rows, columns: inputs, values: wave(rows * inputs))
            let w = Matrix(rows: outputs, columns: inputs, values: wave(outputs * inputs))
            let y = Matrix(rows: rows, columns: outputs)
            var times: [Double] = []
            for _ in 0..<repeats {
                let watch = Watch()
                project(x, through: w, into: y, workers: workers)
                projectBackward(y, through: w, into: x, workers: workers)
                times.append(watch.seconds)
            }
            operations += Double(count) * 4 * Double(rows * outputs * inputs)
            seconds += Double(count) * median(times)
        }
        let environment = NumericEnvironment.current()
        let result: JSONValue = [
            "gflops": number(operations / seconds * 1e-9), "rows": number(Double(rows)),
            "threads": number(Double(workers.count)), "blas": .string(environment.blas),
            "blas_core": .string(environment.blasCore), "loops": .string(environment.loops),
        ]
        print(result.serialized())
    }

    private func wave(_ count: Int) -> [Float] { (0..<count).map { Float($0 % 17) * 0.01 - 0.08 } }
}
