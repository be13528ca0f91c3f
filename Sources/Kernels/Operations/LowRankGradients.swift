internal import CKernels

/// Working memory of `lowRankGradients`, reused from projection to projection.
public final class LowRankScratch {
    /// (r × outputs): Bᵀ.
    fileprivate let transposed = Matrix(rows: 0, columns: 0)
    /// One row for each thread: its gradients of A (r × inputs) and of Bᵀ (r × outputs).
    fileprivate let gradients = Matrix(rows: 0, columns: 0)
    /// One row for each thread: a block's scale · x · Aᵀ and scale · dy · B.
    fileprivate let projected = Matrix(rows: 0, columns: 0)

    /// Empty; it grows with what it is used for.
    public init() {}
}

/// Rows of x and dy that are taken at a time: they stay in the core's own cache while they are used twice.
private let lowRankBlock = 96

/// Adds the gradients of a projection's low-rank factors.
///
/// dA += scale · (dy · B)ᵀ · x and dB += scale · dyᵀ · (x · Aᵀ); nothing is computed for the frozen weight. The products
/// are so narrow (r columns) that packing their factors, as a general product does, would take as long as they do. Each
/// thread sums over rows of its own; the sums are added in the threads' order.
///
/// - Parameters:
///   - x: the projection's input (T × inputs).
///   - dy: the gradient of its output (T × outputs).
///   - factors: the factors of the forward pass.
///   - da: (r × inputs), added to.
///   - db: (outputs × r), added to.
///   - scratch: working memory.
///   - workers: the threads to use.
public func lowRankGradients(
    x: Matrix, dy: Matrix, factors: LowRankFactors, da: Matrix, db: Matrix, scratch: LowRankScratch, workers: Workers
) {
    let (t, r, inputs, outputs) = (x.rows, factors.rank, x.columns, dy.columns)
    precondition(
        dy.rows == t && inputs == factors.a.columns && outputs == factors.b.rows,
        "\(x.shape) and \(dy.shape) for factors \(factors.b.shape) · \(factors.a.shape)")
    let (transposed, gradients, projected) = (scratch.transposed, scratch.gradients, scratch.projected)
    transposed.reshape(rows: r, columns: outputs)
    gradients.reshape(rows: workers.count, columns: r * (inputs + outputs))
    projected.reshape(rows: workers.count, columns: 2 * lowRankBlock * r)
    workers.measure(.adapter, operations: 4 * t * r * (inputs + outputs)) {
        ck_transpose(transposed.base, outputs, factors.b.base, r, outputs, r, 1)
        workers.run { part, parts in
            let ofA = gradients.base + part * gradients.columns
            let ofB = ofA + r * inputs
            ofA.update(repeating: 0, count: gradients.columns)
            let own = projected.base + part * projected.columns
            let pulled = own + lowRankBlock * r
            let range = Workers.part(part, of: parts, total: t, unit: 8)
            for start in stride(from: range.lowerBound, to: range.upperBound, by: lowRankBlock) {
                let count = min(lowRankBlock, range.upperBound - start)
                let (rows, slopes) = (x.base + start * inputs, dy.base + start * outputs)
                ck_dot_products(own, r, rows, inputs, factors.a.base, inputs, count, r, inputs, 0)
                ck_dot_products(pulled, r, slopes, outputs, transposed.base, outputs, count, r, outputs, 0)
                ck_scale(own, factors.scale, count * r)
                ck_scale(pulled, factors.scale, count * r)
                ck_tile_products(ofA, inputs, pulled, 1, r, rows, inputs, r, inputs, count, 1)
                ck_tile_products(ofB, outputs, own, 1, r, slopes, outputs, r, outputs, count, 1)
            }
        }
        for part in 1..<max(1, workers.count) {
            ck_add(gradients.base, gradients.base + part * gradients.columns, gradients.columns)
        }
        ck_add(da.base, gradients.base, r * inputs)
        transposed.reshape(rows: outputs, columns: r)
        ck_transpose(transposed.base, r, gradients.base + r * inputs, outputs, r, outputs, 1)
        ck_add(db.base, transposed.base, outputs * r)
    }
}
