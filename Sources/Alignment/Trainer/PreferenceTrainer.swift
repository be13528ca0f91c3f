public import Diagnostics
internal import Kernels
public import Transformer

/// Trains an adapter on preference pairs by direct preference optimization, as TRL's `DPOTrainer` does.
///
/// One optimiser step is `gradientAccumulationSteps` micro-batches; their gradients are averaged, clipped by global norm
/// and given to AdamW. The run checks itself: before the first step the policy must equal its reference (a sigmoid loss
/// of ln 2, margins 0), and no step is taken with a loss or gradient that is not finite.
public final class PreferenceTrainer {
    private let model: DecoderModel
    private let adapter: LoRAAdapter
    private let pairs: [EncodedPair]
    private let reference: [PairScore]
    private let options: TrainingOptions
    private let evaluator: BatchEvaluator
    private let gradients: LoRAGradients
    private let optimizer: AdamWOptimizer
    private let order: PairOrder
    private let schedule: LearningRateSchedule
    private var state = TrainerState()
    /// Tokens of the steps before a resume.
    private var tokensBefore = 0

    /// A trainer before its first step.
    ///
    /// - Parameters:
    ///   - model: the frozen base.
    ///   - adapter: what is trained, in place.
    ///   - pairs: the training pairs, at least two.
    ///   - reference: their log-probabilities under the model that the run starts from, in the same order.
    ///   - options: the settings.
    /// - Throws: a refusal when there are too few pairs or a reference value is not finite.
    public init(
        model: DecoderModel, adapter: LoRAAdapter, pairs: [EncodedPair], reference: [PairScore],
        options: TrainingOptions
    ) throws(Refusal) {
        precondition(pairs.count == reference.count, "\(pairs.count) pairs, \(reference.count) references")
        guard pairs.count >= 2 else {
            throw Refusal(
                code: "train.too-few-pairs", at: "training pairs", "\(pairs.count) to train on (allowed: 2 or more)",
                mend: "import more pairs, or hold fewer patients out")
        }
        for score in reference where !score.chosenLogp.isFinite || !score.rejectedLogp.isFinite {
            throw Refusal(
                .trainingStopped, code: "train.reference-not-finite", at: "pair \(score.id)",
                "its reference log-probability is not a finite number",
                mend: "check the model file with overread doctor; no adapter was changed")
        }
        self.model = model
        self.adapter = adapter
        self.pairs = pairs
        self.reference = reference
        self.options = options
        evaluator = BatchEvaluator(
            model: model, loss: options.loss, packedRows: options.activations.packedRows,
            policy: options.activations.policy, computeType: options.computeType)
        gradients = LoRAGradients(for: adapter)
        optimizer = AdamWOptimizer(for: adapter, options: options.optimizer)
        order = PairOrder(pairCount: pairs.count, options: options)
        schedule = options.schedule(pairs: pairs.count)
    }

    /// Tokens of the steps that this object took itself, as TRL's `num_tokens` counts them: the prompt once for each answer.
    public var tokensTaken: Int { state.tokens - tokensBefore }

    /// Runs to the end, or until asked to stop.
    ///
    /// - Parameters:
    ///   - checkpoints: where to save and whence to go on; nil keeps nothing.
    ///   - onMetrics: told each new line of metrics; after a resume first those of the checkpoint.
    ///   - progress: told after each step.
    ///   - shouldStop: asked after each step; when true the run saves and returns.
    /// - Throws: a refusal of kind `trainingStopped` when the first step is not where it must be, or when a loss or
    ///   gradient is not finite: the last good state is then saved, and the step not taken.
    public func train(
        checkpoints: CheckpointFolder?, onMetrics: (TrainingMetrics) throws(Refusal) -> Void,
        progress: (TrainingProgress) -> Void = { _ in }, shouldStop: () -> Bool = { false }
    ) throws(Refusal) -> TrainingSummary {
        let total = schedule.totalSteps
        if let checkpoints, let saved = try checkpoints.restoreNewest(into: adapter, optimizer: optimizer) {
            state = saved
        }
        let resumedFrom = state.step
        tokensBefore = state.tokens
        for metrics in state.log { try onMetrics(metrics) }
        progress(currentProgress)
        var wasStopped = false
        while state.step < total {
            do {
                try takeMeasuredStep()
            } catch let refusal {
                if state.step > resumedFrom, let checkpoints {
                    try checkpoints.save(adapter, optimizer: optimizer, state: state, totalSteps: total, epoch: epoch)
                }
                throw refusal
            }
            if state.step % max(1, options.loggingSteps) == 0 || state.step == total { try onMetrics(logWindow()) }
            progress(currentProgress)
            wasStopped = state.step < total && shouldStop()
            let isDue = options.saveSteps > 0 && state.step % options.saveSteps == 0 && state.step < total
            if let checkpoints, isDue || wasStopped {
                try checkpoints.save(adapter, optimizer: optimizer, state: state, totalSteps: total, epoch: epoch)
            }
            if wasStopped { break }
        }
        return TrainingSummary(
            steps: state.step, totalSteps: total, wasStopped: wasStopped, resumedFrom: resumedFrom, log: state.log)
    }

    private var epoch: Double { state.step == 0 ? 0 : order.epochValue(afterStep: state.step - 1) }

    private var currentProgress: TrainingProgress {
        let perEpoch = options.stepsPerEpoch(pairs: pairs.count)
        let (epochs, rest) = schedule.totalSteps.quotientAndRemainder(dividingBy: perEpoch)
        let partial = min(pairs.count, rest * options.gradientAccumulationSteps * options.perDeviceTrainBatchSize)
        return TrainingProgress(
            step: state.step, totalSteps: schedule.totalSteps, pairs: state.pairs,
            totalPairs: epochs * pairs.count + partial)
    }

    private var lastGradientNorm = 0.0
    private var lastLearningRate = 0.0

    private func takeMeasuredStep() throws(Refusal) {
        let result: Result<Void, Refusal> = model.workers.measure(.other) {
            do throws(Refusal) {
                return .success(try takeStep())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    private func takeStep() throws(Refusal) {
        gradients.clear()
        let batches = order.microBatches(step: state.step)
        var results: [BatchResult] = []
        for batch in batches {
            let result = evaluator.evaluate(
                batch.map { pairs[$0] }, reference: batch.map { reference[$0] }, adapter: adapter, gradients: gradients,
                scale: 1 / Double(batches.count))
            guard result.loss.isFinite else { throw notFinite("the loss", batch) }
            if state.step == 0 { try checkStart(result) }
            results.append(result)
        }
        let norm = model.workers.measure(.optimizer) { gradients.norm }
        guard norm.isFinite else { throw notFinite("the gradient", batches.flatMap { $0 }) }
        lastLearningRate = schedule.rate(step: state.step)
        lastGradientNorm = norm
        model.workers.measure(.optimizer) {
            optimizer.update(
                adapter, gradients: gradients, norm: norm, maxNorm: options.maxGradNorm, learningRate: lastLearningRate)
        }
        state.step += 1
        state.windowLosses.append(results.reduce(0) { $0 + $1.loss } / Double(results.count))
        state.windowBatches += results.map(\.sums)
        state.tokens += results.reduce(0) { $0 + $1.sums.tokens }
        state.pairs += batches.reduce(0) { $0 + $1.count }
    }

    /// Before anything was trained the policy is the reference: every log-ratio must vanish up to rounding.
    private func checkStart(_ result: BatchResult) throws(Refusal) {
        guard result.sums.largestStartingDifference > 1 else { return }
        let loss = result.sums.sigmoidLoss / result.sums.pairs
        throw Refusal(
            .trainingStopped, code: "train.first-step", at: "step 1",
            "the policy is not its reference before training: the sigmoid loss is \(loss) "
                + "(allowed: ln 2 = 0.693147 within rounding, with every margin 0)",
            mend:
                "delete the reference cache, and check that model and adapter_init are those that the cache was made with"
        )
    }

    private func notFinite(_ what: String, _ batch: [Int]) -> Refusal {
        let names = batch.prefix(8).map { pairs[$0].id }.joined(separator: ", ")
        let saved = state.step > 0 ? "; the state after step \(state.step) is kept" : ""
        return Refusal(
            .trainingStopped, code: "train.not-finite", at: "step \(state.step + 1)",
            "\(what) is not a finite number (pairs \(names)\(batch.count > 8 ? ", …" : ""))\(saved), and the step was not taken",
            mend: "lower learning_rate or max_grad_norm, and look at the named pairs")
    }

    private func logWindow() -> TrainingMetrics {
        var values: [(name: String, value: Double)] = [
            ("loss", state.windowLosses.reduce(0, +) / Double(state.windowLosses.count)),
            ("grad_norm", lastGradientNorm), ("learning_rate", lastLearningRate),
        ]
        values += TrainingMetrics.means(
            of: state.windowBatches, beta: options.loss.beta, usesRejected: options.loss.usesRejected)
        values += [("num_tokens", Double(state.tokens)), ("epoch", epoch)]
        let metrics = TrainingMetrics(step: state.step, values: values)
        state.log.append(metrics)
        state.windowLosses = []
        state.windowBatches = []
        return metrics
    }
}
