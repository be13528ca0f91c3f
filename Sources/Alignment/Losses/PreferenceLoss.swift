internal import Foundation

/// One term of a training loss, under TRL's name.
public enum LossTerm: String, Sendable, CaseIterable {
    /// −ln σ(βh): direct preference optimization (Rafailov et al. 2023, arXiv 2305.18290, Eq. 7).
    case sigmoid
    /// The mean negative log-likelihood of the chosen answers' tokens.
    case sft
}

/// A weighted sum of loss terms: TRL's `loss_type` and `loss_weights`.
public struct PreferenceLoss: Sendable, Equatable {
    /// The terms with their weights, in the order given.
    public var terms: [WeightedTerm]
    /// How far the policy may move from the reference: TRL's `beta`, above 0.
    public var beta: Double
    /// The share of pairs taken as labelled the wrong way round, in [0, ½): conservative DPO.
    ///
    /// Mitchell's note on cDPO, Equation 3. TRL 1.16 ignores its `label_smoothing` for the sigmoid loss; here it does what the reference implementation does.
    public var labelSmoothing: Double

    /// A term and its weight.
    public struct WeightedTerm: Sendable, Equatable {
        /// The term.
        public var term: LossTerm
        /// What it is multiplied by.
        public var weight: Double

        /// A weighted term.
        public init(_ term: LossTerm, weight: Double = 1) {
            self.term = term
            self.weight = weight
        }
    }

    /// A loss; by default the sigmoid loss alone.
    public init(beta: Double, terms: [WeightedTerm] = [WeightedTerm(.sigmoid)], labelSmoothing: Double = 0) {
        precondition(beta > 0 && !terms.isEmpty, "beta \(beta), \(terms.count) terms")
        precondition(labelSmoothing >= 0 && labelSmoothing < 0.5, "label smoothing \(labelSmoothing)")
        self.beta = beta
        self.terms = terms
        self.labelSmoothing = labelSmoothing
    }

    /// Whether any term looks at the rejected answer.
    public var usesRejected: Bool { terms.contains { $0.term == .sigmoid } }

    /// The summed log-probabilities of one pair under the policy and under the reference.
    public struct PairLogProbabilities: Sendable, Equatable {
        /// Σ ln π(chosen | prompt).
        public var chosen: Double
        /// Σ ln π(rejected | prompt).
        public var rejected: Double
        /// The same under the reference.
        public var referenceChosen: Double
        /// The same under the reference.
        public var referenceRejected: Double

        /// Four sums, natural logarithms.
        public init(chosen: Double, rejected: Double, referenceChosen: Double, referenceRejected: Double) {
            self.chosen = chosen
            self.rejected = rejected
            self.referenceChosen = referenceChosen
            self.referenceRejected = referenceRejected
        }

        /// h = (chosen − reference) − (rejected − reference).
        public var logRatioDifference: Double { (chosen - referenceChosen) - (rejected - referenceRejected) }
    }

    /// −(1 − ε) ln σ(βh) − ε ln σ(−βh) of one pair, ε the label smoothing; finite for any finite h.
    public func sigmoidLoss(_ pair: PairLogProbabilities) -> Double {
        let z = beta * pair.logRatioDifference
        return (1 - labelSmoothing) * Self.softplus(-z) + labelSmoothing * Self.softplus(z)
    }

    /// The derivative of the sigmoid loss by h; with respect to the chosen sum it is this, to the rejected sum minus this.
    public func sigmoidSlope(_ pair: PairLogProbabilities) -> Double {
        let z = beta * pair.logRatioDifference
        return beta * (labelSmoothing * Self.sigmoid(z) - (1 - labelSmoothing) * Self.sigmoid(-z))
    }

    private static func softplus(_ z: Double) -> Double { max(z, 0) + log1p(exp(-abs(z))) }

    private static func sigmoid(_ z: Double) -> Double { z >= 0 ? 1 / (1 + exp(-z)) : exp(z) / (1 + exp(z)) }

    /// The weight of a term in the sum, 0 when it is not part of it.
    public func weight(of term: LossTerm) -> Double {
        terms.filter { $0.term == term }.reduce(0) { $0 + $1.weight }
    }
}
