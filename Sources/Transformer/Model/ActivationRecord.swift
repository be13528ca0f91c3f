internal import Kernels
public import ModelFiles

/// What the forward pass keeps of one layer for the backward pass: T rows each.
///
/// Norms and the SwiGLU product are cheap and are computed again; attention's probabilities are too.
final class LayerActivations {
    let input: Matrix
    let query: Matrix
    let key: Matrix
    let value: Matrix
    let attention: Matrix
    let middle: Matrix
    let gate: Matrix
    let up: Matrix

    init(_ configuration: ModelConfiguration) {
        let queries = configuration.numAttentionHeads * configuration.headDimension
        let keys = configuration.numKeyValueHeads * configuration.headDimension
        input = Matrix(rows: 0, columns: configuration.hiddenSize)
        query = Matrix(rows: 0, columns: queries)
        key = Matrix(rows: 0, columns: keys)
        value = Matrix(rows: 0, columns: keys)
        attention = Matrix(rows: 0, columns: queries)
        middle = Matrix(rows: 0, columns: configuration.hiddenSize)
        gate = Matrix(rows: 0, columns: configuration.intermediateSize)
        up = Matrix(rows: 0, columns: configuration.intermediateSize)
    }

    /// Makes room for `rows` rows of keys and values, of which `scored` go on as queries.
    func resize(rows: Int, scored: Int) {
        for matrix in [input, key, value] { matrix.resize(rows: rows) }
        resize(queries: scored)
    }

    /// Makes room for `rows` rows of what goes on as queries, and leaves the others as they are.
    func resize(queries rows: Int) {
        for matrix in [query, attention, middle, gate, up] { matrix.resize(rows: rows) }
    }
}

/// What a training pass keeps of the layers between forward and backward.
public enum ActivationPolicy: Sendable, Equatable {
    /// Everything that the backward pass needs: the fastest.
    case keep
    /// Each layer's input alone; the rest is computed again layer by layer, for about a quarter more time.
    case recompute

    /// Bytes that a pass holds for each row (token), working memory included.
    public func bytesPerRow(_ configuration: ModelConfiguration) -> Int {
        let queries = configuration.numAttentionHeads * configuration.headDimension
        let keys = configuration.numKeyValueHeads * configuration.headDimension
        let (hidden, inner) = (configuration.hiddenSize, configuration.intermediateSize)
        let layer = 2 * hidden + 2 * queries + 2 * keys + 2 * inner
        let working = 8 * hidden + 2 * queries + 2 * keys + 2 * inner
        let kept =
            switch self {
            case .keep: layer * configuration.numHiddenLayers
            case .recompute: layer + hidden * configuration.numHiddenLayers
            }
        return (kept + working) * MemoryLayout<Float>.stride
    }
}

/// Working memory of a pass over T rows, reused from batch to batch.
final class DecoderScratch {
    /// An expanded weight, and what is multiplied with it.
    let weight: ProductMatrix
    let factor: ProductMatrix
    /// (T × hidden) twice: a normalised input and a gradient on its way down.
    let normalised: Matrix
    let gradient: Matrix
    /// (T × hidden): the gradient that leaves a norm.
    let branch: Matrix
    /// (N × hidden): rows of the last layer's normalised input at which tokens are predicted, and their gradients.
    let selected: Matrix
    let selectedGradient: Matrix
    /// (T × intermediate) twice.
    let product: Matrix
    let productGradient: Matrix
    /// (T × heads·D), (T × keyValueHeads·D) twice.
    let queryGradient: Matrix
    let keyGradient: Matrix
    let valueGradient: Matrix
    let attentionGradient: Matrix

    init(_ configuration: ModelConfiguration, _ products: MatrixProducts) {
        let queries = configuration.numAttentionHeads * configuration.headDimension
        let keys = configuration.numKeyValueHeads * configuration.headDimension
        func rows(_ columns: Int) -> Matrix { Matrix(rows: 0, columns: columns) }
        weight = products.matrix()
        factor = products.matrix()
        normalised = rows(configuration.hiddenSize)
        gradient = rows(configuration.hiddenSize)
        branch = rows(configuration.hiddenSize)
        selected = rows(configuration.hiddenSize)
        selectedGradient = rows(configuration.hiddenSize)
        product = rows(configuration.intermediateSize)
        productGradient = rows(configuration.intermediateSize)
        queryGradient = rows(queries)
        keyGradient = rows(keys)
        valueGradient = rows(keys)
        attentionGradient = rows(queries)
    }

    /// Makes room for the gradients of `rows` rows of keys and values, of which `scored` went on as queries.
    func resizeGradients(rows: Int, scored: Int) {
        for matrix in [keyGradient, valueGradient] { matrix.resize(rows: rows) }
        for matrix in [product, productGradient, queryGradient, attentionGradient] { matrix.resize(rows: scored) }
    }
}
