/// A run of queries that follow each other and the keys that they see.
///
/// Query j of the run sees all keys of the root, all of the prefix, and the first `keyOffset + j + 1` of its own keys. A
/// plain sequence has neither root nor prefix; the chosen and the rejected answer of a pair share their prompt as prefix
/// (arXiv 2410.20305), and all pairs of a pass may share the beginning of their prompts as root; a step of generation
/// sees the cached keys before it through `keyOffset`.
public struct AttentionSpan: Sendable, Equatable {
    /// The first row of the queries (and of the output).
    public var queryStart: Int
    /// The number of queries.
    public var queryCount: Int
    /// The first row of the root among the keys and values.
    public var rootStart: Int
    /// The number of keys in the root, which many groups of spans may share.
    public var rootCount: Int
    /// The first row of the prefix among the keys and values.
    public var prefixStart: Int
    /// The number of keys in the prefix.
    public var prefixCount: Int
    /// The row of the run's first own key.
    public var keyStart: Int
    /// How many own keys lie before the first query's.
    public var keyOffset: Int

    /// A span; by default a plain sequence whose keys lie in the same rows as its queries.
    public init(
        queryStart: Int, queryCount: Int, rootStart: Int = 0, rootCount: Int = 0, prefixStart: Int = 0,
        prefixCount: Int = 0, keyStart: Int? = nil, keyOffset: Int = 0
    ) {
        self.queryStart = queryStart
        self.queryCount = queryCount
        self.rootStart = rootStart
        self.rootCount = rootCount
        self.prefixStart = prefixStart
        self.prefixCount = prefixCount
        self.keyStart = keyStart ?? queryStart
        self.keyOffset = keyOffset
    }

    /// Keys that the first query sees before its own.
    var keysBefore: Int { rootCount + prefixCount + keyOffset }
}
