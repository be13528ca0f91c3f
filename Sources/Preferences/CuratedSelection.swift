internal import StrictJSON

/// A smaller training set of better and more different pairs, by one rule without chance.
///
/// Quality first, then difference, as DEITA selects (Liu et al. 2024, arXiv 2312.15685, section 3): pairs are ranked
/// within each stratum of modality and body part by who stands behind them (adjudicated, then readers who agree, then one
/// reader or editor, then an imported record), by the number of those readers, by strength, and by the content's hash.
/// The strata then take turns, in the order of their names, each giving its best pair that is less than
/// ``similarity`` alike (Jaccard index of 8-word sequences of prompt and chosen text) to all it gave before. Where that
/// does not fill the set, the pairs passed over fill it, by rank.
enum CuratedSelection {
    /// From which likeness on a pair is passed over.
    static let similarity = 0.5

    /// What was taken.
    struct Result {
        let taken: Set<StoredPairs.Origin>
        /// Pairs passed over as alike and not taken in the end.
        let alike: Int
    }

    static func select(_ pairs: [StoredPairs.Stored], size: Int) -> Result {
        var strata: [[UInt8]: Stratum] = [:]
        let sequences = WordSequences.prepare(
            pairs.map { $0.pair.prompt.plainText + " " + $0.pair.chosen.plainText }, threshold: similarity)
        for (pair, sequences) in zip(pairs, sequences) {
            strata[stratum(pair.pair), default: Stratum()].ranked.append(Ranked(pair, sequences))
        }
        let names = strata.keys.sorted { $0.lexicographicallyPrecedes($1) }
        for name in names { strata[name]?.ranked.sort(by: Ranked.precedes) }
        var taken = Set<StoredPairs.Origin>()
        var passedOver: [Ranked] = []
        var isMoving = true
        while taken.count < size, isMoving {
            isMoving = false
            for name in names where taken.count < size {
                guard let next = strata[name]?.takeNext(passingOver: &passedOver) else { continue }
                taken.insert(next)
                isMoving = true
            }
        }
        for rest in passedOver.sorted(by: Ranked.precedes) where taken.count < size { taken.insert(rest.origin) }
        return Result(taken: taken, alike: passedOver.count { !taken.contains($0.origin) })
    }

    private static func stratum(_ pair: PreferencePair) -> [UInt8] {
        Array((pair.modality ?? "").utf8) + [0] + Array((pair.bodyPart ?? "").utf8)
    }

    /// A pair with what it is ranked by.
    private struct Ranked {
        let origin: StoredPairs.Origin
        let quality: [Int]
        let digest: String
        let sequences: WordSequences

        init(_ stored: StoredPairs.Stored, _ sequences: WordSequences) {
            self.sequences = sequences
            origin = stored.origin
            let readers = stored.pair.judgedProvenance?["judgements"]?.array?.count ?? 0
            let standing = stored.origin.isAdjudicated ? 3 : readers > 1 ? 2 : stored.origin.isImported ? 0 : 1
            // A strength that nobody gave ranks between slightly better and negligibly better.
            let strength = stored.pair.judgedStrength.map { $0 * 2 } ?? 1
            quality = [standing, readers, strength]
            digest = stored.pair.contentDigest
        }

        static func precedes(_ a: Ranked, _ b: Ranked) -> Bool {
            a.quality == b.quality ? a.digest < b.digest : b.quality.lexicographicallyPrecedes(a.quality)
        }
    }

    /// The pairs of one modality and body part, the best first.
    private struct Stratum {
        var ranked: [Ranked] = []
        private var position = 0
        private var given = LikenessIndex(threshold: CuratedSelection.similarity)

        mutating func takeNext(passingOver passedOver: inout [Ranked]) -> StoredPairs.Origin? {
            while position < ranked.count {
                let candidate = ranked[position]
                position += 1
                if given.mostAlike(candidate.sequences) != nil {
                    passedOver.append(candidate)
                    continue
                }
                given.insert(candidate.sequences)
                return candidate.origin
            }
            return nil
        }
    }
}
