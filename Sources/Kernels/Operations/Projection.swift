internal import CKernels

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
        workers.forEachRange(weight.rows, unit: 8, minimum: 16) { rows in
            expandTiles(weight, rows: rows, adding: change) { target.base + $0 * columns }
        }
    }
}

/// Expands a frozen weight as the products take it: `expand` into fp32, then rounded where they take bf16.
public func expand(
    _ weight: FrozenWeight, adding change: LowRankFactors?, into target: ProductMatrix, products: MatrixProducts
) {
    guard products.computeType == .bfloat16 else {
        return expand(weight, adding: change, into: target.full, workers: products.workers)
    }
    target.reshape(rows: weight.rows, columns: weight.columns)
    let columns = weight.columns
    products.workers.measure(.dequantisation, operations: change.map { 2 * $0.rank * weight.rows * columns } ?? 0) {
        products.workers.run { part, parts in
            let rows = Workers.part(part, of: parts, total: weight.rows, unit: 8)
            let tile = products.tile(part, count: expansionTileRows(columns) * columns)
            expandTiles(weight, rows: rows, adding: change) { _ in
                tile
            } finished: { tileRows in
                ck_round_bf16(
                    target.bfloat16 + tileRows.lowerBound * columns, tile, tileRows.count * columns)
            }
        }
    }
}

/// Values of a weight that are expanded and changed at a time, 256 KiB of them.
private let expansionTileValues = 65_536

/// So few rows at a time that they are still in the core's own cache when the change is added.
private func expansionTileRows(_ columns: Int) -> Int { max(8, expansionTileValues / columns / 8 * 8) }

private func expandTiles(
    _ weight: FrozenWeight, rows: Range<Int>, adding change: LowRankFactors?,
    into place: (_ row: Int) -> UnsafeMutablePointer<Float>, finished: (Range<Int>) -> Void = { _ in }
) {
    let columns = weight.columns
    let tile = expansionTileRows(columns)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: tile) {
        let rows = start..<min(start + tile, rows.upperBound)
        let part = place(start)
        weight.decode(rows: rows, into: part)
        if let change {
            multiply(
                Factor(change.b.base + start * change.rank, stride: change.rank),
                Factor(change.a.base, stride: columns),
                m: rows.count, n: columns, k: change.rank, alpha: change.scale, beta: 1, into: part, stride: columns)
        }
        finished(rows)
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

/// `project` of factors as the products take them.
public func project(
    _ x: ProductMatrix, through w: ProductMatrix, into y: Matrix, accumulating: Bool = false, products: MatrixProducts
) {
    guard products.computeType == .bfloat16 else {
        return project(x.full, through: w.full, into: y, accumulating: accumulating, workers: products.workers)
    }
    precondition(
        x.columns == w.columns && y.columns == w.rows && y.rows == x.rows,
        "\(x.shape) through \(w.shape) into \(y.shape)")
    products.workers.measure(.gemm, operations: 2 * x.rows * w.rows * w.columns) {
        products.multiply(
            BFloat16Product(
                m: x.rows, n: w.rows, k: w.columns, xStride: x.columns, wStride: w.columns, yStride: y.columns,
                isTransposed: true, isAccumulating: accumulating),
            x: x.bfloat16, w: w.bfloat16, into: y.base)
    }
}

/// `projectBackward` of factors as the products take them.
public func projectBackward(
    _ dy: ProductMatrix, through w: ProductMatrix, into dx: Matrix, accumulating: Bool = false,
    products: MatrixProducts
) {
    guard products.computeType == .bfloat16 else {
        return projectBackward(
            dy.full, through: w.full, into: dx, accumulating: accumulating, workers: products.workers)
    }
    precondition(
        dy.columns == w.rows && dx.columns == w.columns && dx.rows == dy.rows,
        "\(dy.shape) back through \(w.shape) into \(dx.shape)")
    products.workers.measure(.gemm, operations: 2 * dy.rows * w.rows * w.columns) {
        products.multiply(
            BFloat16Product(
                m: dy.rows, n: w.columns, k: w.rows, xStride: dy.columns, wStride: w.columns, yStride: dx.columns,
                isTransposed: false, isAccumulating: accumulating),
            x: dy.bfloat16, w: w.bfloat16, into: dx.base)
    }
}
