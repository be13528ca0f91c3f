public import Transformer

/// How a training pass fits a memory budget: how many tokens it takes at once, and what it keeps of the layers.
///
/// It depends on the model, the longest pair and the budget alone, so a run that is resumed packs as it did before.
public struct ActivationPlan: Sendable, Equatable {
    /// Tokens in a pass.
    public var packedRows: Int
    /// What a pass keeps for its backward half.
    public var policy: ActivationPolicy

    /// A plan as given.
    public init(packedRows: Int = BatchEvaluator.defaultPackedRows, policy: ActivationPolicy = .keep) {
        self.packedRows = packedRows
        self.policy = policy
    }

    /// Tokens below which a pass expands weights more than it multiplies with them.
    static let fewestRows = 256
    /// Tokens above which a larger pass is no faster.
    static let mostRows = 4096

    /// The plan for a budget: everything is kept while the longest pair and a useful number of tokens fit.
    ///
    /// - Parameters:
    ///   - model: the frozen base.
    ///   - pairs: what is trained on; a pass always takes at least one pair, whatever the budget.
    ///   - budgetBytes: for activations and working memory.
    public init(model: DecoderModel, pairs: [EncodedPair], budgetBytes: Int) {
        let longest = pairs.map(\.packedCount).max() ?? 1
        func rows(_ policy: ActivationPolicy) -> Int {
            min(Self.mostRows, budgetBytes / policy.bytesPerRow(model.configuration))
        }
        let kept = rows(.keep)
        if kept >= max(longest, min(Self.fewestRows, pairs.reduce(0) { $0 + $1.packedCount })) {
            self.init(packedRows: kept, policy: .keep)
        } else {
            self.init(packedRows: max(1, rows(.recompute)), policy: .recompute)
        }
    }
}
