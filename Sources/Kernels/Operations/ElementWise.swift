internal import CKernels

/// y += x, value by value; both of one shape.
public func add(_ x: Matrix, to y: Matrix, workers: Workers) {
    precondition(x.count == y.count, "\(x.shape) to \(y.shape)")
    workers.measure(.elementWise) {
        workers.forEachRange(x.count, unit: 16, minimum: 32_768) {
            ck_add(y.base + $0.lowerBound, x.base + $0.lowerBound, $0.count)
        }
    }
}

/// y = silu(gate) · up, value by value (Shazeer 2020, arXiv 2002.05202); all of one shape.
public func swiGLU(gate: Matrix, up: Matrix, into y: Matrix, workers: Workers) {
    precondition(gate.count == up.count && y.count == up.count, "\(gate.shape), \(up.shape) into \(y.shape)")
    workers.measure(.elementWise) {
        workers.forEachRange(gate.count, unit: 16, minimum: 8_192) {
            ck_swiglu(y.base + $0.lowerBound, gate.base + $0.lowerBound, up.base + $0.lowerBound, $0.count)
        }
    }
}

/// `swiGLU`, and y as the products that follow take it.
public func swiGLU(gate: Matrix, up: Matrix, into y: Matrix, as factor: ProductMatrix, workers: Workers) {
    precondition(gate.count == up.count && y.shape == up.shape, "\(gate.shape), \(up.shape) into \(y.shape)")
    factor.take(y, workers: workers) { rows in
        let offset = rows.lowerBound * y.columns
        ck_swiglu(y.base + offset, gate.base + offset, up.base + offset, rows.count * y.columns)
    }
}

/// Replaces `gate` and `up` by their gradients, given the gradient of `swiGLU`'s output, which it leaves in `y` once more.
public func swiGLUBackward(_ dy: Matrix, gate: Matrix, up: Matrix, output y: Matrix, workers: Workers) {
    precondition(
        gate.count == up.count && dy.count == up.count && y.count == up.count,
        "\(gate.shape), \(up.shape) from \(dy.shape), \(y.shape)")
    workers.measure(.elementWise) {
        workers.forEachRange(gate.count, unit: 16, minimum: 8_192) {
            ck_swiglu_backward(
                gate.base + $0.lowerBound, up.base + $0.lowerBound, y.base + $0.lowerBound, dy.base + $0.lowerBound,
                $0.count)
        }
    }
}

/// target's row i becomes source's row `indices[i]`.
public func gatherRows(_ indices: [Int], of source: Matrix, into target: Matrix) {
    precondition(target.columns == source.columns, "\(source.shape) into \(target.shape)")
    target.resize(rows: indices.count)
    for (row, index) in indices.enumerated() {
        precondition(index >= 0 && index < source.rows, "row \(index) of \(source.rows)")
        (target.base + row * target.columns).update(from: source.base + index * source.columns, count: source.columns)
    }
}

/// target's row `indices[i]` += weights[i] · source's row i: what `gatherRows` does to a gradient, weighted.
public func scatterRows(_ source: Matrix, weights: [Float], to indices: [Int], of target: Matrix) {
    precondition(
        source.rows == indices.count && weights.count == indices.count && source.columns == target.columns,
        "\(source.shape) to \(indices.count) rows of \(target.shape)")
    for (row, index) in indices.enumerated() {
        precondition(index >= 0 && index < target.rows, "row \(index) of \(target.rows)")
        ck_add_scaled(
            target.base + index * target.columns, source.base + row * source.columns, weights[row], source.columns)
    }
}

/// Expands rows of an embedding table (vocabulary × C), one for each token, into `target` (T × C).
///
/// Traps when a token is not in the table.
public func embed(_ tokens: [Int32], from table: FrozenWeight, into target: Matrix, workers: Workers) {
    precondition(target.columns == table.columns, "\(table.columns) columns into \(target.shape)")
    target.resize(rows: tokens.count)
    let base = target.base
    workers.measure(.elementWise) {
        workers.forEachRange(tokens.count, minimum: 32) { rows in
            for row in rows {
                let token = Int(tokens[row])
                precondition(token >= 0 && token < table.rows, "token \(token) of \(table.rows)")
                table.decode(rows: token..<(token + 1), into: base + row * table.columns)
            }
        }
    }
}

/// target's row `indices[i]` becomes source's row i: how a cache takes new keys and values.
public func placeRows(of source: Matrix, at indices: [Int], in target: Matrix) {
    precondition(
        source.rows == indices.count && source.columns == target.columns,
        "\(source.shape) at \(indices.count) rows of \(target.shape)")
    for (row, index) in indices.enumerated() {
        precondition(index >= 0 && index < target.rows, "row \(index) of \(target.rows)")
        (target.base + index * target.columns).update(from: source.base + row * source.columns, count: source.columns)
    }
}
