internal import CKernels

/// The settings of AdamW (Loshchilov and Hutter 2019, arXiv 1711.05101), under PyTorch's names.
public struct AdamWOptions: Sendable, Equatable {
    /// Decay rate of the first moment, in [0, 1).
    public var beta1: Double
    /// Decay rate of the second moment, in [0, 1).
    public var beta2: Double
    /// Added to the root of the second moment.
    public var epsilon: Double
    /// Decoupled weight decay, multiplied by the learning rate.
    public var weightDecay: Double

    /// PyTorch's defaults, but no weight decay.
    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, weightDecay: Double = 0) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
    }
}

/// One AdamW step of one tensor, in place.
///
/// - Parameters:
///   - parameter: updated.
///   - firstMoment: updated; zeros before step 1.
///   - secondMoment: updated; zeros before step 1.
///   - gradient: read.
///   - gradientScale: what the gradient is multiplied by first, such as the clipping coefficient.
///   - step: counts from 1.
///   - learningRate: of this step.
///   - options: the optimiser's settings.
public func adamWStep(
    _ parameter: Matrix, firstMoment: Matrix, secondMoment: Matrix, gradient: Matrix, gradientScale: Double, step: Int,
    learningRate: Double, options: AdamWOptions
) {
    precondition(
        parameter.count == gradient.count && firstMoment.count == gradient.count
            && secondMoment.count == gradient.count,
        "a step of \(parameter.shape) with a gradient of \(gradient.shape)")
    precondition(step >= 1, "step \(step)")
    let settings = ck_adamw(
        learning_rate: Float(learningRate), beta1: Float(options.beta1), beta2: Float(options.beta2),
        epsilon: Float(options.epsilon), weight_decay: Float(options.weightDecay),
        bias_correction1: Float(1 - power(options.beta1, Double(step))),
        bias_correction2: Float(1 - power(options.beta2, Double(step))))
    ck_adamw_step(
        parameter.base, firstMoment.base, secondMoment.base, gradient.base, settings, Float(gradientScale),
        parameter.count)
}
