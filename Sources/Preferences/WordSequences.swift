/// A text's 8-word sequences as hashes: what two texts are compared by.
///
/// Words are runs of letters and digits in small letters; a text of fewer words is one sequence. Sequences are told apart
/// by a 64-bit hash (FNV-1a).
struct WordSequences: Sendable {
    static let wordsPerSequence = 8
    /// How many different texts there must be before what most of them share counts as a template.
    static let templateTexts = 20

    /// All hashes, in rising order, each once.
    let all: [UInt64]
    /// The rarest of them: so many that any set as alike as the threshold shares one of its own rarest with these.
    let rarest: [UInt64]

    /// The sequences of different texts, without those of a template that more than half of them share.
    static func prepare(_ texts: [String], threshold: Double) -> [WordSequences] {
        var sets = texts.concurrentMap { sorted(sequences(of: $0)) }
        // Counted in one of 2²⁰ places by the hash's lowest bits: any fixed order serves to find the rarest, and the few
        // sequences that may be a template's are counted exactly below.
        let mask = UInt64((1 << 20) - 1)
        var counts = [UInt32](repeating: 0, count: 1 << 20)
        for set in sets {
            for sequence in set { counts[Int(sequence & mask)] += 1 }
        }
        if sets.count >= templateTexts { removeTemplate(from: &sets, counts: counts, mask: mask) }
        let shown = counts
        return sets.concurrentMap { set in
            let kept = Int((threshold * Double(set.count) - 1e-9).rounded(.up))
            let rarest = set.sorted { a, b in
                let (first, second) = (shown[Int(a & mask)], shown[Int(b & mask)])
                return first == second ? a < b : first < second
            }
            return WordSequences(all: set, rarest: Array(rarest.prefix(set.count - kept + 1)))
        }
    }

    private static func removeTemplate(from sets: inout [[UInt64]], counts: [UInt32], mask: UInt64) {
        let half = sets.count / 2
        var exact: [UInt64: Int] = [:]
        for set in sets {
            for sequence in set where Int(counts[Int(sequence & mask)]) > half { exact[sequence, default: 0] += 1 }
        }
        let template = exact.filter { $0.value > half }
        guard !template.isEmpty else { return }
        for index in sets.indices {
            let own = sets[index].filter { template[$0] == nil }
            if !own.isEmpty { sets[index] = own }
        }
    }

    private static func sorted(_ sequences: [UInt64]) -> [UInt64] {
        var distinct: [UInt64] = []
        distinct.reserveCapacity(sequences.count)
        for sequence in sequences.sorted() where distinct.last != sequence { distinct.append(sequence) }
        return distinct
    }

    /// The hashes of a text's word sequences, in the text's order.
    static func sequences(of text: String) -> [UInt64] {
        var words: [UInt64] = []
        var hash = fnvStart
        var inWord = false
        for scalar in text.unicodeScalars {
            let value = scalar.value
            let isWord =
                scalar.isASCII
                ? (97...122).contains(value) || (65...90).contains(value) || (48...57).contains(value)
                : scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            if isWord {
                hash = fnv(hash, UInt64((65...90).contains(value) ? value + 32 : value))
                inWord = true
            } else if inWord {
                words.append(hash)
                hash = fnvStart
                inWord = false
            }
        }
        if inWord { words.append(hash) }
        guard words.count > wordsPerSequence else { return [words.reduce(fnvStart, fnv)] }
        return (0...(words.count - wordsPerSequence)).map { start in
            words[start..<(start + wordsPerSequence)].reduce(fnvStart, fnv)
        }
    }

    /// The Jaccard index of two sets.
    func similarity(to other: WordSequences) -> Double {
        var (i, j, shared) = (0, 0, 0)
        while i < all.count, j < other.all.count {
            if all[i] == other.all[j] {
                shared += 1
                i += 1
                j += 1
            } else if all[i] < other.all[j] {
                i += 1
            } else {
                j += 1
            }
        }
        return Double(shared) / Double(all.count + other.all.count - shared)
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

/// Finds the set that is most like another, exactly and without comparing all.
///
/// Prefix filtering (Bayardo, Ma and Srikant 2007, "Scaling up all pairs similarity search", WWW, section 4; Xiao et al.
/// 2008, PPJoin): two sets of Jaccard index t or more share an element among the |s| - ⌈t·|s|⌉ + 1 rarest of each, so only
/// those are indexed and looked up, and what is found is compared whole. What common phrases share costs nothing.
struct LikenessIndex {
    /// The place of a set in the order of insertion, and how alike it is.
    struct Match: Sendable {
        let position: Int
        let similarity: Double
    }

    private let threshold: Double
    private var sets: [WordSequences] = []
    private var places: [UInt64: [Int32]] = [:]

    init(threshold: Double) {
        self.threshold = threshold
    }

    mutating func insert(_ set: WordSequences) {
        for sequence in set.rarest { places[sequence, default: []].append(Int32(sets.count)) }
        sets.append(set)
    }

    /// The most alike set at or above the threshold, the first of equals.
    func mostAlike(_ set: WordSequences) -> Match? {
        var candidates = Set<Int32>()
        for sequence in set.rarest {
            for place in places[sequence] ?? [] { candidates.insert(place) }
        }
        let size = Double(set.all.count)
        var best: Match?
        for candidate in candidates.sorted() {
            let other = sets[Int(candidate)]
            let otherSize = Double(other.all.count)
            guard min(size, otherSize) >= threshold * max(size, otherSize) - 1e-9 else { continue }
            let similarity = set.similarity(to: other)
            if similarity >= threshold, similarity > best?.similarity ?? 0 {
                best = Match(position: Int(candidate), similarity: similarity)
            }
        }
        return best
    }
}
