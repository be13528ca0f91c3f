internal import Transformer

/// Which pairs each micro-batch holds: a function of the seed and the epoch alone, so that nothing need be replayed.
struct PairOrder {
    let pairCount: Int
    let options: TrainingOptions

    /// The order of an epoch, counted from 0: each pair once.
    func epoch(_ epoch: Int) -> [Int] {
        var order = Array(0..<pairCount)
        guard options.samplingStrategy == .random else { return order }
        var generator = SeededGenerator(seed: options.seed, stream: "pair-order-\(epoch)")
        order.shuffle(using: &generator)
        return order
    }

    /// The micro-batches of an optimiser step, counted from 0, as indices of pairs.
    func microBatches(step: Int) -> [[Int]] {
        let stepsPerEpoch = options.stepsPerEpoch(pairs: pairCount)
        let order = epoch(step / stepsPerEpoch)
        let size = options.perDeviceTrainBatchSize
        let first = step % stepsPerEpoch * options.gradientAccumulationSteps
        let last = min(first + options.gradientAccumulationSteps, options.microBatchesPerEpoch(pairs: pairCount))
        return (first..<last).map { Array(order[($0 * size)..<min(($0 + 1) * size, pairCount)]) }
    }

    /// TRL's `epoch` after an optimiser step: epochs done, the current one as a share of its micro-batches.
    func epochValue(afterStep step: Int) -> Double {
        let stepsPerEpoch = options.stepsPerEpoch(pairs: pairCount)
        let batches = options.microBatchesPerEpoch(pairs: pairCount)
        let within = min(batches, (step % stepsPerEpoch + 1) * options.gradientAccumulationSteps)
        return Double(step / stepsPerEpoch) + Double(within) / Double(batches)
    }
}
