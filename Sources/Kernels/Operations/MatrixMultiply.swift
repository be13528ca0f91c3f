internal import CKernels
internal import COpenBLAS

/// Whether a factor of a product is used as it lies in memory or transposed.
enum Orientation {
    case asStored, transposed

    var blas: CBLAS_TRANSPOSE { self == .asStored ? CblasNoTrans : CblasTrans }
}

/// A factor of a product: where it begins, how far apart its rows lie, and whether it is used transposed.
struct Factor {
    let base: UnsafePointer<Float>
    let stride: Int
    let orientation: Orientation

    init(_ base: UnsafePointer<Float>, stride: Int, _ orientation: Orientation = .asStored) {
        self.base = base
        self.stride = stride
        self.orientation = orientation
    }

    /// The factor from the `row`-th row (of the factor as used) on.
    func fromRow(_ row: Int) -> Factor {
        Factor(base + (orientation == .asStored ? row * stride : row), stride: stride, orientation)
    }

    /// The factor from the `column`-th column (of the factor as used) on.
    func fromColumn(_ column: Int) -> Factor {
        Factor(base + (orientation == .asStored ? column : column * stride), stride: stride, orientation)
    }
}

/// c (m × n, rows `stride` apart) = alpha · a (m × k) · b (k × n) + beta · c, on this thread.
func multiply(
    _ a: Factor, _ b: Factor, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0,
    into c: UnsafeMutablePointer<Float>, stride: Int
) {
    guard m > 0, n > 0 else { return }
    cblas_sgemm(
        CblasRowMajor, a.orientation.blas, b.orientation.blas, blasint(m), blasint(n), blasint(k), alpha,
        a.base, blasint(a.stride), b.base, blasint(b.stride), beta, c, blasint(stride))
}

/// The same product, its longer side split over the workers.
func multiply(
    _ a: Factor, _ b: Factor, m: Int, n: Int, k: Int, alpha: Float = 1, beta: Float = 0,
    into c: UnsafeMutablePointer<Float>, stride: Int, workers: Workers
) {
    guard workers.count > 1, m * n * k > 65_536 else {
        return multiply(a, b, m: m, n: n, k: k, alpha: alpha, beta: beta, into: c, stride: stride)
    }
    if m >= n {
        workers.forEachUnevenRange(m, unit: 8) { _, rows in
            multiply(
                a.fromRow(rows.lowerBound), b, m: rows.count, n: n, k: k, alpha: alpha, beta: beta,
                into: c + rows.lowerBound * stride, stride: stride)
        }
    } else {
        workers.forEachUnevenRange(n, unit: 16) { _, columns in
            multiply(
                a, b.fromColumn(columns.lowerBound), m: m, n: columns.count, k: k, alpha: alpha, beta: beta,
                into: c + columns.lowerBound, stride: stride)
        }
    }
}

/// Up to so many rows, dot products are as fast as a product that packs its factors first, or faster.
let dotProductRows = 32

/// c (m × n) = a (m × k) · bᵀ, b (n × k), or added to c: as dot products when m is small, through BLAS otherwise.
///
/// As dot products a row's values do not depend, even in the last bit, on how many rows there are: what is written for
/// one prompt is then the same whatever is written beside it.
func multiplyTransposed(
    _ a: Factor, _ b: Factor, m: Int, n: Int, k: Int, accumulating: Bool, into c: UnsafeMutablePointer<Float>,
    stride: Int, workers: Workers
) {
    precondition(a.orientation == .asStored && b.orientation == .asStored, "factors as they lie in memory")
    guard m <= dotProductRows else {
        return multiply(
            a, Factor(b.base, stride: b.stride, .transposed), m: m, n: n, k: k, beta: accumulating ? 1 : 0, into: c,
            stride: stride, workers: workers)
    }
    workers.forEachRange(n, unit: 24, minimum: max(24, 65_536 / max(1, m * k))) { columns in
        ck_dot_products(
            c + columns.lowerBound, stride, a.base, a.stride, b.base + columns.lowerBound * b.stride, b.stride, m,
            columns.count, k, accumulating ? 1 : 0)
    }
}
