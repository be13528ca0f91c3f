internal import Kernels

/// The rows of packed sequences at which tokens are predicted: all that the last layer must compute beyond its keys and
/// values.
struct ScoredPart {
    /// The rows, ascending, each once.
    let rows: [Int]
    /// The attention of these rows, their queries counted in `rows`, their keys in the packed rows.
    let groups: [[AttentionSpan]]
    /// For each scored token, the index in `rows` of the row that predicts it.
    let scored: [Int]

    /// The part of packed sequences that their scored tokens need.
    init(_ packed: PackedTokens) {
        let rows = Array(Set(packed.scoredRows)).sorted()
        let places = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($1, $0) })
        self.rows = rows
        scored = packed.scoredRows.compactMap { places[$0] }
        groups = packed.groups.map { group in group.flatMap { Self.runs(of: $0, places) } }.filter { !$0.isEmpty }
    }

    /// A span cut down to the runs of its queries that are needed.
    private static func runs(of span: AttentionSpan, _ places: [Int: Int]) -> [AttentionSpan] {
        var runs: [AttentionSpan] = []
        for offset in 0..<span.queryCount {
            guard let place = places[span.queryStart + offset] else { continue }
            if let last = runs.last, last.queryStart + last.queryCount == place,
                last.keyOffset + last.queryCount == span.keyOffset + offset
            {
                runs[runs.count - 1].queryCount += 1
            } else {
                var run = span
                (run.queryStart, run.queryCount, run.keyOffset) = (place, 1, span.keyOffset + offset)
                runs.append(run)
            }
        }
        return runs
    }
}
