internal import CKernels

/// Products of activations with frozen weights, in one compute type, on a model's threads.
///
/// Not `Sendable`: it belongs to the pass that uses it.
public final class MatrixProducts {
    /// The type of the factors.
    public let computeType: ComputeType
    /// The threads.
    public let workers: Workers
    let form: FactorForm
    /// One for each thread; none where the factors are used as they are.
    private let prepared: [PreparedProducts]
    /// The first factor of the change that is being added to a weight.
    private let changeFactor: ProductMatrix
    /// What goes with the factor beside a weight's integers, a row for each of x.
    private let beside = Matrix(rows: 0, columns: 0)

    /// Products in a compute type on the given threads, in the form that is fastest here.
    public convenience init(_ computeType: ComputeType = .float32, workers: Workers) {
        self.init(computeType, form: .fastest(for: computeType), workers: workers)
    }

    init(_ computeType: ComputeType, form: FactorForm, workers: Workers) {
        self.computeType = computeType
        self.form = form
        self.workers = workers
        changeFactor = ProductMatrix(form)
        let usesOneDNN = BFloat16Support.hasOneDNN
        prepared = form == .full ? [] : (0..<workers.count).map { _ in PreparedProducts(usesOneDNN: usesOneDNN) }
    }

    /// An empty matrix in the form of these products.
    public func matrix() -> ProductMatrix { ProductMatrix(form) }

    /// Working memory of one thread for `count` fp32 values, until the thread's next product.
    func tile(_ part: Int, count: Int) -> UnsafeMutablePointer<Float> {
        prepared[part].reserve(count * MemoryLayout<Float>.stride).bindMemory(to: Float.self, capacity: count)
    }

    /// y = x · wᵀ or, back, x · w, or added to y; not for fp32 as it is.
    ///
    /// - Parameters:
    ///   - x: the input (T × k).
    ///   - w: the weight, in the role that the direction needs.
    ///   - backward: whether the product is `projectBackward`'s.
    ///   - accumulating: whether to add to what y holds.
    ///   - y: T rows.
    ///   - stride: how far apart the rows of y lie.
    func multiply(
        _ x: ProductMatrix, _ w: ProductMatrix, backward: Bool, accumulating: Bool,
        into y: UnsafeMutablePointer<Float>, stride: Int
    ) {
        let product = ProductShape(
            m: x.rows, n: backward ? w.columns : w.rows, k: x.columns, xStride: x.columns, wStride: w.columns,
            yStride: stride, isTransposed: !backward, isAccumulating: accumulating)
        switch form {
        case .full: preconditionFailure("fp32 factors are multiplied as they are")
        case .panels: multiplyPanels(x, w, product, into: y)
        case .rounded: multiplyRounded(product, x: x.bfloat16, w: w.bfloat16, into: y)
        case .tiled(let parts):
            if let integers = w.integers { return multiplyIntegers(x, integers, product, into: y) }
            multiplyTiled(x, w, parts: parts, product, into: y)
        }
    }

    private func multiplyPanels(
        _ x: ProductMatrix, _ w: ProductMatrix, _ product: ProductShape, into y: UnsafeMutablePointer<Float>
    ) {
        let (base, stride) = x.taken
        forEachPiece(of: product) { rows, columns in
            ck_panel_product(
                y + rows.lowerBound * product.yStride + columns.lowerBound, product.yStride,
                base + rows.lowerBound * stride, stride, w.panels(fromColumn: columns.lowerBound), rows.count,
                columns.count, product.k, product.isAccumulating ? 1 : 0)
        }
    }

    private func multiplyTiled(
        _ x: ProductMatrix, _ w: ProductMatrix, parts: Int, _ product: ProductShape,
        into y: UnsafeMutablePointer<Float>
    ) {
        let engine = MatrixTiles.engine(parts: parts)
        forEachPiece(of: product) { rows, columns in
            ck_tiled_product(
                y + rows.lowerBound * product.yStride + columns.lowerBound, product.yStride,
                x.tiles(fromRow: rows.lowerBound), w.tiles(fromRow: columns.lowerBound), rows.count, columns.count,
                product.k, product.k, Int32(parts), product.isAccumulating ? 1 : 0, engine)
        }
    }

    /// Whether these products take a weight's integers as they are.
    func takesIntegers(of weight: FrozenWeight) -> Bool { form == IntegerFactor.form && IntegerFactor.fits(weight) }

    private func multiplyIntegers(
        _ x: ProductMatrix, _ w: IntegerFactor, _ product: ProductShape, into y: UnsafeMutablePointer<Float>
    ) {
        let width = w.beside.rows
        if width > 0 { takeBeside(x, w) }
        forEachPiece(of: product, columnUnit: 64) { rows, columns in
            let target = y + rows.lowerBound * product.yStride + columns.lowerBound
            if width > 0 {
                ck_tile_products(
                    target, product.yStride, beside.base + rows.lowerBound * width, width, 1,
                    w.beside.base + columns.lowerBound, w.beside.columns, rows.count, columns.count, width,
                    product.isAccumulating ? 1 : 0)
            }
            ck_scaled_product(
                target, product.yStride, x.tiles(fromRow: rows.lowerBound), w.tiles(fromRow: columns.lowerBound),
                w.scales(fromRow: columns.lowerBound), rows.count, columns.count, product.k,
                product.isAccumulating || width > 0 ? 1 : 0, MatrixTiles.run ? 1 : 0)
        }
    }

    /// Computes what goes with `w.beside`: the sums of the blocks of x, then x · Aᵀ.
    private func takeBeside(_ x: ProductMatrix, _ w: IntegerFactor) {
        let (sums, rank) = (w.offsetRows > 0 ? x.blockSums(workers) : nil, w.change?.rank ?? 0)
        beside.reshape(rows: x.rows, columns: w.beside.rows)
        workers.measure(rank > 0 ? .adapter : .elementWise, operations: 2 * x.rows * rank * x.columns) {
            workers.forEachRange(x.rows, minimum: 32) { rows in
                let own = beside.base + rows.lowerBound * beside.columns
                if let sums {
                    for row in rows {
                        (beside.base + row * beside.columns).update(
                            from: sums.base + row * sums.columns, count: sums.columns)
                    }
                }
                guard let a = w.change?.a else { return }
                ck_dot_products(
                    own + w.offsetRows, beside.columns, x.taken.base + rows.lowerBound * x.taken.stride, x.taken.stride,
                    a.base, a.columns, rows.count, rank, a.columns, 0)
            }
        }
    }

    /// Brings the first factor of a change, which `add` multiplies with, into the products' form, where that is tiles.
    func prepare(_ change: LowRankFactors) {
        guard case .tiled = form else { return }
        changeFactor.take(change.a, as: .weightBackward, workers: workers)
    }

    /// Adds rows of a change that was prepared to as many of an expanded weight; any number of threads at a time.
    func add(_ change: LowRankFactors, rows: Range<Int>, to part: UnsafeMutablePointer<Float>) {
        guard case .tiled(let parts) = form else { return Kernels.add(change, rows: rows, to: part) }
        let (rank, columns) = (change.rank, change.a.columns)
        let bytes = ck_tiled_values(rows.count, rank, Int32(parts)) * MemoryLayout<UInt16>.stride
        change.withScaledRows(rows) { b in
            withUnsafeTemporaryAllocation(byteCount: bytes, alignment: 64) { room in
                guard let tiles = room.bindMemory(to: UInt16.self).baseAddress else { return }
                ck_tile_rows(tiles, Int32(parts), b, rank, rows.count, rank)
                ck_tiled_product(
                    part, columns, tiles, changeFactor.tiles(fromRow: 0), rows.count, columns, rank, rank, Int32(parts),
                    1, MatrixTiles.engine(parts: parts))
            }
        }
    }

    /// Runs `body` on pieces of a product in tiles.
    ///
    /// No value depends on how it is cut, so the pieces go to whichever thread is free.
    private func forEachPiece(
        of product: ProductShape, columnUnit: Int = 32, _ body: (_ rows: Range<Int>, _ columns: Range<Int>) -> Void
    ) {
        guard workers.count > 1, !product.isSmall else { return body(0..<product.m, 0..<product.n) }
        let grid = Self.grid(m: product.m, n: product.n, pieces: Self.piecesAThread * workers.count)
        workers.forEachTask(grid.rows * grid.columns) { task in
            body(
                Workers.part(task / grid.columns, of: grid.rows, total: product.m, unit: form.unit),
                Workers.part(task % grid.columns, of: grid.columns, total: product.n, unit: columnUnit))
        }
    }

    /// Pieces of a product for each thread, so that one which others of the machine hold up takes fewer.
    private static let piecesAThread = 16

    /// The pieces' arrangement in which the fewest rows of x and columns of w are read again.
    static func grid(m: Int, n: Int, pieces: Int) -> (rows: Int, columns: Int) {
        let arrangements = (1...pieces).filter { pieces % $0 == 0 }.map { (rows: pieces / $0, columns: $0) }
        return arrangements.min { $0.columns * m + $0.rows * n < $1.columns * m + $1.rows * n } ?? (1, 1)
    }

    /// Columns from which a product is split by columns: each thread then packs a part of w of its own.
    private static let fewestSplitColumns = 512

    private func multiplyRounded(
        _ whole: ProductShape, x: UnsafePointer<UInt16>, w: UnsafePointer<UInt16>,
        into y: UnsafeMutablePointer<Float>
    ) {
        if workers.count == 1 || whole.isSmall {
            prepared[0].run(whole, x: x, w: w, into: y)
        } else if whole.n >= Self.fewestSplitColumns {
            workers.forEachUnevenRange(whole.n, unit: 32) { part, columns in
                var own = whole
                own.n = columns.count
                let start = whole.isTransposed ? columns.lowerBound * whole.wStride : columns.lowerBound
                prepared[part].run(own, x: x, w: w + start, into: y + columns.lowerBound)
            }
        } else {
            workers.forEachUnevenRange(whole.m, unit: 32) { part, rows in
                var own = whole
                own.m = rows.count
                prepared[part].run(
                    own, x: x + rows.lowerBound * whole.xStride, w: w, into: y + rows.lowerBound * whole.yStride)
            }
        }
    }
}
