public import Kernels
internal import ModelFiles

/// Forward and backward passes of a model with an optional adapter over packed sequences, in memory that is reused.
///
/// A pass expands one frozen weight at a time. With an adapter the low-rank change is added while expanding, so the
/// policy and its reference run the very same arithmetic and differ only by the adapter.
public final class DecoderPass {
    let model: DecoderModel
    private let scratch: DecoderScratch
    private let head: LanguageModelHead
    private var records: [LayerActivations] = []
    private let output: Matrix
    private let scoredHidden: Matrix
    private let scoredNormalised: Matrix
    private let headGradient: Matrix
    private let normGradient: Matrix
    private var lowRankScratch: (Matrix, Matrix)?
    private var packed = PackedTokens()

    /// Working memory for a model; it grows with the largest batch that it sees.
    public init(model: DecoderModel) {
        self.model = model
        let width = model.configuration.hiddenSize
        scratch = DecoderScratch(model.configuration)
        head = LanguageModelHead(table: model.head)
        output = Matrix(rows: 0, columns: width)
        scoredHidden = Matrix(rows: 0, columns: width)
        scoredNormalised = Matrix(rows: 0, columns: width)
        headGradient = Matrix(rows: 0, columns: width)
        normGradient = Matrix(rows: 0, columns: width)
    }

    /// The log-probability of each scored token, and the statistics of its distribution.
    ///
    /// - Parameters:
    ///   - packed: the sequences; at most as many rows as memory allows.
    ///   - adapter: the policy's adapter, or nil for the frozen base, which is the reference.
    ///   - forBackward: whether to keep what `backward` needs.
    public func logProbabilities(
        of packed: PackedTokens, adapter: LoRAAdapter?, forBackward: Bool
    ) -> TokenLogProbabilities {
        self.packed = packed
        forward(packed, adapter: adapter, keepingAll: forBackward)
        gatherRows(packed.scoredRows, of: output, into: scoredHidden)
        scoredNormalised.resize(rows: scoredHidden.rows)
        rmsNorm(
            scoredHidden, weight: model.finalNorm, epsilon: model.epsilon, into: scoredNormalised,
            workers: model.workers)
        return head.logProbabilities(
            of: packed.targets, hidden: scoredNormalised, gradient: forBackward ? headGradient : nil,
            workers: model.workers)
    }

    /// Every logit at each scored position of sequences (N × vocabulary), one row at a time.
    public func forEachLogits(
        of packed: PackedTokens, adapter: LoRAAdapter?, _ body: (_ row: Int, _ logits: [Float]) -> Void
    ) {
        self.packed = packed
        forward(packed, adapter: adapter, keepingAll: false)
        gatherRows(packed.scoredRows, of: output, into: scoredHidden)
        scoredNormalised.resize(rows: scoredHidden.rows)
        rmsNorm(
            scoredHidden, weight: model.finalNorm, epsilon: model.epsilon, into: scoredNormalised,
            workers: model.workers)
        head.forEachLogits(hidden: scoredNormalised, workers: model.workers, body)
    }

    /// Adds the gradient of Σ weights[i] · ln p(target i) with respect to the adapter.
    ///
    /// - Parameters:
    ///   - weights: d loss / d ln p of each scored token, in the order of `targets`.
    ///   - adapter: the adapter of the `logProbabilities` call before, which must have been made `forBackward`.
    ///   - gradients: added to.
    public func backward(weights: [Float], adapter: LoRAAdapter, into gradients: LoRAGradients) {
        precondition(
            weights.count == packed.targets.count, "\(weights.count) weights for \(packed.targets.count) tokens")
        precondition(records.count == model.layers.count && output.rows == packed.count, "no forward pass was kept")
        let workers = model.workers
        normGradient.resize(rows: headGradient.rows)
        normGradient.clear()
        rmsNormBackward(
            headGradient, x: scoredHidden, weight: model.finalNorm, epsilon: model.epsilon, into: normGradient,
            workers: workers)
        let flowing = scratch.gradient
        flowing.resize(rows: packed.count)
        flowing.clear()
        scatterRows(normGradient, weights: weights, to: packed.scoredRows, of: flowing)
        scratch.all.filter { $0 !== flowing }.forEach { $0.resize(rows: packed.count) }
        for index in model.layers.indices.reversed() {
            layerBackward(index, adapter: adapter, gradients: gradients, isLowest: index == 0)
        }
    }

    // MARK: - Forward

    private func forward(_ packed: PackedTokens, adapter: LoRAAdapter?, keepingAll: Bool) {
        let needed = keepingAll ? model.layers.count : 1
        while records.count < needed { records.append(LayerActivations(model.configuration)) }
        scratch.normalised.resize(rows: packed.count)
        scratch.product.resize(rows: packed.count)
        output.resize(rows: packed.count)
        records[0].resize(rows: packed.count)
        embed(packed.tokens, from: model.embedding, into: records[0].input, workers: model.workers)
        for index in model.layers.indices {
            let record = records[keepingAll ? index : 0]
            layerForward(index, record: record, packed: packed, adapter: adapter)
            guard index + 1 < model.layers.count else { break }
            let next = records[keepingAll ? index + 1 : 0]
            next.resize(rows: packed.count)
            next.input.copy(from: output)
        }
    }

    /// Leaves the layer's result in `output`.
    private func layerForward(_ index: Int, record: LayerActivations, packed: PackedTokens, adapter: LoRAAdapter?) {
        let layer = model.layers[index]
        let (workers, normalised) = (model.workers, scratch.normalised)
        rmsNorm(record.input, weight: layer.inputNorm, epsilon: model.epsilon, into: normalised, workers: workers)
        for (projection, result) in [(Projection.q_proj, record.query), (.k_proj, record.key), (.v_proj, record.value)]
        {
            expandWeight(index, projection, adapter)
            project(normalised, through: scratch.weight, into: result, workers: workers)
        }
        model.rotary.rotate(record.query, positions: packed.positions, workers: workers)
        model.rotary.rotate(record.key, positions: packed.positions, workers: workers)
        model.attention.forward(
            q: record.query, k: record.key, v: record.value, spans: Array(packed.groups.joined()),
            into: record.attention, workers: workers)
        record.middle.copy(from: record.input)
        expandWeight(index, .o_proj, adapter)
        project(record.attention, through: scratch.weight, into: record.middle, accumulating: true, workers: workers)
        rmsNorm(
            record.middle, weight: layer.postAttentionNorm, epsilon: model.epsilon, into: normalised, workers: workers)
        for (projection, result) in [(Projection.gate_proj, record.gate), (.up_proj, record.up)] {
            expandWeight(index, projection, adapter)
            project(normalised, through: scratch.weight, into: result, workers: workers)
        }
        swiGLU(gate: record.gate, up: record.up, into: scratch.product, workers: workers)
        output.copy(from: record.middle)
        expandWeight(index, .down_proj, adapter)
        project(scratch.product, through: scratch.weight, into: output, accumulating: true, workers: workers)
    }

    private func expandWeight(_ layer: Int, _ projection: Projection, _ adapter: LoRAAdapter?) {
        expand(
            model.layers[layer][projection], adding: adapter?.factors(layer: layer, projection), into: scratch.weight,
            workers: model.workers)
    }

    // MARK: - Backward

    /// Turns the gradient of the layer's output, in `scratch.gradient`, into that of its input.
    private func layerBackward(_ index: Int, adapter: LoRAAdapter, gradients: LoRAGradients, isLowest: Bool) {
        let (layer, record, workers) = (model.layers[index], records[index], model.workers)
        let flowing = scratch.gradient
        let normalised = scratch.normalised

        // Feed-forward part: output = middle + down(silu(gate(n)) · up(n)), n = norm(middle).
        swiGLU(gate: record.gate, up: record.up, into: scratch.product, workers: workers)
        addGradients(index, .down_proj, input: scratch.product, output: flowing, adapter, gradients)
        expandWeight(index, .down_proj, adapter)
        projectBackward(flowing, through: scratch.weight, into: scratch.productGradient, workers: workers)
        swiGLUBackward(scratch.productGradient, gate: record.gate, up: record.up, workers: workers)
        rmsNorm(
            record.middle, weight: layer.postAttentionNorm, epsilon: model.epsilon, into: normalised, workers: workers)
        for (projection, gradient) in [(Projection.gate_proj, record.gate), (.up_proj, record.up)] {
            addGradients(index, projection, input: normalised, output: gradient, adapter, gradients)
            expandWeight(index, projection, adapter)
            projectBackward(
                gradient, through: scratch.weight, into: scratch.branch, accumulating: projection == .up_proj,
                workers: workers)
        }
        rmsNormBackward(
            scratch.branch, x: record.middle, weight: layer.postAttentionNorm, epsilon: model.epsilon, into: flowing,
            workers: workers)

        // Attention part: middle = input + o(attention(q(n), k(n), v(n))), n = norm(input).
        addGradients(index, .o_proj, input: record.attention, output: flowing, adapter, gradients)
        expandWeight(index, .o_proj, adapter)
        projectBackward(flowing, through: scratch.weight, into: scratch.attentionGradient, workers: workers)
        scratch.keyGradient.clear()
        scratch.valueGradient.clear()
        model.attention.backward(
            scratch.attentionGradient, output: record.attention, q: record.query, k: record.key, v: record.value,
            groups: packed.groups, dq: scratch.queryGradient, dk: scratch.keyGradient, dv: scratch.valueGradient,
            workers: workers)
        model.rotary.rotateBackward(scratch.queryGradient, positions: packed.positions, workers: workers)
        model.rotary.rotateBackward(scratch.keyGradient, positions: packed.positions, workers: workers)
        rmsNorm(record.input, weight: layer.inputNorm, epsilon: model.epsilon, into: normalised, workers: workers)
        let attentionInputs: [(Projection, Matrix)] = [
            (.q_proj, scratch.queryGradient), (.k_proj, scratch.keyGradient), (.v_proj, scratch.valueGradient),
        ]
        for (projection, gradient) in attentionInputs {
            addGradients(index, projection, input: normalised, output: gradient, adapter, gradients)
            if isLowest { continue }  // nothing below the first layer is trained
            expandWeight(index, projection, adapter)
            projectBackward(
                gradient, through: scratch.weight, into: scratch.branch, accumulating: projection != .q_proj,
                workers: workers)
        }
        if isLowest { return }
        rmsNormBackward(
            scratch.branch, x: record.input, weight: layer.inputNorm, epsilon: model.epsilon, into: flowing,
            workers: workers)
    }

    private func addGradients(
        _ layer: Int, _ projection: Projection, input: Matrix, output: Matrix, _ adapter: LoRAAdapter,
        _ gradients: LoRAGradients
    ) {
        guard let factors = adapter.factors(layer: layer, projection),
            let pair = gradients.pair(layer: layer, projection)
        else { return }
        let scratch = lowRankScratch ?? (Matrix(rows: 0, columns: factors.rank), Matrix(rows: 0, columns: factors.rank))
        scratch.0.reshape(rows: 0, columns: factors.rank)
        scratch.1.reshape(rows: 0, columns: factors.rank)
        lowRankScratch = scratch
        lowRankGradients(
            x: input, dy: output, factors: factors, da: pair.a, db: pair.b, scratch: scratch, workers: model.workers)
    }
}
