/// Training prompts that are nearly copies of held-out ones.
///
/// Similarity is the Jaccard index of the sets of 8-word sequences (shorter prompts count as one sequence), words being
/// runs of letters and digits in small letters. Sequences are told apart by a 64-bit hash (FNV-1a). Sequences that stand
/// in more than half of at least 20 different prompts are a shared template, not a likeness, and are left out.
enum NearDuplicates {
    /// A training pair and the held-out pair that its prompt is most like.
    struct Match: Sendable {
        let rowID: Int64
        let id: String
        let heldOutID: String
        let similarity: Double
    }

    static let wordsPerSequence = 8
    /// How many different prompts there must be before what most of them share counts as a template.
    static let templatePrompts = 20

    /// Every training pair at or above the threshold, in the order of the training pairs.
    static func find(
        train: [StoredPairs.Stored], heldOut: [StoredPairs.Stored], threshold: Double,
        progress: (Int, Int) -> Void = { _, _ in }
    ) -> [Match] {
        var sets: [String: Set<UInt64>] = [:]
        for stored in train + heldOut {
            let key = stored.pair.promptDigest
            if sets[key] == nil { sets[key] = sequences(of: stored.pair.prompt.plainText) }
        }
        removeTemplate(from: &sets)
        var index: [UInt64: [Int]] = [:]
        let heldOutSets = heldOut.map { sets[$0.pair.promptDigest] ?? [] }
        for (position, set) in heldOutSets.enumerated() {
            for sequence in set { index[sequence, default: []].append(position) }
        }
        var matches: [Match] = []
        for (number, stored) in train.enumerated() {
            progress(number, train.count)
            let set = sets[stored.pair.promptDigest] ?? []
            var shared = [Int: Int]()
            for sequence in set {
                for position in index[sequence] ?? [] { shared[position, default: 0] += 1 }
            }
            var best: (position: Int, similarity: Double)?
            for (position, count) in shared.sorted(by: { $0.key < $1.key }) {
                let similarity = Double(count) / Double(set.count + heldOutSets[position].count - count)
                if similarity >= threshold, similarity > best?.similarity ?? 0 { best = (position, similarity) }
            }
            guard let best else { continue }
            matches.append(
                Match(
                    rowID: stored.rowID, id: stored.pair.id, heldOutID: heldOut[best.position].pair.id,
                    similarity: best.similarity))
        }
        return matches
    }

    private static func removeTemplate(from sets: inout [String: Set<UInt64>]) {
        guard sets.count >= templatePrompts else { return }
        var prompts: [UInt64: Int] = [:]
        for set in sets.values {
            for sequence in set { prompts[sequence, default: 0] += 1 }
        }
        let template = Set(prompts.filter { $0.value > sets.count / 2 }.keys)
        for (key, set) in sets {
            let own = set.subtracting(template)
            if !own.isEmpty { sets[key] = own }
        }
    }

    /// The hashes of a text's word sequences.
    static func sequences(of text: String) -> Set<UInt64> {
        var words: [UInt64] = []
        var hash = fnvStart
        var inWord = false
        for scalar in text.unicodeScalars {
            if scalar.properties.isAlphabetic || scalar.properties.numericType != nil {
                let small =
                    scalar.isASCII ? (65...90).contains(scalar.value) ? scalar.value + 32 : scalar.value : scalar.value
                hash = fnv(hash, UInt64(small))
                inWord = true
            } else if inWord {
                words.append(hash)
                hash = fnvStart
                inWord = false
            }
        }
        if inWord { words.append(hash) }
        guard words.count > wordsPerSequence else { return [words.reduce(fnvStart, fnv)] }
        var sequences = Set<UInt64>()
        for start in 0...(words.count - wordsPerSequence) {
            sequences.insert(words[start..<(start + wordsPerSequence)].reduce(fnvStart, fnv))
        }
        return sequences
    }

    private static let fnvStart: UInt64 = 0xCBF2_9CE4_8422_2325

    /// FNV-1a over the eight bytes of a value.
    private static func fnv(_ hash: UInt64, _ value: UInt64) -> UInt64 {
        var hash = hash
        for shift in stride(from: UInt64(0), to: 64, by: 8) {
            hash = (hash ^ (value >> shift & 0xFF)) &* 0x100_0000_01B3
        }
        return hash
    }
}
