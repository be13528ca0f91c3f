public import Kernels

/// The settings of a run, under TRL's names in Swift case.
public struct TrainingOptions: Sendable, Equatable {
    /// The order in which pairs are seen.
    public enum SamplingStrategy: String, Sendable, CaseIterable {
        /// A new permutation each epoch, from the seed.
        case random
        /// As given.
        case sequential
    }

    /// The loss.
    public var loss: PreferenceLoss
    /// The peak learning rate.
    public var learningRate = 1e-4
    /// The schedule's shape.
    public var schedulerKind = LearningRateScheduleKind.cosine
    /// Warm-up as a share of the run, rounded up to steps; used when `warmupSteps` is 0.
    public var warmupRatio = 0.0
    /// Warm-up in steps.
    public var warmupSteps = 0
    /// The optimiser's settings.
    public var optimizer = AdamWOptions()
    /// Gradients are clipped to this global norm; 0 does not clip.
    public var maxGradNorm = 1.0
    /// Pairs in a micro-batch.
    public var perDeviceTrainBatchSize = 8
    /// Micro-batches in an optimiser step.
    public var gradientAccumulationSteps = 1
    /// Passes over the pairs; used when `maxSteps` is 0.
    public var numTrainEpochs = 3.0
    /// Optimiser steps; 0 leaves it to `numTrainEpochs`.
    public var maxSteps = 0
    /// The order of the pairs.
    public var samplingStrategy = SamplingStrategy.random
    /// The seed of the order.
    public var seed: UInt64 = 42
    /// A line of metrics every so many steps; the last step always has one.
    public var loggingSteps = 1
    /// A checkpoint every so many steps; 0 only when stopped.
    public var saveSteps = 0
    /// Checkpoints that are kept; 0 keeps all.
    public var saveTotalLimit = 2
    /// The type in which products with frozen weights take their factors; the reference must have the same.
    public var computeType = ComputeType.float32
    /// How many tokens a pass takes and what it keeps of them.
    public var activations = ActivationPlan()

    /// Options with TRL's defaults where it has them.
    public init(loss: PreferenceLoss) { self.loss = loss }

    /// Micro-batches in an epoch of `pairs` pairs.
    func microBatchesPerEpoch(pairs: Int) -> Int {
        (pairs + perDeviceTrainBatchSize - 1) / perDeviceTrainBatchSize
    }

    /// Optimiser steps in an epoch; a last, shorter window is a step of its own.
    func stepsPerEpoch(pairs: Int) -> Int {
        let batches = microBatchesPerEpoch(pairs: pairs)
        return max(1, (batches + gradientAccumulationSteps - 1) / gradientAccumulationSteps)
    }

    /// Optimiser steps of the run.
    public func totalSteps(pairs: Int) -> Int {
        maxSteps > 0 ? maxSteps : Int((numTrainEpochs * Double(stepsPerEpoch(pairs: pairs))).rounded(.up))
    }

    /// The learning rate of each step of the run.
    public func schedule(pairs: Int) -> LearningRateSchedule {
        let total = totalSteps(pairs: pairs)
        let warmup =
            warmupSteps > 0 ? warmupSteps : LearningRateSchedule.warmupSteps(ratio: warmupRatio, totalSteps: total)
        return LearningRateSchedule(kind: schedulerKind, peak: learningRate, warmupSteps: warmup, totalSteps: total)
    }
}
