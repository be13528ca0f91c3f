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
        var found: [Int: LikenessIndex.Match?] = [:]
        var matches: [Match] = []
        for (done, stored) in train.enumerated() {
            if done % 256 == 0 { progress(done, train.count) }
            let prompt = trainPrompts[done]
            let match = found[prompt] ?? index.mostAlike(sequences[prompt])
            found[prompt] = .some(match)
            guard let match else { continue }
            matches.append(
                Match(
                    origin: stored.origin, id: stored.pair.id,
                    heldOutID: heldOut[firstHeldOut[match.position]].pair.id, similarity: match.similarity))
        }
        progress(train.count, train.count)
        return matches
    }
}
