public import Kernels
internal import ModelFiles

/// The gradient of a loss with respect to every tensor of an adapter, in the order of `LoRAAdapter.parameters`.
public final class LoRAGradients {
    /// One matrix for each parameter, of its shape.
    public let values: [Matrix]
    private let targets: [Projection]

    /// Zeros for every parameter of an adapter.
    public init(for adapter: LoRAAdapter) {
        values = adapter.parameters.map { Matrix(rows: $0.values.rows, columns: $0.values.columns) }
        targets = adapter.targets
    }

    /// Sets every gradient to zero.
    public func clear() { values.forEach { $0.clear() } }

    /// The Euclidean norm over all tensors, in fp64: TRL's `grad_norm`.
    public var norm: Double { values.reduce(0) { $0 + $1.sumOfSquares }.squareRoot() }

    /// How many values are NaN or infinite.
    public var nonFiniteCount: Int { values.reduce(0) { $0 + $1.nonFiniteCount } }

    func pair(layer: Int, _ projection: Projection) -> (a: Matrix, b: Matrix)? {
        guard let index = targets.firstIndex(of: projection) else { return nil }
        let position = (layer * targets.count + index) * 2
        return (values[position], values[position + 1])
    }
}
