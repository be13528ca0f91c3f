internal import CKernels

/// A product of matrices: y (m × n, fp32) = x (m × k) · w, or added to y.
struct ProductShape: Hashable {
    var m: Int
    var n: Int
    var k: Int
    var xStride: Int
    var wStride: Int
    var yStride: Int
    /// Whether w lies as (n × k) rather than (k × n).
    var isTransposed: Bool
    var isAccumulating: Bool

    /// So few operations that splitting them would take longer than doing them.
    var isSmall: Bool { m * n * k <= 65_536 }
}

/// One thread's bf16 products: oneDNN's code for each shape, kept, with the memory that it works in.
///
/// Where oneDNN or the processor has none, a product is computed in fp32 from the rounded factors: the same values up to
/// the order of the sums, without the speed.
final class PreparedProducts {
    private static let keptShapes = 64
    private let usesOneDNN: Bool
    private var prepared: [ProductShape: OpaquePointer] = [:]
    private var scratch: UnsafeMutableRawPointer
    private var scratchBytes = 64

    init(usesOneDNN: Bool) {
        self.usesOneDNN = usesOneDNN
        scratch = .allocate(byteCount: scratchBytes, alignment: 64)
    }

    deinit {
        releaseAll()
        scratch.deallocate()
    }

    /// Computes one product on this thread.
    func run(
        _ product: ProductShape, x: UnsafePointer<UInt16>, w: UnsafePointer<UInt16>,
        into y: UnsafeMutablePointer<Float>
    ) {
        guard product.m > 0, product.n > 0 else { return }
        if let code = code(for: product) {
            let room = reserve(ck_product_scratch_bytes(code))
            if ck_product_run(code, y, x, w, room) == 0 { return }
            preconditionFailure("oneDNN failed on a product of \(product.m) x \(product.k) x \(product.n)")
        }
        emulate(product, x: x, w: w, into: y)
    }

    /// Working memory for `bytes`, 64-byte aligned, valid until the next call.
    func reserve(_ bytes: Int) -> UnsafeMutableRawPointer {
        if bytes > scratchBytes {
            scratch.deallocate()
            scratchBytes = bytes * 9 / 8
            scratch = .allocate(byteCount: scratchBytes, alignment: 64)
        }
        return scratch
    }

    private func code(for product: ProductShape) -> OpaquePointer? {
        guard usesOneDNN else { return nil }
        if let known = prepared[product] { return known }
        if prepared.count >= Self.keptShapes { releaseAll() }
        let shape = ck_product_shape(
            m: Int64(product.m), n: Int64(product.n), k: Int64(product.k), x_stride: Int64(product.xStride),
            w_stride: Int64(product.wStride), y_stride: Int64(product.yStride),
            w_transposed: product.isTransposed ? 1 : 0, accumulating: product.isAccumulating ? 1 : 0, is_bf16: 1)
        let code = ck_product_prepare(shape)
        if let code { prepared[product] = code }
        return code
    }

    private func releaseAll() {
        for code in prepared.values { ck_product_release(code) }
        prepared = [:]
    }

    private func emulate(
        _ product: ProductShape, x: UnsafePointer<UInt16>, w: UnsafePointer<UInt16>,
        into y: UnsafeMutablePointer<Float>
    ) {
        let wRows = product.isTransposed ? product.n : product.k
        let wColumns = product.isTransposed ? product.k : product.n
        let values = product.m * product.k + wRows * wColumns
        let room = reserve(values * MemoryLayout<Float>.stride).bindMemory(to: Float.self, capacity: values)
        let expanded = room + product.m * product.k
        for row in 0..<product.m {
            Self.expand(x + row * product.xStride, count: product.k, into: room + row * product.k)
        }
        for row in 0..<wRows {
            Self.expand(w + row * product.wStride, count: wColumns, into: expanded + row * wColumns)
        }
        multiply(
            Factor(room, stride: product.k),
            Factor(expanded, stride: wColumns, product.isTransposed ? .transposed : .asStored),
            m: product.m, n: product.n, k: product.k, beta: product.isAccumulating ? 1 : 0, into: y,
            stride: product.yStride)
    }

    private static func expand(_ x: UnsafePointer<UInt16>, count: Int, into y: UnsafeMutablePointer<Float>) {
        ck_decode_bf16(y, UnsafeRawPointer(x).assumingMemoryBound(to: UInt8.self), count)
    }
}
