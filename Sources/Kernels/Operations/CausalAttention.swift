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

    /// The attention of a model's heads.
    public init(headCount: Int, keyValueHeadCount: Int, headDimension: Int) {
        precondition(
            keyValueHeadCount > 0 && headCount % keyValueHeadCount == 0,
            "\(headCount) heads, \(keyValueHeadCount) key-value heads")
        self.headCount = headCount
        self.keyValueHeadCount = keyValueHeadCount
        self.headDimension = headDimension
    }

    /// Queries handled at once: bounds the scores that exist at a time.
    static let queryBlock = 128

    private var group: Int { headCount / keyValueHeadCount }
    private var scale: Float { 1 / Float(headDimension).squareRoot() }

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
            withScratch(for: [span], copies: 1) { scratch in
                if span.queryCount == 1 {
                    oneQuery(span, kvHead: kvHead, q: q, k: k, v: v, output: output, scores: scratch)
                } else {
                    for head in kvHead * group..<(kvHead + 1) * group {
                        forEachBlock(of: span) { block in
                            probabilities(block, head: head, kvHead: kvHead, q: q, k: k, into: scratch)
                            let values = v.base + kvHead * headDimension
                            let target = output.base + block.queryStart * output.columns + head * headDimension
                            weigh(
                                block, probabilities: scratch, values: values, stride: v.columns, into: target,
                                targetStride: output.columns)
                        }
                    }
                }
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
            withScratch(for: spans, copies: 2) { scratch in
                for span in spans {
                    for head in kvHead * group..<(kvHead + 1) * group {
                        forEachBlock(of: span) { block in
                            blockBackward(
                                block, head: head, kvHead: kvHead, dOutput: dOutput, output: output, q: q, k: k, v: v,
                                dq: dq, dk: dk, dv: dv, root: root?.part(task), scratch: scratch)
                        }
                    }
                }
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
    private struct Block {
        var queryStart: Int
        var queryCount: Int
        var span: AttentionSpan
        /// Own keys that the block's last query sees.
        var ownCount: Int
        /// Columns that the block's first query sees, root and prefix included.
        var firstColumns: Int

        var columns: Int { span.rootCount + span.prefixCount + ownCount }
    }

    private func forEachBlock(of span: AttentionSpan, _ body: (Block) -> Void) {
        for start in stride(from: 0, to: span.queryCount, by: Self.queryBlock) {
            let count = min(Self.queryBlock, span.queryCount - start)
            body(
                Block(
                    queryStart: span.queryStart + start, queryCount: count, span: span,
                    ownCount: span.keyOffset + start + count, firstColumns: span.keysBefore + start + 1))
        }
    }

    /// The softmax of the block's scaled scores, (queries × columns): root, prefix, own keys.
    private func probabilities(
        _ block: Block, head: Int, kvHead: Int, q: Matrix, k: Matrix, into scores: UnsafeMutablePointer<Float>
    ) {
        let queries = Factor(q.base + block.queryStart * q.columns + head * headDimension, stride: q.columns)
        forEachKeyRange(of: block) { start, count, column, _ in
            let keys = Factor(k.base + start * k.columns + kvHead * headDimension, stride: k.columns, .transposed)
            multiply(
                queries, keys, m: block.queryCount, n: count, k: headDimension, alpha: scale, into: scores + column,
                stride: block.columns)
        }
        ck_softmax_causal(scores, block.queryCount, block.columns, block.columns, block.firstColumns)
    }

    /// target = probabilities · values over all key ranges.
    private func weigh(
        _ block: Block, probabilities: UnsafeMutablePointer<Float>, values: UnsafeMutablePointer<Float>, stride: Int,
        into target: UnsafeMutablePointer<Float>, targetStride: Int
    ) {
        forEachKeyRange(of: block) { start, count, column, _ in
            multiply(
                Factor(probabilities + column, stride: block.columns), Factor(values + start * stride, stride: stride),
                m: block.queryCount, n: headDimension, k: count, beta: column == 0 ? 0 : 1, into: target,
                stride: targetStride)
        }
    }

    private func forEachKeyRange(
        of block: Block, _ body: (_ start: Int, _ count: Int, _ column: Int, _ isRoot: Bool) -> Void
    ) {
        let span = block.span
        if span.rootCount > 0 { body(span.rootStart, span.rootCount, 0, true) }
        if span.prefixCount > 0 { body(span.prefixStart, span.prefixCount, span.rootCount, false) }
        body(span.keyStart, block.ownCount, span.rootCount + span.prefixCount, false)
    }

    /// One query: the group's heads lie next to each other, so they are the rows of one product.
    private func oneQuery(
        _ span: AttentionSpan, kvHead: Int, q: Matrix, k: Matrix, v: Matrix, output: Matrix,
        scores: UnsafeMutablePointer<Float>
    ) {
        let columns = span.keysBefore + 1
        let block = Block(
            queryStart: span.queryStart, queryCount: group, span: span, ownCount: span.keyOffset + 1,
            firstColumns: columns)
        let queries = Factor(
            q.base + span.queryStart * q.columns + kvHead * group * headDimension, stride: headDimension)
        forEachKeyRange(of: block) { start, count, column, _ in
            let keys = Factor(k.base + start * k.columns + kvHead * headDimension, stride: k.columns, .transposed)
            multiply(
                queries, keys, m: group, n: count, k: headDimension, alpha: scale, into: scores + column,
                stride: columns)
        }
        ck_softmax_causal(scores, group, columns, columns, columns)
        weigh(
            block, probabilities: scores, values: v.base + kvHead * headDimension, stride: v.columns,
            into: output.base + span.queryStart * output.columns + kvHead * group * headDimension,
            targetStride: headDimension)
    }

    private func blockBackward(
        _ block: Block, head: Int, kvHead: Int, dOutput: Matrix, output: Matrix, q: Matrix, k: Matrix, v: Matrix,
        dq: Matrix, dk: Matrix, dv: Matrix, root: RootGradients.Part?, scratch: UnsafeMutablePointer<Float>
    ) {
        let weights = scratch
        let gradient = scratch + block.queryCount * block.columns
        let (keyOffset, queryOffset) = (kvHead * headDimension, block.queryStart * q.columns + head * headDimension)
        probabilities(block, head: head, kvHead: kvHead, q: q, k: k, into: weights)
        let dOut = Factor(dOutput.base + queryOffset, stride: dOutput.columns)
        /// Where the gradient of a key range goes: the root's into the task's own part, any other to its rows.
        func target(_ matrix: Matrix, _ own: UnsafeMutablePointer<Float>?, _ start: Int, _ isRoot: Bool) -> (
            base: UnsafeMutablePointer<Float>, stride: Int
        ) {
            if isRoot, let own { return (own, headDimension) }
            return (matrix.base + start * matrix.columns + keyOffset, matrix.columns)
        }
        forEachKeyRange(of: block) { start, count, column, isRoot in
            multiply(
                dOut, Factor(v.base + start * v.columns + keyOffset, stride: v.columns, .transposed),
                m: block.queryCount, n: count, k: headDimension, into: gradient + column, stride: block.columns)
            let values = target(dv, root?.values, start, isRoot)
            multiply(
                Factor(weights + column, stride: block.columns, .transposed), dOut,
                m: count, n: headDimension, k: block.queryCount, beta: 1, into: values.base, stride: values.stride)
        }
        ck_softmax_backward(
            gradient, weights, dOutput.base + queryOffset, output.base + queryOffset, scale, block.queryCount,
            block.columns, block.columns, headDimension, output.columns)
        forEachKeyRange(of: block) { start, count, column, isRoot in
            multiply(
                Factor(gradient + column, stride: block.columns),
                Factor(k.base + start * k.columns + keyOffset, stride: k.columns),
                m: block.queryCount, n: headDimension, k: count, beta: column == 0 ? 0 : 1,
                into: dq.base + queryOffset, stride: dq.columns)
            let keys = target(dk, root?.keys, start, isRoot)
            multiply(
                Factor(gradient + column, stride: block.columns, .transposed),
                Factor(q.base + queryOffset, stride: q.columns),
                m: count, n: headDimension, k: block.queryCount, beta: 1, into: keys.base, stride: keys.stride)
        }
    }

    private func withScratch(for spans: [AttentionSpan], copies: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
        let largest =
            spans.map { span in
                max(min(span.queryCount, Self.queryBlock), group) * (span.keysBefore + span.queryCount)
            }.max() ?? 0
        let scratch = UnsafeMutablePointer<Float>.allocate(capacity: max(1, largest * copies))
        defer { scratch.deallocate() }
        body(scratch)
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
