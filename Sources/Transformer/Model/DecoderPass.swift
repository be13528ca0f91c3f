public import Kernels
internal import ModelFiles

/// Forward and backward passes of a model with an optional adapter over packed sequences, in memory that is reused.
///
/// Above its keys and values the last layer computes only the rows at which tokens are predicted. A pass expands one
/// frozen weight at a time. With an adapter the low-rank change is added while expanding, so the policy and its reference
/// run the very same arithmetic and differ only by the adapter.
public final class DecoderPass {
    let model: DecoderModel
    private let products: MatrixProducts
    private let attention: CausalAttention
    private let scratch: DecoderScratch
    private let head: LanguageModelHead
    private let policy: ActivationPolicy
    /// One for each layer, or a single one that layers use in turn.
    private var records: [LayerActivations] = []
    /// Each layer's input, where the rest is computed again.
    private var inputs: [Matrix] = []
    private let output: Matrix
    private let scoredHidden: Matrix
    private let scoredNormalised: Matrix
    private let headGradient: Matrix
    private let normGradient: Matrix
    private let lowRankScratch = LowRankScratch()
    private var packed = PackedTokens()
    private var part = ScoredPart(PackedTokens())
    private var isKept = false

    /// Working memory for a model; it grows with the largest batch that it sees.
    ///
    /// - Parameters:
    ///   - model: the model.
    ///   - policy: what is kept for the backward pass.
    ///   - computeType: the type in which products with frozen weights take their factors.
    public convenience init(
        model: DecoderModel, policy: ActivationPolicy = .keep, computeType: ComputeType = .float32
    ) {
        self.init(model: model, policy: policy, products: MatrixProducts(computeType, workers: model.workers))
    }

    init(model: DecoderModel, policy: ActivationPolicy, products: MatrixProducts) {
        self.model = model
        self.policy = policy
        self.products = products
        attention = model.attention.taking(products)
        let width = model.configuration.hiddenSize
        scratch = DecoderScratch(model.configuration, products)
        head = LanguageModelHead(table: model.head, products: products)
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
        forward(packed, adapter: adapter, forBackward: forBackward)
        return head.logProbabilities(
            of: packed.targets, hidden: scoredNormalised, gradient: forBackward ? headGradient : nil,
            workers: model.workers)
    }

    /// Every logit at each scored position of sequences (N × vocabulary), one row at a time.
    public func forEachLogits(
        of packed: PackedTokens, adapter: LoRAAdapter?, _ body: (_ row: Int, _ logits: [Float]) -> Void
    ) {
        forward(packed, adapter: adapter, forBackward: false)
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
        let kept = policy == .keep ? records.count : inputs.count
        precondition(kept == model.layers.count && isKept, "no forward pass was kept")
        isKept = false
        let workers = model.workers
        normGradient.resize(rows: headGradient.rows)
        normGradient.clear()
        rmsNormBackward(
            headGradient, x: scoredHidden, weight: model.finalNorm, epsilon: model.epsilon, into: normGradient,
            workers: workers)
        let last = model.layers.count - 1
        scratch.gradient.resize(rows: part.rows.count)
        scratch.gradient.clear()
        scatterRows(normGradient, weights: weights, to: part.scored, of: scratch.gradient)
        layerBackward(last, scored: part, adapter: adapter, gradients: gradients)
        for index in (0..<last).reversed() {
            if policy == .recompute { recompute(index, adapter: adapter) }
            layerBackward(index, scored: nil, adapter: adapter, gradients: gradients)
        }
    }

    // MARK: - Forward

    /// Leaves the hidden states that predict the scored tokens in `scoredHidden`, after the final norm in
    /// `scoredNormalised`.
    private func forward(_ packed: PackedTokens, adapter: LoRAAdapter?, forBackward: Bool) {
        self.packed = packed
        part = ScoredPart(packed)
        isKept = forBackward
        let keepsAll = forBackward && policy == .keep
        let keepsInputs = forBackward && policy == .recompute
        while records.count < (keepsAll ? model.layers.count : 1) {
            records.append(LayerActivations(model.configuration))
        }
        while keepsInputs, inputs.count < model.layers.count {
            inputs.append(Matrix(rows: 0, columns: model.configuration.hiddenSize))
        }
        let last = model.layers.count - 1
        for index in keepsAll ? model.layers.indices : 0..<1 {
            records[index].resize(
                rows: packed.count, scored: keepsAll && index == last ? part.rows.count : packed.count)
        }
        embed(packed.tokens, from: model.embedding, into: records[0].input, workers: model.workers)
        for index in model.layers.indices {
            let record = records[keepsAll ? index : 0]
            if keepsInputs {
                inputs[index].resize(rows: packed.count)
                inputs[index].copy(from: record.input, workers: model.workers)
            }
            if index == last {
                record.resize(queries: part.rows.count)
                layerForward(index, record: record, scored: part, adapter: adapter, into: output)
            } else {
                // A single record's own input is free for the next layer's once the residual has been taken from it.
                layerForward(
                    index, record: record, scored: nil, adapter: adapter,
                    into: records[keepsAll ? index + 1 : 0].input)
            }
        }
        gatherRows(part.scored, of: output, into: scoredHidden)
        scoredNormalised.resize(rows: scoredHidden.rows)
        rmsNorm(
            scoredHidden, weight: model.finalNorm, epsilon: model.epsilon, into: scoredNormalised,
            workers: model.workers)
    }

    /// Fills the one record with a layer's activations again, from its input.
    private func recompute(_ index: Int, adapter: LoRAAdapter) {
        records[0].resize(rows: packed.count, scored: packed.count)
        records[0].input.copy(from: inputs[index], workers: model.workers)
        layerForward(index, record: records[0], scored: nil, adapter: adapter, into: nil)
    }

    /// Fills a layer's record from its input, and leaves the layer's result in `result`, where that is wanted: every row's
    /// or, in the last layer, that of the scored rows alone.
    private func layerForward(
        _ index: Int, record: LayerActivations, scored: ScoredPart?, adapter: LoRAAdapter?, into result: Matrix?
    ) {
        let layer = model.layers[index]
        let (workers, normalised) = (model.workers, scratch.normalised)
        normalised.resize(rows: packed.count)
        rmsNorm(
            record.input, weight: layer.inputNorm, epsilon: model.epsilon, into: normalised, as: scratch.factor,
            workers: workers)
        for (projection, result) in [(Projection.k_proj, record.key), (.v_proj, record.value)] {
            forward(index, projection, adapter, into: result)
        }
        if scored != nil { scratch.factor.take(queryInput(normalised, scored), workers: workers) }
        forward(index, .q_proj, adapter, into: record.query)
        model.rotary.rotate(record.query, positions: queryPositions(scored), workers: workers)
        model.rotary.rotate(record.key, positions: packed.positions, workers: workers)
        attention.forward(
            q: record.query, k: record.key, v: record.value, spans: Array((scored?.groups ?? packed.groups).joined()),
            into: record.attention, workers: workers)
        if let scored {
            gatherRows(scored.rows, of: record.input, into: record.middle)
        } else {
            record.middle.copy(from: record.input, workers: model.workers)
        }
        scratch.factor.take(record.attention, workers: workers)
        forward(index, .o_proj, adapter, into: record.middle, accumulating: true)
        normalised.resize(rows: record.middle.rows)
        rmsNorm(
            record.middle, weight: layer.postAttentionNorm, epsilon: model.epsilon, into: normalised,
            as: scratch.factor, workers: workers)
        for (projection, result) in [(Projection.gate_proj, record.gate), (.up_proj, record.up)] {
            forward(index, projection, adapter, into: result)
        }
        guard let result else { return }
        scratch.product.resize(rows: record.middle.rows)
        swiGLU(
            gate: record.gate, up: record.up, into: scratch.product, as: scratch.factor, workers: workers)
        result.resize(rows: record.middle.rows)
        result.copy(from: record.middle, workers: workers)
        forward(index, .down_proj, adapter, into: result, accumulating: true)
    }

    /// The rows of the normalised input that ask: all of them, or the scored ones, gathered.
    private func queryInput(_ normalised: Matrix, _ scored: ScoredPart?) -> Matrix {
        guard let scored else { return normalised }
        gatherRows(scored.rows, of: normalised, into: scratch.selected)
        return scratch.selected
    }

    private func queryPositions(_ scored: ScoredPart?) -> [Int32] {
        scored.map { $0.rows.map { packed.positions[$0] } } ?? packed.positions
    }

    private func expandWeight(
        _ layer: Int, _ projection: Projection, _ adapter: LoRAAdapter?, as role: ProductMatrix.Role
    ) {
        expand(
            model.layers[layer][projection], adding: adapter?.factors(layer: layer, projection), as: role,
            into: scratch.weight, products: products)
    }

    /// What a projection makes of the input in `scratch.factor`.
    private func forward(
        _ layer: Int, _ projection: Projection, _ adapter: LoRAAdapter?, into result: Matrix, accumulating: Bool = false
    ) {
        expandWeight(layer, projection, adapter, as: .weight)
        project(scratch.factor, through: scratch.weight, into: result, accumulating: accumulating, products: products)
    }

    /// What the gradient of a projection's output makes that of its input.
    private func backward(
        _ layer: Int, _ projection: Projection, _ adapter: LoRAAdapter?, _ gradient: Matrix, into result: Matrix,
        accumulating: Bool = false
    ) {
        expandWeight(layer, projection, adapter, as: .weightBackward)
        scratch.factor.take(gradient, workers: model.workers)
        projectBackward(
            scratch.factor, through: scratch.weight, into: result, accumulating: accumulating, products: products)
    }

    // MARK: - Backward

    /// Turns the gradient of the layer's output, in `scratch.gradient`, into that of its input.
    ///
    /// Nothing is computed below the first layer's projections: nothing there is trained.
    private func layerBackward(_ index: Int, scored: ScoredPart?, adapter: LoRAAdapter, gradients: LoRAGradients) {
        let record = records[policy == .keep ? index : 0]
        scratch.resizeGradients(rows: packed.count, scored: record.middle.rows)
        feedForwardBackward(index, record, adapter, gradients)
        attentionBackward(index, record, scored, adapter, gradients)
        guard index > 0 else { return }
        let flowing = scratch.gradient
        if let scored {
            // The residual carried the scored rows alone; the others' gradient comes through keys and values only.
            scratch.selectedGradient.resize(rows: flowing.rows)
            scratch.selectedGradient.copy(from: flowing, workers: model.workers)
            flowing.resize(rows: packed.count)
            flowing.clear()
            scatterRows(
                scratch.selectedGradient, weights: [Float](repeating: 1, count: scored.rows.count), to: scored.rows,
                of: flowing)
        }
        rmsNormBackward(
            scratch.branch, x: record.input, weight: model.layers[index].inputNorm, epsilon: model.epsilon,
            into: flowing, workers: model.workers)
    }

    /// output = middle + down(silu(gate(n)) · up(n)), n = norm(middle): turns the gradient of output into that of middle.
    private func feedForwardBackward(
        _ index: Int, _ record: LayerActivations, _ adapter: LoRAAdapter, _ gradients: LoRAGradients
    ) {
        let (layer, workers) = (model.layers[index], model.workers)
        let (flowing, normalised, branch) = (scratch.gradient, scratch.normalised, scratch.branch)
        backward(index, .down_proj, adapter, flowing, into: scratch.productGradient)
        swiGLUBackward(
            scratch.productGradient, gate: record.gate, up: record.up, output: scratch.product, workers: workers)
        addGradients(index, .down_proj, input: scratch.product, output: flowing, adapter, gradients)
        normalised.resize(rows: record.middle.rows)
        rmsNorm(
            record.middle, weight: layer.postAttentionNorm, epsilon: model.epsilon, into: normalised, workers: workers)
        branch.resize(rows: record.middle.rows)
        for (projection, gradient) in [(Projection.gate_proj, record.gate), (.up_proj, record.up)] {
            addGradients(index, projection, input: normalised, output: gradient, adapter, gradients)
            backward(index, projection, adapter, gradient, into: branch, accumulating: projection == .up_proj)
        }
        rmsNormBackward(
            branch, x: record.middle, weight: layer.postAttentionNorm, epsilon: model.epsilon, into: flowing,
            workers: workers)
    }

    /// middle = input + o(attention(q(n), k(n), v(n))), n = norm(input): leaves the gradient of n in `scratch.branch`.
    private func attentionBackward(
        _ index: Int, _ record: LayerActivations, _ scored: ScoredPart?, _ adapter: LoRAAdapter,
        _ gradients: LoRAGradients
    ) {
        let workers = model.workers
        let (flowing, normalised, branch) = (scratch.gradient, scratch.normalised, scratch.branch)
        addGradients(index, .o_proj, input: record.attention, output: flowing, adapter, gradients)
        backward(index, .o_proj, adapter, flowing, into: scratch.attentionGradient)
        scratch.keyGradient.clear()
        scratch.valueGradient.clear()
        attention.backward(
            scratch.attentionGradient, output: record.attention, q: record.query, k: record.key, v: record.value,
            groups: scored?.groups ?? packed.groups, dq: scratch.queryGradient, dk: scratch.keyGradient,
            dv: scratch.valueGradient, workers: workers)
        model.rotary.rotateBackward(scratch.queryGradient, positions: queryPositions(scored), workers: workers)
        model.rotary.rotateBackward(scratch.keyGradient, positions: packed.positions, workers: workers)
        normalised.resize(rows: packed.count)
        rmsNorm(
            record.input, weight: model.layers[index].inputNorm, epsilon: model.epsilon, into: normalised,
            workers: workers)
        addGradients(
            index, .q_proj, input: queryInput(normalised, scored), output: scratch.queryGradient, adapter, gradients)
        addGradients(index, .k_proj, input: normalised, output: scratch.keyGradient, adapter, gradients)
        addGradients(index, .v_proj, input: normalised, output: scratch.valueGradient, adapter, gradients)
        guard index > 0 else { return }
        branch.resize(rows: packed.count)
        for (projection, gradient) in [(Projection.k_proj, scratch.keyGradient), (.v_proj, scratch.valueGradient)] {
            backward(index, projection, adapter, gradient, into: branch, accumulating: projection == .v_proj)
        }
        guard let scored else {
            return backward(index, .q_proj, adapter, scratch.queryGradient, into: branch, accumulating: true)
        }
        scratch.selectedGradient.resize(rows: scored.rows.count)
        backward(index, .q_proj, adapter, scratch.queryGradient, into: scratch.selectedGradient)
        scatterRows(
            scratch.selectedGradient, weights: [Float](repeating: 1, count: scored.rows.count), to: scored.rows,
            of: branch)
    }

    private func addGradients(
        _ layer: Int, _ projection: Projection, input: Matrix, output: Matrix, _ adapter: LoRAAdapter,
        _ gradients: LoRAGradients
    ) {
        guard let factors = adapter.factors(layer: layer, projection),
            let pair = gradients.pair(layer: layer, projection)
        else { return }
        lowRankGradients(
            x: input, dy: output, factors: factors, da: pair.a, db: pair.b, scratch: lowRankScratch,
            workers: model.workers)
    }
}
