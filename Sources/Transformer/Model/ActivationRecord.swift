internal import Kernels
internal import ModelFiles

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

    var all: [Matrix] { [input, query, key, value, attention, middle, gate, up] }

    func resize(rows: Int) { all.forEach { $0.resize(rows: rows) } }
}

/// Working memory of a pass over T rows, reused from batch to batch.
final class DecoderScratch {
    /// An expanded weight.
    let weight: Matrix
    /// (T × hidden) twice: a normalised input and a gradient on its way down.
    let normalised: Matrix
    let gradient: Matrix
    /// (T × hidden): the gradient that leaves a norm.
    let branch: Matrix
    /// (T × intermediate) twice.
    let product: Matrix
    let productGradient: Matrix
    /// (T × heads·D), (T × keyValueHeads·D) twice.
    let queryGradient: Matrix
    let keyGradient: Matrix
    let valueGradient: Matrix
    let attentionGradient: Matrix

    init(_ configuration: ModelConfiguration) {
        let queries = configuration.numAttentionHeads * configuration.headDimension
        let keys = configuration.numKeyValueHeads * configuration.headDimension
        func rows(_ columns: Int) -> Matrix { Matrix(rows: 0, columns: columns) }
        weight = rows(1)
        normalised = rows(configuration.hiddenSize)
        gradient = rows(configuration.hiddenSize)
        branch = rows(configuration.hiddenSize)
        product = rows(configuration.intermediateSize)
        productGradient = rows(configuration.intermediateSize)
        queryGradient = rows(queries)
        keyGradient = rows(keys)
        valueGradient = rows(keys)
        attentionGradient = rows(queries)
    }

    var all: [Matrix] {
        [
            normalised, gradient, branch, product, productGradient, queryGradient, keyGradient, valueGradient,
            attentionGradient,
        ]
    }
}
