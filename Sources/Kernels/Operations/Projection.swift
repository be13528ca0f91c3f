/// A low-rank change of a frozen weight: W + scale · B · A.
///
/// Hu et al. 2021, arXiv 2106.09685, section 4.1.
public final class LowRankFactors {
    /// The first factor, r × inputs.
    public let a: Matrix
    /// The second factor, outputs × r, in Hugging Face's row order.
    public let b: Matrix
    /// The multiplier, `lora_alpha / r` in PEFT's terms.
    public let scale: Float

    /// Factors of one rank; traps when the ranks differ.
    public init(a: Matrix, b: Matrix, scale: Float) {
        precondition(a.rows == b.columns, "ranks \(a.rows) and \(b.columns)")
        self.a = a
        self.b = b
        self.scale = scale
    }

    /// The rank r.
    public var rank: Int { a.rows }
}

/// Expands a frozen weight to fp32, with the low-rank change added when there is one.
///
/// With `B` zero the result is the frozen weight to the bit, so a fresh adapter is exactly its base.
///
/// - Parameters:
///   - weight: (outputs × inputs).
///   - change: factors of the same outputs and inputs, or nil.
///   - target: becomes (outputs × inputs).
///   - workers: the threads to use.
public func expand(_ weight: FrozenWeight, adding change: LowRankFactors?, into target: Matrix, workers: Workers) {
    target.reshape(rows: weight.rows, columns: weight.columns)
    let columns = weight.columns
    if let change {
        precondition(
            change.a.columns == columns && change.b.rows == weight.rows,
            "factors \(change.b.shape) · \(change.a.shape) for \(weight.rows) x \(columns)")
    }
    workers.measure(.dequantisation, operations: change.map { 2 * $0.rank * weight.rows * columns } ?? 0) {
        expandTiles(weight, adding: change, into: target.base, workers: workers)
    }
}

/// Values of a weight that are expanded and changed at a time, 256 KiB of them.
private let expansionTileValues = 65_536

private func expandTiles(
    _ weight: FrozenWeight, adding change: LowRankFactors?, into base: UnsafeMutablePointer<Float>, workers: Workers
) {
    let columns = weight.columns
    // So few rows at a time that they are still in the core's own cache when the change is added.
    let tile = max(8, expansionTileValues / columns / 8 * 8)
    workers.forEachRange(weight.rows, unit: 8, minimum: 16) { range in
        for start in stride(from: range.lowerBound, to: range.upperBound, by: tile) {
            let rows = start..<min(start + tile, range.upperBound)
            let part = base + start * columns
            weight.decode(rows: rows, into: part)
            guard let change else { continue }
            multiply(
                Factor(change.b.base + start * change.rank, stride: change.rank),
                Factor(change.a.base, stride: columns),
                m: rows.count, n: columns, k: change.rank, alpha: change.scale, beta: 1, into: part, stride: columns)
        }
    }
}

/// y = x · wᵀ, or y += x · wᵀ.
///
/// - Parameters:
///   - x: (T × inputs).
///   - w: an expanded weight (outputs × inputs).
///   - y: (T × outputs).
///   - accumulating: whether to add to what `y` holds.
///   - workers: the threads to use.
public func project(_ x: Matrix, through w: Matrix, into y: Matrix, accumulating: Bool = false, workers: Workers) {
    precondition(
        x.columns == w.columns && y.columns == w.rows && y.rows == x.rows,
        "\(x.shape) through \(w.shape) into \(y.shape)")
    workers.measure(.gemm, operations: 2 * x.rows * w.rows * w.columns) {
        multiplyTransposed(
            Factor(x.base, stride: x.columns), Factor(w.base, stride: w.columns), m: x.rows, n: w.rows, k: w.columns,
            accumulating: accumulating, into: y.base, stride: y.columns, workers: workers)
    }
}

/// dx = dy · w, or dx += dy · w: the gradient of `project` with respect to its input.
///
/// - Parameters:
///   - dy: (T × outputs).
///   - w: the expanded weight (outputs × inputs) of the forward pass.
///   - dx: (T × inputs).
///   - accumulating: whether to add to what `dx` holds.
///   - workers: the threads to use.
public func projectBackward(
    _ dy: Matrix, through w: Matrix, into dx: Matrix, accumulating: Bool = false, workers: Workers
) {
    precondition(
        dy.columns == w.rows && dx.columns == w.columns && dx.rows == dy.rows,
        "\(dy.shape) back through \(w.shape) into \(dx.shape)")
    workers.measure(.gemm, operations: 2 * dy.rows * w.rows * w.columns) {
        multiply(
            Factor(dy.base, stride: dy.columns), Factor(w.base, stride: w.columns),
            m: dy.rows, n: w.columns, k: w.rows, beta: accumulating ? 1 : 0, into: dx.base, stride: dx.columns,
            workers: workers)
    }
}

/// Adds the gradients of a projection's low-rank factors.
///
/// dA += scale · (dy · B)ᵀ · x and dB += scale · dyᵀ · (x · Aᵀ); nothing is computed for the frozen weight.
///
/// - Parameters:
///   - x: the projection's input (T × inputs).
///   - dy: the gradient of its output (T × outputs).
///   - factors: the factors of the forward pass.
///   - da: (r × inputs), added to.
///   - db: (outputs × r), added to.
///   - scratch: two matrices of r columns, resized here.
///   - workers: the threads to use.
public func lowRankGradients(
    x: Matrix, dy: Matrix, factors: LowRankFactors, da: Matrix, db: Matrix, scratch: (Matrix, Matrix), workers: Workers
) {
    let (t, r) = (x.rows, factors.rank)
    let (projected, pulled) = scratch
    precondition(projected.columns == r && pulled.columns == r, "scratch of \(projected.columns) columns for rank \(r)")
    projected.resize(rows: t)
    pulled.resize(rows: t)
    workers.measure(.gemm, operations: 4 * t * r * (x.columns + dy.columns)) {
        workers.forEachRange(t, unit: 8, minimum: 16) { rows in
            let first = rows.lowerBound
            multiply(
                Factor(x.base + first * x.columns, stride: x.columns),
                Factor(factors.a.base, stride: x.columns, .transposed),
                m: rows.count, n: r, k: x.columns, alpha: factors.scale, into: projected.base + first * r, stride: r)
            multiply(
                Factor(dy.base + first * dy.columns, stride: dy.columns), Factor(factors.b.base, stride: r),
                m: rows.count, n: r, k: dy.columns, alpha: factors.scale, into: pulled.base + first * r, stride: r)
        }
        workers.run { part, parts in
            let inputs = Workers.part(part, of: parts, total: x.columns, unit: 16)
            multiply(
                Factor(pulled.base, stride: r, .transposed), Factor(x.base + inputs.lowerBound, stride: x.columns),
                m: r, n: inputs.count, k: t, beta: 1, into: da.base + inputs.lowerBound, stride: x.columns)
            let outputs = Workers.part(part, of: parts, total: dy.columns, unit: 8)
            multiply(
                Factor(dy.base + outputs.lowerBound, stride: dy.columns, .transposed),
                Factor(projected.base, stride: r),
                m: outputs.count, n: r, k: t, beta: 1, into: db.base + outputs.lowerBound * r, stride: r)
        }
    }
}
