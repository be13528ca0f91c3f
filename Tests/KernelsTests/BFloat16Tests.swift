import CKernels
import Foundation
import Testing

@testable import Kernels

@Suite("Products of bf16 factors")
struct BFloat16Tests {
    private static func rounded(_ values: [Float]) -> [UInt16] {
        var result = [UInt16](repeating: 0, count: values.count)
        ck_round_bf16(&result, values, values.count)
        return result
    }

    /// The nearest bf16 by the definition: among the two neighbours the nearer, at a tie the even one.
    private static func nearest(_ x: Float) -> UInt16 {
        let below = UInt16(x.bitPattern >> 16)
        let (low, high) = (Double(value(below)), Double(value(below + 1)))
        let (down, up) = (abs(Double(x) - low), abs(high - Double(x)))
        if down == up { return below % 2 == 0 ? below : below + 1 }
        return down < up ? below : below + 1
    }

    private static func value(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    private static func noise(_ count: Int, seed: UInt64) -> [Float] {
        var state = seed
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Float(Int(state >> 40)) / Float(1 << 23) - 1
        }
    }

    @Test("a value is rounded to the nearest bf16, ties to even, whatever its sign and size")
    func rounding() {
        var values = Self.noise(4001, seed: 7).enumerated().map {
            $1 * Float(sign: .plus, exponent: $0 % 60 - 30, significand: 1)
        }
        // Exactly between two neighbours, to either side of even; subnormal; the largest that stays finite.
        values += [0x3F80_8000, 0x3F81_8000, 0xBF80_8000, 0x0000_8001, 0x7F7E_FFFF, 0, 0x8000_0000].map {
            Float(bitPattern: $0)
        }
        let found = Self.rounded(values)
        for (value, bits) in zip(values, found) { #expect(bits == Self.nearest(value), "\(value)") }
        #expect(Self.rounded([.infinity, -.infinity]) == [0x7F80, 0xFF80])
        #expect(Self.rounded([.greatestFiniteMagnitude]) == [0x7F80])
        // A NaN whose payload lies in the lower half stays one.
        let quiet = Self.rounded([Float(bitPattern: 0x7F80_0001), Float(bitPattern: 0xFFFF_FFFF)])
        #expect(quiet.allSatisfy { Self.value($0).isNaN })
    }

    @Test(
        "forward and back, written and added, are the sums of the rounded factors' products",
        arguments: [1, 2, 3], [(5, 7, 9), (160, 64, 33), (40, 200, 96)])
    func products(threads: Int, shape: (rows: Int, outputs: Int, inputs: Int)) {
        let (rows, outputs, inputs) = shape
        let products = MatrixProducts(.bfloat16, form: .rounded, workers: Workers(threads))
        func taken(_ values: [Float], rows: Int) -> ProductMatrix {
            let result = products.matrix()
            result.take(Matrix(rows: rows, columns: values.count / rows, values: values), workers: products.workers)
            return result
        }
        let values = [(rows, inputs), (outputs, inputs), (rows, outputs)].enumerated().map {
            Self.noise($1.0 * $1.1, seed: UInt64($0 + 1))
        }
        let (x, w, dy) = (
            taken(values[0], rows: rows), taken(values[1], rows: outputs), taken(values[2], rows: rows)
        )
        let exact = values.map { Self.rounded($0).map { Double(Self.value($0)) } }
        let (xs, ws, ds) = (exact[0], exact[1], exact[2])
        for accumulating in [false, true] {
            let y = Matrix(rows: rows, columns: outputs, values: [Float](repeating: 2, count: rows * outputs))
            let dx = Matrix(rows: rows, columns: inputs, values: [Float](repeating: 2, count: rows * inputs))
            project(x, through: w, into: y, accumulating: accumulating, products: products)
            projectBackward(dy, through: w, into: dx, accumulating: accumulating, products: products)
            let start = accumulating ? 2.0 : 0
            for row in stride(from: 0, to: rows, by: 3) {
                for output in 0..<outputs {
                    let sum = (0..<inputs).reduce(start) { $0 + xs[row * inputs + $1] * ws[output * inputs + $1] }
                    #expect(abs(Double(y[row, output]) - sum) < 1e-5 * Double(inputs))
                }
                for input in 0..<inputs {
                    let sum = (0..<outputs).reduce(start) { $0 + ds[row * outputs + $1] * ws[$1 * inputs + input] }
                    #expect(abs(Double(dx[row, input]) - sum) < 1e-5 * Double(outputs))
                }
            }
        }
    }

    @Test("more shapes than are kept prepared give the same values as each by itself")
    func manyShapes() {
        func make() -> MatrixProducts { MatrixProducts(.bfloat16, form: .rounded, workers: Workers(1)) }
        let shared = make()
        for rows in (1...80).reversed() {
            let matrix = Matrix(rows: rows, columns: 16, values: Self.noise(rows * 16, seed: UInt64(rows)))
            let values = [shared, make()].map { products in
                let (x, y) = (products.matrix(), Matrix(rows: rows, columns: rows))
                x.take(matrix, workers: products.workers)
                project(x, through: x, into: y, products: products)
                return y.values
            }
            #expect(values[0] == values[1])
        }
    }

    @Test(
        "oneDNN, where it is installed, is spoken to as it expects: on fp32 factors on any processor",
        .enabled(if: ck_onednn() == CK_ONEDNN_READY, "no oneDNN here"), arguments: [0, 1], [0, 1])
    func library(transposed: Int32, accumulating: Int32) throws {
        let (m, n, k) = (37, 29, 41)
        let (x, w) = (Self.noise(m * k, seed: 4), Self.noise(n * k, seed: 5))
        var y = [Float](repeating: 1, count: m * n)
        let product = try #require(
            ck_product_prepare(
                ck_product_shape(
                    m: Int64(m), n: Int64(n), k: Int64(k), x_stride: Int64(k),
                    w_stride: Int64(transposed == 1 ? k : n), y_stride: Int64(n), w_transposed: transposed,
                    accumulating: accumulating, is_bf16: 0)))
        defer { ck_product_release(product) }
        let scratch = UnsafeMutableRawPointer.allocate(
            byteCount: ck_product_scratch_bytes(product) + 64, alignment: 64)
        defer { scratch.deallocate() }
        let failure = y.withUnsafeMutableBytes { target in
            x.withUnsafeBytes { left in
                w.withUnsafeBytes { right in
                    ck_product_run(product, target.baseAddress, left.baseAddress, right.baseAddress, scratch)
                }
            }
        }
        #expect(failure == 0)
        for row in 0..<m {
            for column in 0..<n {
                let sum = (0..<k).reduce(Double(accumulating)) {
                    $0 + Double(x[row * k + $1]) * Double(transposed == 1 ? w[column * k + $1] : w[$1 * n + column])
                }
                #expect(abs(Double(y[row * n + column]) - sum) < 1e-4)
            }
        }
        #expect(String(cString: ck_onednn_name()).hasPrefix("oneDNN "))
    }

    @Test("an OpenBLAS that did not know the processor is given the kernels of its level, another is left alone")
    func core() {
        #expect(BLASCore.better(than: "Prescott", level: "x86-64-v4") == "SkylakeX")
        #expect(BLASCore.better(than: "Prescott", level: "x86-64-v3") == "Haswell")
        #expect(BLASCore.better(than: "Prescott", level: "x86-64") == nil)
        #expect(BLASCore.better(than: "Nehalem", level: "x86-64-v3") == "Haswell")
        for core in ["Zen", "Haswell", "SkylakeX", "Skylakex", "Cooperlake", "SapphireRapids"] {
            #expect(BLASCore.better(than: core, level: "x86-64-v4") == nil)
        }
    }
}
