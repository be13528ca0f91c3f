public import Evaluation

/// The logged steps of a training run, under TRL's names.
public struct TrainingLog: Sendable, Equatable {
    /// One logged step.
    public struct Step: Sendable, Equatable {
        /// The optimiser step, from 1.
        public var step: Int
        /// Values by name, such as `loss`, `rewards/margins`, `delta_logps/chosen`, `eval_loss`.
        public var values: [String: Double]

        /// Makes a step.
        public init(step: Int, values: [String: Double]) {
            self.step = step
            self.values = values
        }
    }

    /// The steps in order.
    public var steps: [Step]

    /// Makes a log.
    public init(steps: [Step]) {
        self.steps = steps
    }

    /// The points of a name, in order of the steps, those without it left out.
    public func points(_ name: String) -> [(step: Int, value: Double)] {
        steps.compactMap { step in step.values[name].map { (step.step, $0) } }
    }
}

/// Implicit rewards of the held-out pairs, overall and by kind of rejected text.
public struct HeldOutRewards: Sendable, Equatable {
    /// The temperature of the implicit reward.
    public var beta: Double
    /// All pairs.
    public var overall: ImplicitRewards
    /// One summary a kind of rejected text.
    public var byKind: [ImplicitRewards]

    /// Makes rewards from summaries.
    public init(beta: Double, overall: ImplicitRewards, byKind: [ImplicitRewards] = []) {
        self.beta = beta
        self.overall = overall
        self.byKind = byKind
    }

    /// Sums up at least one scored pair, overall and by kind.
    public init(_ pairs: [ScoredPair], beta: Double) {
        self.init(
            beta: beta, overall: ImplicitRewards(pairs, beta: beta),
            byKind: ImplicitRewards.byKind(pairs, beta: beta))
    }
}
