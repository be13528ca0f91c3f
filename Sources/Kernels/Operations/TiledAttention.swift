internal import CKernels

/// What the backward pass of attention reads and writes.
struct BackwardMatrices {
    let dOutput: Matrix
    let output: Matrix
    let q: Matrix
    let k: Matrix
    let v: Matrix
    let dq: Matrix
    let dk: Matrix
    let dv: Matrix
}

/// Attention whose products are taken on the processor's matrix tiles, in so many bf16 parts; softmax stays fp32.
///
/// The gradients of keys and values are formed transposed, (D × keys): scores and their gradient then are right factors,
/// which lie in tiles as they come.
extension CausalAttention {
    /// The part of `forward` for one span and one key-value head.
    func tiledForward(
        _ span: AttentionSpan, kvHead: Int, q: Matrix, k: Matrix, v: Matrix, output: Matrix, parts: Int
    ) {
        let memory = TiledAttentionScratch(self, spans: [span], parts: parts, scores: 1, stacks: 2)
        let (scores, queries, result) = (memory.scores[0], memory.stacks[0], memory.stacks[1])
        gather(span, kvHead: kvHead, of: k, into: memory.gathered)
        memory.takeAsColumns(memory.gathered, span, into: memory.keyColumns)
        gather(span, kvHead: kvHead, of: v, into: memory.gathered)
        memory.takeAsRows(memory.gathered, span, into: memory.valueRows)
        forEachBlock(of: span) { block in
            let rows = block.queryCount * group
            stack(block, kvHead: kvHead, of: q, into: queries)
            ck_scale(queries, scale, rows * headDimension)
            memory.scores(of: queries, rows: rows, with: memory.keyColumns, columns: block.columns, into: scores)
            ck_softmax_causal(
                scores, rows, block.columns, memory.stride(block.columns), block.firstColumns, group)
            memory.product(of: scores, rows: rows, columns: block.columns, with: memory.valueRows, span, into: result)
            unstack(block, kvHead: kvHead, result, into: output)
        }
    }

    /// The part of `backward` for one group of spans and one key-value head.
    func tiledBackward(
        _ spans: [AttentionSpan], kvHead: Int, _ matrices: BackwardMatrices, root: RootGradients.Part?, parts: Int
    ) {
        let memory = TiledAttentionScratch(self, spans: spans, parts: parts, scores: 2, stacks: 4)
        for span in spans {
            gather(span, kvHead: kvHead, of: matrices.k, into: memory.gathered)
            memory.takeAsColumns(memory.gathered, span, into: memory.keyColumns)
            memory.takeAsRows(memory.gathered, span, into: memory.keyRows)
            gather(span, kvHead: kvHead, of: matrices.v, into: memory.gathered)
            memory.takeAsColumns(memory.gathered, span, into: memory.valueColumns)
            memory.clearGradients(span)
            forEachBlock(of: span) { block in
                stack(block, kvHead: kvHead, of: matrices.q, into: memory.stacks[0])
                stack(block, kvHead: kvHead, of: matrices.dOutput, into: memory.stacks[1])
                stack(block, kvHead: kvHead, of: matrices.output, into: memory.stacks[2])
                tiledBlockBackward(block, memory)
                unstack(block, kvHead: kvHead, memory.stacks[3], into: matrices.dq)
            }
            memory.turnGradient(memory.keyGradient, span)
            scatter(span, kvHead: kvHead, memory.gathered, into: matrices.dk, root: root?.keys)
            memory.turnGradient(memory.valueGradient, span)
            scatter(span, kvHead: kvHead, memory.gathered, into: matrices.dv, root: root?.values)
        }
    }

    /// From the stacked queries, dOutput and output (stacks 0, 1, 2) to the gradient of the queries (stack 3), adding to
    /// those of keys and values.
    private func tiledBlockBackward(_ block: Block, _ memory: TiledAttentionScratch) {
        let (rows, columns, span) = (block.queryCount * group, block.columns, block.span)
        let (weights, gradient) = (memory.scores[0], memory.scores[1])
        let (queries, dOut, out, dQueries) = (memory.stacks[0], memory.stacks[1], memory.stacks[2], memory.stacks[3])
        // With scaled queries the gradient of a score is that of the scaled score.
        ck_scale(queries, scale, rows * headDimension)
        memory.scores(of: queries, rows: rows, with: memory.keyColumns, columns: columns, into: weights)
        ck_softmax_causal(weights, rows, columns, memory.stride(columns), block.firstColumns, group)
        memory.addGradient(of: weights, with: dOut, rows: rows, columns: columns, span, to: memory.valueGradient)
        memory.scores(of: dOut, rows: rows, with: memory.valueColumns, columns: columns, into: gradient)
        ck_softmax_backward(
            gradient, weights, dOut, out, 1, rows, columns, memory.stride(columns), headDimension, headDimension)
        memory.product(of: gradient, rows: rows, columns: columns, with: memory.keyRows, span, into: dQueries)
        ck_scale(dQueries, scale, rows * headDimension)
        memory.addGradient(of: gradient, with: queries, rows: rows, columns: columns, span, to: memory.keyGradient)
    }
}

/// One task's working memory in attention on matrix tiles, and the products in it.
final class TiledAttentionScratch {
    /// Scores and their gradient, each (queries · group × columns).
    let scores: [UnsafeMutablePointer<Float>]
    /// Stacked rows of queries or outputs, each (queries · group × D).
    let stacks: [UnsafeMutablePointer<Float>]
    /// Gathered rows of keys or values (keys × D).
    let gathered: UnsafeMutablePointer<Float>
    /// The gradients of keys and of values, transposed: (D × keys).
    let keyGradient: UnsafeMutablePointer<Float>
    let valueGradient: UnsafeMutablePointer<Float>
    /// In tiles: keys and values as columns, which scores are formed with, and as rows, which are weighted.
    let keyColumns: UnsafeMutablePointer<UInt16>
    let keyRows: UnsafeMutablePointer<UInt16>
    let valueColumns: UnsafeMutablePointer<UInt16>
    let valueRows: UnsafeMutablePointer<UInt16>
    /// In tiles: a block's stacked rows, and its scores.
    private let stackTiles: UnsafeMutablePointer<UInt16>
    private let scoreTiles: UnsafeMutablePointer<UInt16>
    /// A block's stacked rows, transposed.
    private let turned: UnsafeMutablePointer<Float>
    private let floats: UnsafeMutablePointer<Float>
    private let halves: UnsafeMutablePointer<UInt16>
    private let dimension: Int
    private let parts: Int32
    private let engine: ck_tile_engine

    /// Memory for blocks of the spans, not initialised.
    init(_ attention: CausalAttention, spans: [AttentionSpan], parts: Int, scores: Int, stacks: Int) {
        let rows = Self.whole(attention.group * min(attention.queryBlock, spans.map(\.queryCount).max() ?? 0))
        let keys = Self.whole(spans.map { $0.keysBefore + $0.queryCount }.max() ?? 0)
        let dimension = attention.headDimension
        self.dimension = dimension
        self.parts = Int32(parts)
        engine = MatrixTiles.engine(parts: parts)
        let sizes =
            [Int](repeating: rows * keys, count: scores) + [Int](repeating: rows * dimension, count: stacks + 1)
            + [Int](repeating: keys * dimension, count: 3)
        let floats = Self.allocate(sizes.reduce(0, +), of: Float.self)
        self.floats = floats
        var offset = 0
        let blocks = sizes.map { size in
            defer { offset += size }
            return floats + offset
        }
        self.scores = Array(blocks[..<scores])
        self.stacks = Array(blocks[scores..<(scores + stacks)])
        turned = blocks[scores + stacks]
        (gathered, keyGradient, valueGradient) = (
            blocks[scores + stacks + 1], blocks[scores + stacks + 2], blocks[scores + stacks + 3]
        )
        let factor = ck_tiled_values(keys, dimension, self.parts)
        let stacked = ck_tiled_values(rows, dimension, self.parts)
        let halves = Self.allocate(4 * factor + stacked + ck_tiled_values(rows, keys, self.parts), of: UInt16.self)
        self.halves = halves
        (keyColumns, keyRows, valueColumns, valueRows) = (
            halves, halves + factor, halves + 2 * factor, halves + 3 * factor
        )
        stackTiles = halves + 4 * factor
        scoreTiles = halves + 4 * factor + stacked
    }

    deinit {
        floats.deallocate()
        halves.deallocate()
    }

    private static func allocate<Value>(_ count: Int, of type: Value.Type) -> UnsafeMutablePointer<Value> {
        UnsafeMutableRawPointer.allocate(byteCount: max(64, count * MemoryLayout<Value>.stride), alignment: 64)
            .bindMemory(to: type, capacity: max(1, count))
    }

    private static func whole(_ count: Int) -> Int { (count + 31) / 32 * 32 }

    /// How far apart rows of so many columns lie: whole blocks, so that no product has a ragged edge.
    func stride(_ columns: Int) -> Int { Self.whole(columns) }

    private func keyCount(_ span: AttentionSpan) -> Int { span.keysBefore + span.queryCount }

    /// Gathered rows as the right factor of `scores`.
    func takeAsColumns(
        _ rows: UnsafeMutablePointer<Float>, _ span: AttentionSpan, into tiles: UnsafeMutablePointer<UInt16>
    ) {
        ck_tile_columns(tiles, parts, rows, dimension, keyCount(span), dimension)
    }

    /// Gathered rows as the right factor of `product`.
    func takeAsRows(
        _ rows: UnsafeMutablePointer<Float>, _ span: AttentionSpan, into tiles: UnsafeMutablePointer<UInt16>
    ) {
        ck_tile_stored(tiles, parts, rows, dimension, keyCount(span), dimension, 0, keyCount(span))
    }

    /// target (rows × columns) = stacked (rows × D) · factorᵀ.
    func scores(
        of stacked: UnsafeMutablePointer<Float>, rows: Int, with factor: UnsafeMutablePointer<UInt16>, columns: Int,
        into target: UnsafeMutablePointer<Float>
    ) {
        ck_tile_rows(stackTiles, parts, stacked, dimension, rows, dimension)
        ck_tiled_product(
            target, stride(columns), stackTiles, factor, Self.whole(rows), stride(columns), dimension, dimension, parts,
            0, engine)
    }

    /// target (rows × D) = weights (rows × columns) · the first `columns` rows of factor.
    func product(
        of weights: UnsafeMutablePointer<Float>, rows: Int, columns: Int, with factor: UnsafeMutablePointer<UInt16>,
        _ span: AttentionSpan, into target: UnsafeMutablePointer<Float>
    ) {
        ck_tile_rows(scoreTiles, parts, weights, stride(columns), rows, columns)
        ck_tiled_product(
            target, dimension, scoreTiles, factor, Self.whole(rows), dimension, columns, keyCount(span), parts, 0,
            engine)
    }

    /// Adds stackedᵀ (D × rows) · weights (rows × columns) to a transposed gradient.
    func addGradient(
        of weights: UnsafeMutablePointer<Float>, with stacked: UnsafeMutablePointer<Float>, rows: Int, columns: Int,
        _ span: AttentionSpan, to target: UnsafeMutablePointer<Float>
    ) {
        ck_transpose(turned, rows, stacked, dimension, rows, dimension, 1)
        ck_tile_rows(stackTiles, parts, turned, rows, dimension, rows)
        ck_tile_stored(scoreTiles, parts, weights, stride(columns), rows, columns, 0, rows)
        ck_tiled_product(
            target, stride(keyCount(span)), stackTiles, scoreTiles, dimension, stride(columns), rows, rows, parts, 1,
            engine)
    }

    func clearGradients(_ span: AttentionSpan) {
        for gradient in [keyGradient, valueGradient] {
            gradient.update(repeating: 0, count: dimension * stride(keyCount(span)))
        }
    }

    /// Lays a transposed gradient (D × keys) into `gathered`, (keys × D).
    func turnGradient(_ gradient: UnsafeMutablePointer<Float>, _ span: AttentionSpan) {
        ck_transpose(gathered, dimension, gradient, stride(keyCount(span)), dimension, keyCount(span), 1)
    }
}
