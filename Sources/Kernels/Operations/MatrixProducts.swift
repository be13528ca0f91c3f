internal import CKernels

/// Products of activations with frozen weights, in one compute type, on a model's threads.
///
/// Not `Sendable`: it belongs to the pass that uses it.
public final class MatrixProducts {
    /// The type of the factors.
    public let computeType: ComputeType
    /// The threads.
    public let workers: Workers
    /// One for each thread; none in fp32.
    private let prepared: [PreparedProducts]

    /// Products in a compute type on the given threads.
    public init(_ computeType: ComputeType = .float32, workers: Workers) {
        self.computeType = computeType
        self.workers = workers
        let usesOneDNN = BFloat16Support.current == .ready
        prepared =
            computeType == .float32
            ? [] : (0..<workers.count).map { _ in PreparedProducts(usesOneDNN: usesOneDNN) }
    }

    /// An empty matrix of this compute type.
    public func matrix() -> ProductMatrix { ProductMatrix(computeType) }

    /// Working memory of one thread for `count` fp32 values, until the thread's next product.
    func tile(_ part: Int, count: Int) -> UnsafeMutablePointer<Float> {
        prepared[part].reserve(count * MemoryLayout<Float>.stride).bindMemory(to: Float.self, capacity: count)
    }

    /// Columns from which a product is split by columns: each thread then packs a part of w of its own.
    private static let fewestSplitColumns = 512

    /// y = x · w, or added to y, of bf16 factors, split over the threads.
    func multiply(
        _ product: BFloat16Product, x: UnsafePointer<UInt16>, w: UnsafePointer<UInt16>,
        into y: UnsafeMutablePointer<Float>
    ) {
        guard workers.count > 1, product.m * product.n * product.k > 65_536 else {
            return prepared[0].run(product, x: x, w: w, into: y)
        }
        if product.n >= Self.fewestSplitColumns {
            workers.forEachUnevenRange(product.n, unit: 32) { part, columns in
                var own = product
                own.n = columns.count
                let start = product.isTransposed ? columns.lowerBound * product.wStride : columns.lowerBound
                prepared[part].run(own, x: x, w: w + start, into: y + columns.lowerBound)
            }
        } else {
            workers.forEachUnevenRange(product.m, unit: 32) { part, rows in
                var own = product
                own.m = rows.count
                prepared[part].run(
                    own, x: x + rows.lowerBound * product.xStride, w: w, into: y + rows.lowerBound * product.yStride)
            }
        }
    }
}

/// Whether this process can compute bf16 products at the processor's speed.
public enum BFloat16Support: Sendable, Equatable {
    /// oneDNN is there and the processor has bf16 dot products.
    case ready
    /// The processor has no bf16 dot products (AVX512_BF16 or AMX).
    case noProcessor
    /// No oneDNN was found.
    case noLibrary
    /// A oneDNN was found that cannot be used: of another major version than 2 and 3, or built for its own threads.
    case unsuitableLibrary

    /// That of this process; it does not change.
    public static let current: BFloat16Support = {
        guard ck_has_bf16_products() != 0 else { return .noProcessor }
        return switch ck_onednn() {
        case CK_ONEDNN_READY: .ready
        case CK_ONEDNN_MISSING: .noLibrary
        default: .unsuitableLibrary
        }
    }()
}
