/// A text's 8-word sequences as hashes: what two texts are compared by.
///
/// Words are runs of letters and digits in small letters; a text of fewer words is one sequence. Sequences are told apart
/// by a 64-bit hash.
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
            var counted = set.map { (count: shown[Int($0 & mask)], sequence: $0) }
            counted.sort { a, b in a.count == b.count ? a.sequence < b.sequence : a.count < b.count }
            return WordSequences(all: set, rarest: counted.prefix(set.count - kept + 1).map(\.sequence))
        }
    }

    private static func removeTemplate(from sets: inout [[UInt64]], counts: [UInt32], mask: UInt64) {
        let half = sets.count / 2
        var exact: [UInt64: Int] = [:]
        for set in sets {
            for sequence in set where Int(counts[Int(sequence & mask)]) > half { exact[sequence, default: 0] += 1 }
        }
        let template = Set(exact.filter { $0.value > half }.keys)
        guard !template.isEmpty else { return }
        sets = sets.concurrentMap { set in
            // The few that may be of the template are asked about; the others' places in the table say enough.
            let own = set.filter { Int(counts[Int($0 & mask)]) <= half || !template.contains($0) }
            return own.isEmpty ? set : own
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
        var hash = start
        var inWord = false
        for scalar in text.unicodeScalars {
            let value = scalar.value
            let isWord =
                scalar.isASCII
                ? (97...122).contains(value) || (65...90).contains(value) || (48...57).contains(value)
                : scalar.properties.isAlphabetic || scalar.properties.numericType != nil
            if isWord {
                hash = mixed(hash, UInt64((65...90).contains(value) ? value + 32 : value))
                inWord = true
            } else if inWord {
                words.append(hash)
                hash = start
                inWord = false
            }
        }
        if inWord { words.append(hash) }
        guard words.count > wordsPerSequence else { return [words.reduce(start, mixed)] }
        return (0...(words.count - wordsPerSequence)).map { first in
            words[first..<(first + wordsPerSequence)].reduce(start, mixed)
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

    private static let start: UInt64 = 0xCBF2_9CE4_8422_2325

    /// The hash with one more value in it: every bit of both reaches every bit of the result.
    private static func mixed(_ hash: UInt64, _ value: UInt64) -> UInt64 {
        let (high, low) = (hash ^ value &* 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: 0xD6E8_FEB8_6659_FD93)
        return high ^ low
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
    /// The newest link of each sequence's chain: the sets that have it among their rarest.
    private var newest: [UInt64: Int32] = [:]
    private var links: [(set: Int32, older: Int32)] = []

    init(threshold: Double) {
        self.threshold = threshold
    }

    mutating func insert(_ set: WordSequences) {
        for sequence in set.rarest {
            let older = newest.updateValue(Int32(links.count), forKey: sequence) ?? -1
            links.append((set: Int32(sets.count), older: older))
        }
        sets.append(set)
    }

    /// The most alike set at or above the threshold, the first of equals.
    func mostAlike(_ set: WordSequences) -> Match? {
        var candidates = Set<Int32>()
        for sequence in set.rarest {
            var link = newest[sequence] ?? -1
            while link >= 0 {
                candidates.insert(links[Int(link)].set)
                link = links[Int(link)].older
            }
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
