internal import CKernels

/// Scaled dot-product attention with grouped key and value heads.
///
/// Vaswani et al. 2017, arXiv 1706.03762, section 3.2; Ainslie et al. 2023, arXiv 2305.13245.
public struct CausalAttention: Sendable {
    /// The number of query heads.
    public let headCount: Int
    /// The number of key and value heads; divides `headCount`.
    public let keyValueHeadCount: Int
    /// The head dimension D; scores are scaled by 1/√D.
    public let headDimension: Int
    /// The bf16 parts in which products take their factors, on matrix tiles; nil for fp32 as it is.
    var tileParts: Int?

    /// The attention of a model's heads.
    public init(headCount: Int, keyValueHeadCount: Int, headDimension: Int) {
        precondition(
            keyValueHeadCount > 0 && headCount % keyValueHeadCount == 0,
            "\(headCount) heads, \(keyValueHeadCount) key-value heads")
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headDimension = headDimension
    }

    /// The same attention for a pass with these products: with bf16 factors where theirs are, if that is on matrix tiles.
    public func taking(_ products: MatrixProducts) -> CausalAttention {
        var result = self
        result.tileParts = products.form == .tiled(parts: 1) ? 1 : nil
        return result
    }

    /// Rows of scores handled at once, about: they and their gradient stay in the core's own cache.
    private static let stackedRows = 192

    /// Query heads that share a key and value head; they are the rows of one product, query after query.
    var group: Int { headCount / keyValueHeadCount }
    /// Queries handled at once.
    var queryBlock: Int { max(32, Self.stackedRows / group) }
    var scale: Float { 1 / Float(headDimension).squareRoot() }

    /// output's rows = attention of the spans' queries over their keys and values.
    ///
    /// - Parameters:
    ///   - q: (T × heads·D), rotated.
    ///   - k: (keys × keyValueHeads·D), rotated.
    ///   - v: (keys × keyValueHeads·D).
    ///   - spans: every query row in at most one span.
    ///   - output: (T × heads·D).
    ///   - workers: the threads to use.
    public func forward(q: Matrix, k: Matrix, v: Matrix, spans: [AttentionSpan], into output: Matrix, workers: Workers)
    {
        spans.forEach { check($0, q: q, k: k) }
        workers.measure(.attention, operations: 4 * productSize(spans)) {
            forwardTasks(q: q, k: k, v: v, spans: spans, into: output, workers: workers)
        }
    }

    private func forwardTasks(
        q: Matrix, k: Matrix, v: Matrix, spans: [AttentionSpan], into output: Matrix, workers: Workers
    ) {
        workers.forEachTask(spans.count * keyValueHeadCount) { task in
            let span = spans[task / keyValueHeadCount]
            let kvHead = task % keyValueHeadCount
            guard span.queryCount > 1 else {
                return oneQuery(span, kvHead: kvHead, q: q, k: k, v: v, output: output)
            }
            if let tileParts {
                return tiledForward(span, kvHead: kvHead, q: q, k: k, v: v, output: output, parts: tileParts)
            }
            let rows = AttentionScratch(self, spans: [span], scores: 1, stacks: 2, keys: 1, transposed: 1)
            let (scores, queries, result) = (rows.scores[0], rows.stacks[0], rows.stacks[1])
            gatherTransposed(span, kvHead: kvHead, of: k, scale: scale, into: rows.transposed[0])
            gather(span, kvHead: kvHead, of: v, into: rows.keys[0])
            forEachBlock(of: span) { block in
                stack(block, kvHead: kvHead, of: q, into: queries)
                probabilities(block, queries: queries, keys: rows.transposed[0], into: scores)
                product(block, of: scores, with: rows.keys[0], into: result)
                unstack(block, kvHead: kvHead, result, into: output)
            }
        }
    }

    /// Adds the gradients with respect to queries, keys and values.
    ///
    /// The probabilities are computed again from `q` and `k` rather than kept.
    ///
    /// - Parameters:
    ///   - dOutput: (T × heads·D), the gradient of the output.
    ///   - output: the forward pass's output.
    ///   - q: as in the forward pass.
    ///   - k: as in the forward pass.
    ///   - v: as in the forward pass.
    ///   - groups: the forward pass's spans, those that share keys in one group; but for one root that any of them may
    ///     see, groups touch disjoint rows.
    ///   - dq: (T × heads·D), overwritten in the spans' rows.
    ///   - dk: (keys × keyValueHeads·D), added to.
    ///   - dv: (keys × keyValueHeads·D), added to.
    ///   - workers: the threads to use.
    public func backward(
        _ dOutput: Matrix, output: Matrix, q: Matrix, k: Matrix, v: Matrix, groups: [[AttentionSpan]],
        dq: Matrix, dk: Matrix, dv: Matrix, workers: Workers
    ) {
        groups.joined().forEach { check($0, q: q, k: k) }
        workers.measure(.attention, operations: 10 * productSize(Array(groups.joined()))) {
            backwardTasks(
                dOutput, output: output, q: q, k: k, v: v, groups: groups, dq: dq, dk: dk, dv: dv, workers: workers)
        }
    }

    private func backwardTasks(
        _ dOutput: Matrix, output: Matrix, q: Matrix, k: Matrix, v: Matrix, groups: [[AttentionSpan]],
        dq: Matrix, dk: Matrix, dv: Matrix, workers: Workers
    ) {
        let root = RootGradients(groups: groups, attention: self)
        workers.forEachTask(groups.count * keyValueHeadCount) { task in
            let spans = groups[task / keyValueHeadCount]
            let kvHead = task % keyValueHeadCount
            if let tileParts {
                let matrices = BackwardMatrices(
                    dOutput: dOutput, output: output, q: q, k: k, v: v, dq: dq, dk: dk, dv: dv)
                return tiledBackward(
                    spans, kvHead: kvHead, matrices, root: root?.part(task), parts: tileParts)
            }
            let rows = AttentionScratch(self, spans: spans, scores: 2, stacks: 4, keys: 3, transposed: 2)
            let (keyGradient, valueGradient) = (rows.keys[1], rows.keys[2])
            for span in spans {
                gather(span, kvHead: kvHead, of: k, into: rows.keys[0])
                gatherTransposed(span, kvHead: kvHead, of: k, scale: scale, into: rows.transposed[0])
                gatherTransposed(span, kvHead: kvHead, of: v, scale: 1, into: rows.transposed[1])
                let size = (span.keysBefore + span.queryCount) * headDimension
                keyGradient.update(repeating: 0, count: size)
                valueGradient.update(repeating: 0, count: size)
                forEachBlock(of: span) { block in
                    stack(block, kvHead: kvHead, of: q, into: rows.stacks[0])
                    stack(block, kvHead: kvHead, of: dOutput, into: rows.stacks[1])
                    stack(block, kvHead: kvHead, of: output, into: rows.stacks[2])
                    blockBackward(block, rows)
                    unstack(block, kvHead: kvHead, rows.stacks[3], into: dq)
                }
                scatter(span, kvHead: kvHead, keyGradient, into: dk, root: root?.part(task).keys)
                scatter(span, kvHead: kvHead, valueGradient, into: dv, root: root?.part(task).values)
            }
        }
        root?.add(toKeys: dk, values: dv)
    }

    /// Multiplications of one product of queries with keys over all spans and heads, as the blocks run them.
    private func productSize(_ spans: [AttentionSpan]) -> Int {
        var size = 0
        for span in spans { forEachBlock(of: span) { size += $0.queryCount * $0.columns } }
        return size * headCount * headDimension
    }

    /// Part of a span whose scores are held at once.
    struct Block {
        var queryStart: Int
        var queryCount: Int
        var span: AttentionSpan
        /// Own keys that the block's last query sees.
        var ownCount: Int
        /// Columns that the block's first query sees, root and prefix included.
        var firstColumns: Int

        var columns: Int { span.rootCount + span.prefixCount + ownCount }
        /// How far apart the rows of its scores lie.
        var stride: Int { AttentionScratch.stride(columns) }
    }

    func forEachBlock(of span: AttentionSpan, _ body: (Block) -> Void) {
        for start in stride(from: 0, to: span.queryCount, by: queryBlock) {
            let count = min(queryBlock, span.queryCount - start)
            body(
                Block(
                    queryStart: span.queryStart + start, queryCount: count, span: span,
                    ownCount: span.keyOffset + start + count, firstColumns: span.keysBefore + start + 1))
        }
    }

    /// Lays a block's rows of the group's heads one under the other: (queries · group × D), query after query.
    func stack(_ block: Block, kvHead: Int, of matrix: Matrix, into target: UnsafeMutablePointer<Float>) {
        let width = group * headDimension
        for row in 0..<block.queryCount {
            let source = matrix.base + (block.queryStart + row) * matrix.columns + kvHead * width
            (target + row * width).update(from: source, count: width)
        }
    }

    func unstack(_ block: Block, kvHead: Int, _ rows: UnsafeMutablePointer<Float>, into matrix: Matrix) {
        let width = group * headDimension
        for row in 0..<block.queryCount {
            let target = matrix.base + (block.queryStart + row) * matrix.columns + kvHead * width
            target.update(from: rows + row * width, count: width)
        }
    }

    /// Lays one head's rows of all keys that the span sees one under the other: root, prefix, own.
    func gather(_ span: AttentionSpan, kvHead: Int, of matrix: Matrix, into target: UnsafeMutablePointer<Float>) {
        forEachKeyRange(of: span) { start, count, column, _ in
            for row in 0..<count {
                (target + (column + row) * headDimension).update(
                    from: matrix.base + (start + row) * matrix.columns + kvHead * headDimension, count: headDimension)
            }
        }
    }

    /// Lays them side by side, (D × keys), scaled; what fills the last vector of a row is zero.
    private func gatherTransposed(
        _ span: AttentionSpan, kvHead: Int, of matrix: Matrix, scale: Float, into target: UnsafeMutablePointer<Float>
    ) {
        let columns = span.keysBefore + span.queryCount
        let stride = AttentionScratch.stride(columns)
        forEachKeyRange(of: span) { start, count, column, _ in
            ck_transpose(
                target + column, stride, matrix.base + start * matrix.columns + kvHead * headDimension, matrix.columns,
                count, headDimension, scale)
        }
        for row in 0..<headDimension {
            (target + row * stride + columns).update(repeating: 0, count: stride - columns)
        }
    }

    /// Adds such rows to where they came from; the root's to `root`, the task's own part.
    func scatter(
        _ span: AttentionSpan, kvHead: Int, _ rows: UnsafeMutablePointer<Float>, into matrix: Matrix,
        root: UnsafeMutablePointer<Float>?
    ) {
        forEachKeyRange(of: span) { start, count, column, isRoot in
            let source = rows + column * headDimension
            if isRoot, let root { return ck_add(root, source, count * headDimension) }
            for row in 0..<count {
                ck_add(
                    matrix.base + (start + row) * matrix.columns + kvHead * headDimension,
                    source + row * headDimension, headDimension)
            }
        }
    }

    private func forEachKeyRange(
        of span: AttentionSpan, _ body: (_ start: Int, _ count: Int, _ column: Int, _ isRoot: Bool) -> Void
    ) {
        if span.rootCount > 0 { body(span.rootStart, span.rootCount, 0, true) }
        if span.prefixCount > 0 { body(span.prefixStart, span.prefixCount, span.rootCount, false) }
        body(span.keyStart, span.keyOffset + span.queryCount, span.rootCount + span.prefixCount, false)
    }

    /// The softmax of the block's scores with scaled and transposed keys, (queries · group × columns).
    private func probabilities(
        _ block: Block, queries: UnsafeMutablePointer<Float>, keys: UnsafeMutablePointer<Float>,
        into scores: UnsafeMutablePointer<Float>
    ) {
        scoreProduct(block, queries, keys, into: scores)
        ck_softmax_causal(
            scores, block.queryCount * group, block.columns, block.stride, block.firstColumns, group)
    }

    /// scores (queries · group × columns) = rows (queries · group × D) · transposed (D × columns).
    private func scoreProduct(
        _ block: Block, _ rows: UnsafeMutablePointer<Float>, _ transposed: UnsafeMutablePointer<Float>,
        into scores: UnsafeMutablePointer<Float>
    ) {
        let keys = block.span.keysBefore + block.span.queryCount
        ck_tile_products(
            scores, block.stride, rows, headDimension, 1, transposed, AttentionScratch.stride(keys),
            block.queryCount * group, block.stride, headDimension, 0)
    }

    /// target (queries · group × D) = weights (queries · group × columns) · values (columns × D).
    private func product(
        _ block: Block, of weights: UnsafeMutablePointer<Float>, with values: UnsafeMutablePointer<Float>,
        into target: UnsafeMutablePointer<Float>
    ) {
        ck_tile_products(
            target, headDimension, weights, block.stride, 1, values, headDimension, block.queryCount * group,
            headDimension, block.columns, 0)
    }

    /// Adds weightsᵀ · rows (columns × D) to `target`.
    private func addProduct(
        _ block: Block, ofTransposed weights: UnsafeMutablePointer<Float>, with rows: UnsafeMutablePointer<Float>,
        into target: UnsafeMutablePointer<Float>
    ) {
        ck_tile_products(
            target, headDimension, weights, 1, block.stride, rows, headDimension, block.columns, headDimension,
            block.queryCount * group, 1)
    }

    /// From the stacked queries, dOutput and output (stacks 0, 1, 2) to the gradient of the queries (stack 3), adding to
    /// those of keys and values (keys 1 and 2).
    private func blockBackward(_ block: Block, _ rows: AttentionScratch) {
        let (weights, gradient) = (rows.scores[0], rows.scores[1])
        let (queries, dOut, out, dQueries) = (rows.stacks[0], rows.stacks[1], rows.stacks[2], rows.stacks[3])
        probabilities(block, queries: queries, keys: rows.transposed[0], into: weights)
        addProduct(block, ofTransposed: weights, with: dOut, into: rows.keys[2])
        scoreProduct(block, dOut, rows.transposed[1], into: gradient)
        ck_softmax_backward(
            gradient, weights, dOut, out, scale, block.queryCount * group, block.columns, block.stride, headDimension,
            headDimension)
        product(block, of: gradient, with: rows.keys[0], into: dQueries)
        addProduct(block, ofTransposed: gradient, with: queries, into: rows.keys[1])
    }

    /// One query: its heads lie next to each other as they are, and no value depends on what else is asked.
    private func oneQuery(_ span: AttentionSpan, kvHead: Int, q: Matrix, k: Matrix, v: Matrix, output: Matrix) {
        let columns = span.keysBefore + 1
        let scores = UnsafeMutablePointer<Float>.allocate(capacity: group * columns)
        defer { scores.deallocate() }
        let (heads, offset) = (kvHead * group * headDimension, kvHead * headDimension)
        forEachKeyRange(of: span) { start, count, column, _ in
            ck_dot_products(
                scores + column, columns, q.base + span.queryStart * q.columns + heads, headDimension,
                k.base + start * k.columns + offset, k.columns, group, count, headDimension, 0)
        }
        ck_scale(scores, scale, group * columns)
        ck_softmax_causal(scores, group, columns, columns, columns, group)
        forEachKeyRange(of: span) { start, count, column, _ in
            ck_weighted_rows(
                output.base + span.queryStart * output.columns + heads, headDimension, scores + column, columns,
                v.base + start * v.columns + offset, v.columns, group, headDimension, count, column == 0 ? 0 : 1)
        }
    }

    private func check(_ span: AttentionSpan, q: Matrix, k: Matrix) {
        precondition(
            span.queryStart >= 0 && span.queryCount > 0 && span.queryStart + span.queryCount <= q.rows
                && span.rootStart >= 0 && span.rootCount >= 0 && span.rootStart + span.rootCount <= k.rows
                && span.prefixStart >= 0 && span.prefixCount >= 0 && span.prefixStart + span.prefixCount <= k.rows
                && span.keyStart >= 0 && span.keyOffset >= 0
                && span.keyStart + span.keyOffset + span.queryCount <= k.rows,
            "span \(span) of \(q.rows) queries and \(k.rows) keys")
        precondition(
            q.columns == headCount * headDimension && k.columns == keyValueHeadCount * headDimension,
            "queries \(q.shape), keys \(k.shape)")
    }
}
