/// Which matrix of an adapter it is.
public struct AdapterKey: Sendable, Hashable, Comparable {
    /// The layer, from 0.
    public let layer: Int
    /// The weight that is changed.
    public let projection: Projection
    /// The first or the second factor.
    public let half: AdapterHalf

    /// Names the `half` of the pair that changes `projection` of `layer`.
    public init(layer: Int, projection: Projection, half: AdapterHalf) {
        self.layer = layer
        self.projection = projection
        self.half = half
    }

    /// The key in PEFT's safetensors file.
    public var peftName: String { projection.peftKey(layer: layer, half) }

    /// By layer, then in the order of `Projection.allCases`, then A before B.
    public static func < (a: AdapterKey, b: AdapterKey) -> Bool { a.place.lexicographicallyPrecedes(b.place) }

    private var place: [Int] {
        [layer, Projection.allCases.firstIndex(of: projection) ?? 0, half == .A ? 0 : 1]
    }
}

/// A matrix of an adapter: A is `[r, in]`, B is `[out, r]`, row-major.
public struct AdapterMatrix: Sendable, Equatable {
    /// The number of rows.
    public let rows: Int
    /// The number of values in a row.
    public let columns: Int
    /// The values, row by row.
    public let values: [Float]

    /// Makes a matrix; traps when there are not `rows · columns` values.
    public init(rows: Int, columns: Int, values: [Float]) {
        precondition(
            rows >= 1 && columns >= 1 && values.count == rows * columns,
            "a matrix of \(rows) × \(columns) with \(values.count) values")
        self.rows = rows
        self.columns = columns
        self.values = values
    }
}

/// A LoRA adapter in memory: its configuration and its matrices, in Hugging Face's row order.
public struct Adapter: Sendable, Equatable {
    /// The rank, scale and targets.
    public let configuration: AdapterConfiguration
    /// The matrices: A and B for each target of each layer.
    public let matrices: [AdapterKey: AdapterMatrix]

    /// Puts an adapter together.
    public init(configuration: AdapterConfiguration, matrices: [AdapterKey: AdapterMatrix]) {
        self.configuration = configuration
        self.matrices = matrices
    }

    /// The keys in their order.
    public var keys: [AdapterKey] { matrices.keys.sorted() }

    /// Whether every B is zero, so that the adapter changes nothing.
    public var changesNothing: Bool {
        matrices.allSatisfy { key, matrix in key.half == .A || matrix.values.allSatisfy { $0 == 0 } }
    }

    /// The keys and shapes that an adapter with `configuration` has for a model with `model`, in order.
    public static func expectedShapes(
        _ configuration: AdapterConfiguration, for model: ModelConfiguration
    ) -> [(key: AdapterKey, rows: Int, columns: Int)] {
        (0..<model.numHiddenLayers).flatMap { layer in
            configuration.targetModules.flatMap { projection in
                let shape = projection.shape(in: model)
                return [
                    (AdapterKey(layer: layer, projection: projection, half: .A), configuration.r, shape.in),
                    (AdapterKey(layer: layer, projection: projection, half: .B), shape.out, configuration.r),
                ]
            }
        }
    }
}
