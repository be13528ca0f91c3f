public import Kernels
public import Transformer

/// AdamW over an adapter's tensors, with clipping by global norm as PyTorch clips.
public final class AdamWOptimizer {
    /// The settings.
    public let options: AdamWOptions
    /// Steps taken.
    public private(set) var step = 0
    /// First moments, in the order of the adapter's parameters.
    public let firstMoments: [Matrix]
    /// Second moments, in the same order.
    public let secondMoments: [Matrix]

    /// An optimiser before its first step.
    public init(for adapter: LoRAAdapter, options: AdamWOptions) {
        self.options = options
        firstMoments = adapter.parameters.map { Matrix(rows: $0.values.rows, columns: $0.values.columns) }
        secondMoments = adapter.parameters.map { Matrix(rows: $0.values.rows, columns: $0.values.columns) }
    }

    /// Continues from saved moments; they must have been assigned already.
    public func restore(step: Int) { self.step = step }

    /// The factor that brings a gradient of this norm down to `maxNorm`, at most 1; PyTorch adds 1e-6 to the norm.
    public static func clippingCoefficient(norm: Double, maxNorm: Double) -> Double {
        maxNorm > 0 ? min(1, maxNorm / (norm + 1e-6)) : 1
    }

    /// Changes every parameter by one step.
    ///
    /// - Parameters:
    ///   - adapter: changed in place.
    ///   - gradients: in the order of the parameters.
    ///   - norm: the gradients' global norm.
    ///   - maxNorm: clip to this; 0 does not clip.
    ///   - learningRate: of this step.
    public func update(
        _ adapter: LoRAAdapter, gradients: LoRAGradients, norm: Double, maxNorm: Double, learningRate: Double
    ) {
        step += 1
        let scale = Self.clippingCoefficient(norm: norm, maxNorm: maxNorm)
        for (index, parameter) in adapter.parameters.enumerated() {
            adamWStep(
                parameter.values, firstMoment: firstMoments[index], secondMoment: secondMoments[index],
                gradient: gradients.values[index], gradientScale: scale, step: step, learningRate: learningRate,
                options: options)
        }
    }
}
