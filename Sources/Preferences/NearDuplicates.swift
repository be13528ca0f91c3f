/// Training prompts that are nearly copies of held-out ones.
///
/// Similarity is the Jaccard index of the sets of 8-word sequences (``WordSequences``). Sequences that stand in more than
/// half of at least 20 different prompts are a shared template, not a likeness, and are left out.
enum NearDuplicates {
    /// A training pair and the held-out pair that its prompt is most like.
    struct Match: Sendable {
        let origin: StoredPairs.Origin
        let id: String
        let heldOutID: String
        let similarity: Double
    }

    /// How many prompts are looked up between two reports of progress.
    private static let piece = 4096

    /// Every training pair at or above the threshold, in the order of the training pairs.
    ///
    /// None is missed: the search is exact (``LikenessIndex``). Of equally alike held-out pairs the first counts.
    static func find(
        train: [StoredPairs.Stored], heldOut: [StoredPairs.Stored], threshold: Double,
        progress: (Int, Int) -> Void = { _, _ in }
    ) -> [Match] {
        var number: [String: Int] = [:]
        var prompts: [String] = []
        /// Each pair's prompt by its number among the different ones.
        func numbered(_ pairs: [StoredPairs.Stored]) -> [Int] {
            zip(pairs, pairs.concurrentMap { $0.pair.promptDigest }).map { stored, key in
                if let known = number[key] { return known }
                number[key] = prompts.count
                prompts.append(stored.pair.prompt.plainText)
                return prompts.count - 1
            }
        }
        let heldOutPrompts = numbered(heldOut)
        let trainPrompts = numbered(train)
        let sequences = WordSequences.prepare(prompts, threshold: threshold)
        var index = LikenessIndex(threshold: threshold)
        var firstHeldOut: [Int] = []
        var isIndexed = [Bool](repeating: false, count: prompts.count)
        for (position, prompt) in heldOutPrompts.enumerated() where !isIndexed[prompt] {
            isIndexed[prompt] = true
            index.insert(sequences[prompt])
            firstHeldOut.append(position)
        }
        let closed = index
        var found = [LikenessIndex.Match?](repeating: nil, count: prompts.count)
        let asked = Array(Set(trainPrompts)).sorted()
        for start in stride(from: 0, to: asked.count, by: piece) {
            progress(start * train.count / max(1, asked.count), train.count)
            let some = Array(asked[start..<min(asked.count, start + piece)])
            for (prompt, match) in zip(some, some.concurrentMap { closed.mostAlike(sequences[$0]) }) {
                found[prompt] = match
            }
        }
        let matches = zip(train, trainPrompts).compactMap { stored, prompt in
            found[prompt].map { match in
                Match(
                    origin: stored.origin, id: stored.pair.id,
                    heldOutID: heldOut[firstHeldOut[match.position]].pair.id, similarity: match.similarity)
            }
        }
        progress(train.count, train.count)
        return matches
    }
}
