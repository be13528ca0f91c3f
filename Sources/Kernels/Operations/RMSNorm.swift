internal import CKernels

/// y = x / √(mean(x²) + ε) · w, row by row (Zhang and Sennrich 2019, arXiv 1910.07467).
///
/// - Parameters:
///   - x: (T × C).
///   - weight: C values.
///   - epsilon: added to the mean square, as the model's configuration has it.
///   - y: (T × C); may not be `x`.
///   - workers: the threads to use.
public func rmsNorm(_ x: Matrix, weight: [Float], epsilon: Float, into y: Matrix, workers: Workers) {
    precondition(x.columns == weight.count && y.rows == x.rows && y.columns == x.columns, "\(x.shape) into \(y.shape)")
    let columns = x.columns
    workers.measure(.elementWise) {
        weight.withUnsafeBufferPointer { weight in
            guard let weight = weight.baseAddress else { return }
            workers.forEachRange(x.rows, minimum: 32) { rows in
                let offset = rows.lowerBound * columns
                ck_rmsnorm(y.base + offset, nil, x.base + offset, weight, epsilon, rows.count, columns)
            }
        }
    }
}

/// `rmsNorm`, and y as the products that follow take it.
public func rmsNorm(
    _ x: Matrix, weight: [Float], epsilon: Float, into y: Matrix, as factor: ProductMatrix, workers: Workers
) {
    precondition(x.columns == weight.count && y.rows == x.rows && y.columns == x.columns, "\(x.shape) into \(y.shape)")
    weight.withUnsafeBufferPointer { weight in
        guard let weight = weight.baseAddress else { return }
        factor.take(y, workers: workers) { rows in
            let offset = rows.lowerBound * y.columns
            ck_rmsnorm(y.base + offset, nil, x.base + offset, weight, epsilon, rows.count, y.columns)
        }
    }
}

/// dx += the gradient of `rmsNorm` with respect to its input.
///
/// - Parameters:
///   - dy: (T × C), the gradient of the output.
///   - x: (T × C), the input of the forward pass.
///   - weight: C values.
///   - epsilon: as in the forward pass.
///   - dx: (T × C), added to.
///   - workers: the threads to use.
public func rmsNormBackward(
    _ dy: Matrix, x: Matrix, weight: [Float], epsilon: Float, into dx: Matrix, workers: Workers
) {
    precondition(dy.rows == x.rows && dx.rows == x.rows && dx.columns == x.columns, "\(dy.shape) into \(dx.shape)")
    let columns = x.columns
    workers.measure(.elementWise) {
        weight.withUnsafeBufferPointer { weight in
            guard let weight = weight.baseAddress else { return }
            workers.forEachRange(x.rows, minimum: 32) { rows in
                let offset = rows.lowerBound * columns
                ck_rmsnorm_backward(
                    dx.base + offset, dy.base + offset, x.base + offset, weight, epsilon, rows.count, columns)
            }
        }
    }
}
