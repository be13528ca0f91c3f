internal import Kernels
internal import ModelFiles

/// A forward pass that remembers keys and values, for generation.
///
/// Weights that fit the budget are expanded once and kept, with the adapter's change added; otherwise each step
/// expands them again.
final class CachedDecoder {
    /// One new token: its id, its position, the cache row that it fills.
    struct Entry {
        var token: Int32
        var position: Int32
        var cacheRow: Int
    }

    /// Expanded weights are kept when they take no more bytes than this in all.
    static let expansionBudget = 1 << 30

    private let model: DecoderModel
    private let adapter: LoRAAdapter?
    private let head: LanguageModelHead
    private let record: LayerActivations
    private let normalised: Matrix
    private let product: Matrix
    private let hidden: Matrix
    private let weight = Matrix(rows: 0, columns: 0)
    private let keys: [Matrix]
    private let values: [Matrix]
    private var kept: [[Projection: Matrix]] = []

    /// A decoder whose cache holds `cacheRows` tokens.
    init(model: DecoderModel, adapter: LoRAAdapter?, cacheRows: Int) {
        self.model = model
        self.adapter = adapter
        let shape = model.configuration
        head = LanguageModelHead(table: model.head)
        record = LayerActivations(shape)
        normalised = Matrix(rows: 0, columns: shape.hiddenSize)
        product = Matrix(rows: 0, columns: shape.intermediateSize)
        hidden = Matrix(rows: 0, columns: shape.hiddenSize)
        let width = shape.numKeyValueHeads * shape.headDimension
        keys = model.layers.map { _ in Matrix(rows: cacheRows, columns: width) }
        values = model.layers.map { _ in Matrix(rows: cacheRows, columns: width) }
        let bytes = model.layers.reduce(0) { sum, layer in
            layer.projections.values.reduce(sum) { $0 + $1.rows * $1.columns * MemoryLayout<Float>.stride }
        }
        guard bytes <= Self.expansionBudget else { return }
        kept = model.layers.indices.map { index in
            var expanded: [Projection: Matrix] = [:]
            for projection in Projection.allCases {
                let matrix = Matrix(rows: 0, columns: 0)
                expand(
                    model.layers[index][projection], adding: adapter?.factors(layer: index, projection), into: matrix,
                    workers: model.workers)
                expanded[projection] = matrix
            }
            return expanded
        }
    }

    /// Runs new tokens and leaves the normalised hidden states of `readRows` (indices of `entries`) for the head.
    ///
    /// - Parameters:
    ///   - entries: the tokens, span after span.
    ///   - spans: queries are rows of `entries`, keys are rows of the cache.
    ///   - readRows: the entries whose next token is wanted.
    func advance(_ entries: [Entry], spans: [AttentionSpan], readRows: [Int]) {
        let workers = model.workers
        record.resize(rows: entries.count, scored: entries.count)
        normalised.resize(rows: entries.count)
        product.resize(rows: entries.count)
        embed(entries.map(\.token), from: model.embedding, into: record.input, workers: workers)
        let positions = entries.map(\.position)
        let cacheRows = entries.map(\.cacheRow)
        for index in model.layers.indices {
            let layer = model.layers[index]
            rmsNorm(record.input, weight: layer.inputNorm, epsilon: model.epsilon, into: normalised, workers: workers)
            run(index, .q_proj, normalised, into: record.query)
            run(index, .k_proj, normalised, into: record.key)
            run(index, .v_proj, normalised, into: record.value)
            model.rotary.rotate(record.query, positions: positions, workers: workers)
            model.rotary.rotate(record.key, positions: positions, workers: workers)
            placeRows(of: record.key, at: cacheRows, in: keys[index])
            placeRows(of: record.value, at: cacheRows, in: values[index])
            model.attention.forward(
                q: record.query, k: keys[index], v: values[index], spans: spans, into: record.attention,
                workers: workers)
            run(index, .o_proj, record.attention, into: record.input, accumulating: true)
            rmsNorm(
                record.input, weight: layer.postAttentionNorm, epsilon: model.epsilon, into: normalised,
                workers: workers)
            run(index, .gate_proj, normalised, into: record.gate)
            run(index, .up_proj, normalised, into: record.up)
            swiGLU(gate: record.gate, up: record.up, into: product, workers: workers)
            run(index, .down_proj, product, into: record.input, accumulating: true)
        }
        gatherRows(readRows, of: record.input, into: normalised)
        hidden.resize(rows: readRows.count)
        rmsNorm(normalised, weight: model.finalNorm, epsilon: model.epsilon, into: hidden, workers: workers)
    }

    /// The most probable token after each row read by the last `advance`.
    func mostProbable() -> [Int32] { head.mostProbable(hidden: hidden, workers: model.workers) }

    /// The logits after each row read by the last `advance`.
    func forEachLogits(_ body: (_ row: Int, _ logits: [Float]) -> Void) {
        head.forEachLogits(hidden: hidden, workers: model.workers, body)
    }

    private func run(_ layer: Int, _ projection: Projection, _ x: Matrix, into y: Matrix, accumulating: Bool = false) {
        if let ready = kept.isEmpty ? nil : kept[layer][projection] {
            return project(x, through: ready, into: y, accumulating: accumulating, workers: model.workers)
        }
        expand(
            model.layers[layer][projection], adding: adapter?.factors(layer: layer, projection), into: weight,
            workers: model.workers)
        project(x, through: weight, into: y, accumulating: accumulating, workers: model.workers)
    }
}
