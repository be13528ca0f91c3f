/// One task's working memory in attention, large enough for each block of its spans.
///
/// A block's queries are taken with all heads of the group at once, and the keys that a span sees are gathered: so each
/// product of a block is a single one, of contiguous rows.
final class AttentionScratch {
    /// Scores and their gradient, each (queries · group × columns).
    let scores: [UnsafeMutablePointer<Float>]
    /// Stacked rows of queries or outputs, each (queries · group × D).
    let stacks: [UnsafeMutablePointer<Float>]
    /// Gathered rows of keys or values, each (columns × D).
    let keys: [UnsafeMutablePointer<Float>]
    private let base: UnsafeMutablePointer<Float>

    /// Memory for so many of each, not initialised.
    init(_ attention: CausalAttention, spans: [AttentionSpan], scores: Int, stacks: Int, keys: Int) {
        let rows = attention.group * min(attention.queryBlock, spans.map(\.queryCount).max() ?? 0)
        let columns = spans.map { $0.keysBefore + $0.queryCount }.max() ?? 0
        let sizes = (rows * columns, rows * attention.headDimension, columns * attention.headDimension)
        let base = UnsafeMutablePointer<Float>.allocate(
            capacity: max(1, scores * sizes.0 + stacks * sizes.1 + keys * sizes.2))
        let (firstStack, firstKeys) = (base + scores * sizes.0, base + scores * sizes.0 + stacks * sizes.1)
        self.base = base
        self.scores = (0..<scores).map { base + $0 * sizes.0 }
        self.stacks = (0..<stacks).map { firstStack + $0 * sizes.1 }
        self.keys = (0..<keys).map { firstKeys + $0 * sizes.2 }
    }

    deinit { base.deallocate() }
}
