#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The summed log-probabilities of one held-out pair under the policy and under the reference.
///
/// The reference is the same quantised base with the adapter off; sums run over the answer's tokens, in nats.
public struct ScoredPair: Sendable, Equatable {
    /// The pair's id.
    public let item: String
    /// The patient.
    public let cluster: String
    /// What kind of text the rejected one is, such as `content_error`; empty where it is not recorded.
    public let kind: String
    /// `log π(chosen)`.
    public let chosen: Double
    /// `log π(rejected)`.
    public let rejected: Double
    /// `log π_ref(chosen)`.
    public let referenceChosen: Double
    /// `log π_ref(rejected)`.
    public let referenceRejected: Double

    /// Makes a pair of finite log-probabilities.
    public init(
        item: String, cluster: String, kind: String, chosen: Double, rejected: Double, referenceChosen: Double,
        referenceRejected: Double
    ) {
        let all = [chosen, rejected, referenceChosen, referenceRejected]
        precondition(all.allSatisfy(\.isFinite), "log-probabilities must be finite, found \(all)")
        self.item = item
        self.cluster = cluster
        self.kind = kind
        self.chosen = chosen
        self.rejected = rejected
        self.referenceChosen = referenceChosen
        self.referenceRejected = referenceRejected
    }

    /// `β·(log π − log π_ref)` of the chosen text.
    public func chosenReward(beta: Double) -> Double { beta * (chosen - referenceChosen) }
    /// `β·(log π − log π_ref)` of the rejected text.
    public func rejectedReward(beta: Double) -> Double { beta * (rejected - referenceRejected) }
    /// The chosen text's reward less the rejected one's.
    public func margin(beta: Double) -> Double { chosenReward(beta: beta) - rejectedReward(beta: beta) }
    /// The sigmoid DPO loss `−log σ(margin)`, in its stable form.
    public func loss(beta: Double) -> Double {
        let margin = margin(beta: beta)
        return max(0, -margin) + log1p(exp(-abs(margin)))
    }
    /// The weight `σ(−margin)` of the pair in the loss's gradient.
    public func gradientWeight(beta: Double) -> Double { 1 / (1 + exp(margin(beta: beta))) }
}

/// Implicit rewards of held-out pairs: how far training moved the policy towards the chosen texts.
///
/// They say nothing about what the model writes: a report shows them apart from generation. Rafailov et al. 2023,
/// section 5.
public struct ImplicitRewards: Sendable, Equatable {
    /// The kind of rejected text these pairs have; nil for all pairs.
    public let kind: String?
    /// How many pairs have a margin above 0, exactly 0 and below 0.
    public let counts: (above: Int, zero: Int, below: Int)
    /// The mean of the scores 1, one half and 0 for margins above, at and below 0, clustered by patient.
    public let accuracy: ClusteredMean
    /// The mean margin, clustered by patient; its interval is nil when it cannot be estimated.
    public let margin: ClusteredMean
    /// The mean reward of the chosen texts.
    public let chosen: Double
    /// The mean reward of the rejected texts.
    public let rejected: Double
    /// The mean DPO loss.
    public let loss: Double

    /// Sums up at least one pair.
    public init(_ pairs: [ScoredPair], beta: Double, kind: String? = nil, level: Double = 0.95) {
        precondition(!pairs.isEmpty, "implicit rewards need a pair")
        let margins = pairs.map { $0.margin(beta: beta) }
        let clusters = pairs.map(\.cluster)
        let n = Double(pairs.count)
        self.kind = kind
        counts = (margins.count { $0 > 0 }, margins.count { $0 == 0 }, margins.count { $0 < 0 })
        accuracy = ClusteredMean(
            margins.map { $0 > 0 ? 1 : $0 == 0 ? 0.5 : 0 }, clusters: clusters, range: 0...1, level: level)
        margin = ClusteredMean(margins, clusters: clusters, level: level)
        chosen = pairs.reduce(0) { $0 + $1.chosenReward(beta: beta) } / n
        rejected = pairs.reduce(0) { $0 + $1.rejectedReward(beta: beta) } / n
        loss = pairs.reduce(0) { $0 + $1.loss(beta: beta) } / n
    }

    /// One summary for each kind of rejected text, in byte order of the kinds.
    public static func byKind(_ pairs: [ScoredPair], beta: Double, level: Double = 0.95) -> [ImplicitRewards] {
        var groups: [[UInt8]: [ScoredPair]] = [:]
        for pair in pairs { groups[Array(pair.kind.utf8), default: []].append(pair) }
        return groups.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
            ImplicitRewards($0.value, beta: beta, kind: String(decoding: $0.key, as: UTF8.self), level: level)
        }
    }

    /// How many pairs there are.
    public var total: Int { counts.above + counts.zero + counts.below }
    /// The share of margins above 0: TRL's `rewards/accuracies`.
    public var strictAccuracy: Double { Double(counts.above) / Double(total) }
    /// The share of margins above 0, those at 0 counting one half.
    public var tieHalfAccuracy: Double { accuracy.mean }

    /// Whether both hold the same figures.
    public static func == (a: ImplicitRewards, b: ImplicitRewards) -> Bool {
        a.kind == b.kind && a.counts == b.counts && a.accuracy == b.accuracy && a.margin == b.margin
            && a.chosen == b.chosen && a.rejected == b.rejected && a.loss == b.loss
    }
}
