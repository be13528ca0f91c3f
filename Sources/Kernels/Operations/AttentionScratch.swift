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
    /// Gathered keys or values transposed, each (D × columns), rows `stride(columns)` apart.
    let transposed: [UnsafeMutablePointer<Float>]
    private let base: UnsafeMutablePointer<Float>

    /// How far apart rows of so many columns lie: whole vectors, so that no product has a ragged edge.
    static func stride(_ columns: Int) -> Int { (columns + 15) / 16 * 16 }

    /// Memory for so many of each, not initialised.
    init(
        _ attention: CausalAttention, spans: [AttentionSpan], scores: Int, stacks: Int, keys: Int, transposed: Int
    ) {
        let rows = attention.group * min(attention.queryBlock, spans.map(\.queryCount).max() ?? 0)
        let columns = spans.map { $0.keysBefore + $0.queryCount }.max() ?? 0
        let stride = Self.stride(columns)
        let parts = [
            (scores, rows * stride), (stacks, rows * attention.headDimension),
            (keys, columns * attention.headDimension),
            (transposed, attention.headDimension * stride),
        ]
        let base = UnsafeMutablePointer<Float>.allocate(capacity: max(1, parts.reduce(0) { $0 + $1.0 * $1.1 }))
        var next = base
        func take(_ part: (count: Int, size: Int)) -> [UnsafeMutablePointer<Float>] {
            defer { next += part.count * part.size }
            return (0..<part.count).map { next + $0 * part.size }
        }
        self.base = base
        self.scores = take(parts[0])
        self.stacks = take(parts[1])
        self.keys = take(parts[2])
        self.transposed = take(parts[3])
    }

    deinit { base.deallocate() }
}
