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

    /// Rows of scale · B.
    func withScaledRows(_ rows: Range<Int>, _ body: (UnsafePointer<Float>) -> Void) {
        withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count * rank) { scaled in
            guard let target = scaled.baseAddress else { return }
            target.update(from: b.base + rows.lowerBound * rank, count: rows.count * rank)
            ck_scale(target, scale, rows.count * rank)
            body(target)
        }
    }
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
            expandTiles(weight, rows: rows) {
                target.base + $0 * columns
            } finished: {
                if let change { add(change, rows: $0, to: target.base + $0.lowerBound * columns) }
            }
        }
    }
}

/// Expands a frozen weight as the products take it: `expand` into fp32, then into their form.
///
/// Where products of quantised weights take the integers as they are, nothing is expanded for `project`, and a change is
/// multiplied beside them.
///
/// - Parameters:
///   - weight: (outputs × inputs).
///   - change: factors of the same outputs and inputs, or nil.
///   - role: `weight` for `project`, `weightBackward` for `projectBackward`.
///   - target: becomes (outputs × inputs).
///   - products: the products that will use it.
public func expand(
    _ weight: FrozenWeight, adding change: LowRankFactors?, as role: ProductMatrix.Role, into target: ProductMatrix,
    products: MatrixProducts
) {
    guard products.form != .full else {
        return expand(weight, adding: change, into: target.full, workers: products.workers)
    }
    let columns = weight.columns
    let isAdded = change != nil && !(role == .weight && products.takesIntegers(of: weight))
    let operations = isAdded ? 2 * (change?.rank ?? 0) * weight.rows * columns : 0
    products.workers.measure(.dequantisation, operations: operations) {
        expand(weight, rows: 0..<weight.rows, adding: change, as: role, into: target, products: products)
    }
}

/// The rows of a weight alone, which become all of `target`; not for fp32 as it is.
func expand(
    _ weight: FrozenWeight, rows: Range<Int>, adding change: LowRankFactors? = nil, as role: ProductMatrix.Role,
    into target: ProductMatrix, products: MatrixProducts
) {
    if role == .weight, products.takesIntegers(of: weight) {
        return target.takeIntegers(weight, rows: rows, adding: change, workers: products.workers)
    }
    let (columns, unit) = (weight.columns, products.form.unit)
    target.reshape(rows: rows.count, columns: columns, as: role)
    if let change { products.prepare(change) }
    products.workers.forEachUnevenRange(rows.count, unit: unit) { part, own in
        let tile = products.tile(part, count: expansionTileRows(columns, unit: unit) * columns)
        expandTiles(weight, rows: rows.lowerBound + own.lowerBound..<rows.lowerBound + own.upperBound, unit: unit) {
            _ in
            tile
        } finished: {
            if let change { products.add(change, rows: $0, to: tile) }
            target.fill($0.lowerBound - rows.lowerBound..<$0.upperBound - rows.lowerBound, from: tile, stride: columns)
        }
    }
}

/// Values of a weight that are expanded and changed at a time, 256 KiB of them.
private let expansionTileValues = 65_536

/// So few rows at a time that they are still in the core's own cache when the change is added.
private func expansionTileRows(_ columns: Int, unit: Int) -> Int {
    max(unit, expansionTileValues / columns / unit * unit)
}

private func expandTiles(
    _ weight: FrozenWeight, rows: Range<Int>, unit: Int = 8,
    into place: (_ row: Int) -> UnsafeMutablePointer<Float>, finished: (Range<Int>) -> Void
) {
    let tile = expansionTileRows(weight.columns, unit: unit)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: tile) {
        let rows = start..<min(start + tile, rows.upperBound)
        weight.decode(rows: rows, into: place(start))
        finished(rows)
    }
}

/// Adds rows of scale · B · A to as many of an expanded weight.
func add(_ change: LowRankFactors, rows: Range<Int>, to part: UnsafeMutablePointer<Float>) {
    let (rank, columns) = (change.rank, change.a.columns)
    change.withScaledRows(rows) { b in
        ck_tile_products(part, columns, b, rank, 1, change.a.base, columns, rows.count, columns, rank, 1)
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
    guard products.form != .full else {
        return project(x.full, through: w.full, into: y, accumulating: accumulating, workers: products.workers)
    }
    precondition(
        x.columns == w.columns && y.columns == w.rows && y.rows == x.rows,
        "\(x.shape) through \(w.shape) into \(y.shape)")
    products.workers.measure(.gemm, operations: 2 * x.rows * w.rows * w.columns) {
        products.multiply(x, w, backward: false, accumulating: accumulating, into: y.base, stride: y.columns)
    }
}

/// `projectBackward` of factors as the products take them.
public func projectBackward(
    _ dy: ProductMatrix, through w: ProductMatrix, into dx: Matrix, accumulating: Bool = false,
    products: MatrixProducts
) {
    guard products.form != .full else {
        return projectBackward(
            dy.full, through: w.full, into: dx, accumulating: accumulating, workers: products.workers)
    }
    precondition(
        dy.columns == w.rows && dx.columns == w.columns && dx.rows == dy.rows,
        "\(dy.shape) back through \(w.shape) into \(dx.shape)")
    products.workers.measure(.gemm, operations: 2 * dy.rows * w.rows * w.columns) {
        products.multiply(dy, w, backward: true, accumulating: accumulating, into: dx.base, stride: dx.columns)
    }
}
