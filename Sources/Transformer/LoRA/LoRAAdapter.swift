public import Kernels
public import ModelFiles

/// Low-rank factors on chosen projections of every layer: all that training changes.
public final class LoRAAdapter {
    /// One trainable tensor under PEFT's name.
    public struct Parameter {
        /// PEFT's key, such as `base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight`.
        public let name: String
        /// The values: A is (r × inputs), B is (outputs × r) in Hugging Face's row order.
        public let values: Matrix
    }

    /// The rank.
    public let rank: Int
    /// PEFT's `lora_alpha`.
    public let alpha: Double
    /// Whether the multiplier is alpha/√r (rsLoRA, arXiv 2312.03732) rather than alpha/r.
    public let usesRankStabilization: Bool
    /// The adapted projections, in PEFT's spelling through `rawValue`.
    public let targets: [Projection]
    /// The model's number of layers.
    public let layerCount: Int

    private let factors: [[Projection: LowRankFactors]]

    /// What B·A is multiplied by.
    public var scale: Double { usesRankStabilization ? alpha / Double(rank).squareRoot() : alpha / Double(rank) }

    /// A fresh adapter as PEFT begins one: A uniform in ±1/√inputs (Kaiming with a = √5), B zero, so that nothing changes yet.
    ///
    /// - Parameters:
    ///   - configuration: the model's shape.
    ///   - rank: r, at least 1.
    ///   - alpha: PEFT's `lora_alpha`.
    ///   - targets: the projections to adapt.
    ///   - seed: each tensor draws from its own stream, keyed by its name.
    public convenience init(
        fresh configuration: ModelConfiguration, rank: Int, alpha: Double, targets: [Projection], seed: UInt64
    ) {
        self.init(
            configuration: configuration, rank: rank, alpha: alpha, usesRankStabilization: false, targets: targets
        ) {
            (name, isA, shape) throws(Never) in
            guard isA else { return Matrix(rows: shape.rows, columns: shape.columns) }
            var generator = SeededGenerator(seed: seed, stream: name)
            let bound = 1 / Float(shape.columns).squareRoot()
            return Matrix(
                rows: shape.rows, columns: shape.columns,
                values: (0..<shape.rows * shape.columns).map { _ in (generator.nextUnit() * 2 - 1) * bound })
        }
    }

    /// An adapter whose tensors `make` gives, by PEFT name, kind (A or not) and shape.
    public init<Failure: Error>(
        configuration: ModelConfiguration, rank: Int, alpha: Double, usesRankStabilization: Bool, targets: [Projection],
        make: (_ name: String, _ isA: Bool, _ shape: (rows: Int, columns: Int)) throws(Failure) -> Matrix
    ) throws(Failure) {
        precondition(rank >= 1 && !targets.isEmpty, "rank \(rank) on \(targets.count) projections")
        self.rank = rank
        self.alpha = alpha
        self.usesRankStabilization = usesRankStabilization
        self.targets = Projection.allCases.filter(targets.contains)
        layerCount = configuration.numHiddenLayers
        let scale = Float(usesRankStabilization ? alpha / Double(rank).squareRoot() : alpha / Double(rank))
        var layers: [[Projection: LowRankFactors]] = []
        for layer in 0..<configuration.numHiddenLayers {
            var row: [Projection: LowRankFactors] = [:]
            for target in self.targets {
                let shape = target.shape(in: configuration)
                let a = try make(target.peftKey(layer: layer, .A), true, (rank, shape.in))
                let b = try make(target.peftKey(layer: layer, .B), false, (shape.out, rank))
                row[target] = LowRankFactors(a: a, b: b, scale: scale)
            }
            layers.append(row)
        }
        factors = layers
    }

    /// The factors on one projection, nil where it is not adapted.
    public func factors(layer: Int, _ projection: Projection) -> LowRankFactors? { factors[layer][projection] }

    /// Every trainable tensor, layer by layer, projection by projection, A before B.
    public var parameters: [Parameter] {
        (0..<layerCount).flatMap { layer in
            targets.flatMap { target -> [Parameter] in
                guard let pair = factors[layer][target] else { return [] }
                return [
                    Parameter(name: target.peftKey(layer: layer, .A), values: pair.a),
                    Parameter(name: target.peftKey(layer: layer, .B), values: pair.b),
                ]
            }
        }
    }

    /// The number of trainable values.
    public var parameterCount: Int { parameters.reduce(0) { $0 + $1.values.count } }
}
