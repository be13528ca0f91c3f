internal import CKernels

/// Working memory of `lowRankGradients`, reused from projection to projection.
public final class LowRankScratch {
    /// (T × r): scale · x · Aᵀ, and scale · dy · B.
    fileprivate let projected = Matrix(rows: 0, columns: 0)
    fileprivate let pulled = Matrix(rows: 0, columns: 0)
    /// (r × outputs): Bᵀ, and the gradient of Bᵀ.
    fileprivate let transposed = Matrix(rows: 0, columns: 0)
    fileprivate let gradient = Matrix(rows: 0, columns: 0)

    /// Empty; it grows with what it is used for.
    public init() {}
}

/// Adds the gradients of a projection's low-rank factors.
///
/// dA += scale · (dy · B)ᵀ · x and dB += scale · dyᵀ · (x · Aᵀ); nothing is computed for the frozen weight. The products
/// are so narrow (r columns) that packing their factors, as a general product does, would take as long as they do.
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
    let (t, r) = (x.rows, factors.rank)
    precondition(
        dy.rows == t && x.columns == factors.a.columns && dy.columns == factors.b.rows,
        "\(x.shape) and \(dy.shape) for factors \(factors.b.shape) · \(factors.a.shape)")
    let (projected, pulled, transposed, gradient) = (
        scratch.projected, scratch.pulled, scratch.transposed, scratch.gradient
    )
    projected.reshape(rows: t, columns: r)
    pulled.reshape(rows: t, columns: r)
    transposed.reshape(rows: r, columns: dy.columns)
    gradient.reshape(rows: r, columns: dy.columns)
    workers.measure(.adapter, operations: 4 * t * r * (x.columns + dy.columns)) {
        for output in 0..<dy.columns {
            for rank in 0..<r { transposed.base[rank * dy.columns + output] = factors.b.base[output * r + rank] }
        }
        workers.forEachRange(t, unit: 8, minimum: 16) { rows in
            let first = rows.lowerBound
            for (input, weight, result) in [(x, factors.a, projected), (dy, transposed, pulled)] {
                ck_dot_products(
                    result.base + first * r, r, input.base + first * input.columns, input.columns, weight.base,
                    weight.columns, rows.count, r, input.columns, 0)
                ck_scale(result.base + first * r, factors.scale, rows.count * r)
            }
        }
        workers.run { part, parts in
            let inputs = Workers.part(part, of: parts, total: x.columns, unit: 48)
            ck_add_outer_products(
                da.base + inputs.lowerBound, x.columns, pulled.base, r, x.base + inputs.lowerBound, x.columns, r,
                inputs.count, t)
            let outputs = Workers.part(part, of: parts, total: dy.columns, unit: 48)
            for rank in 0..<r {
                (gradient.base + rank * dy.columns + outputs.lowerBound).update(repeating: 0, count: outputs.count)
            }
            ck_add_outer_products(
                gradient.base + outputs.lowerBound, dy.columns, projected.base, r, dy.base + outputs.lowerBound,
                dy.columns, r, outputs.count, t)
            for output in outputs {
                for rank in 0..<r { db.base[output * r + rank] += gradient.base[rank * dy.columns + output] }
            }
        }
    }
}
