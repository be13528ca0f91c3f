/// Facts that only the chosen impression states: neither the prompt nor the draft has them.
///
/// An attending often adds what the images, a prior exam or a telephone call showed. Training on such a pair teaches a
/// model to invent, so the trainer must be able to drop or weigh it down. Found by words, not by meaning: numbers,
/// measurements (compared in millimetres, so that 1.2 cm is 12 mm), sides, and content words by their stem.
public struct ChosenOnlyFacts: Sendable, Equatable {
    /// A kind of fact.
    public enum Kind: String, Sendable, CaseIterable {
        /// A number that is no measurement and no item's number.
        case number
        /// A number with a unit.
        case measurement
        /// Left, right, bilateral.
        case laterality
        /// A word of four letters or more that carries content.
        case contentWord
    }

    /// The facts by kind, in the order of the text, each once; they are report text.
    public private(set) var words: [Kind: [String]] = [:]

    /// Which kinds there are.
    public var kinds: Set<Kind> { Set(words.keys) }

    /// Finds the facts of `chosen` that stand in none of `known` (the prompt's parts and the draft).
    public init(chosen: String, known: [String]) {
        var facts: Set<Fact> = []
        for text in known { facts.formUnion(Self.facts(text).map(\.fact)) }
        for (fact, word) in Self.facts(chosen) where facts.insert(fact).inserted {
            words[fact.kind, default: []].append(word)
        }
    }

    private struct Fact: Hashable {
        let kind: Kind
        let value: [UInt8]
    }

    private static let sides: [String: String] = [
        "left": "left", "left-sided": "left", "right": "right", "right-sided": "right", "bilateral": "bilateral",
        "bilaterally": "bilateral", "both": "bilateral",
    ]
    /// Units of length in hundredths of a millimetre; of others one.
    private static let units: [String: (name: String, scale: Int)] = [
        "mm": ("mm", 100), "millimeter": ("mm", 100), "millimeters": ("mm", 100), "cm": ("mm", 1000),
        "centimeter": ("mm", 1000), "centimeters": ("mm", 1000), "ml": ("ml", 100), "cc": ("ml", 100),
        "hu": ("hu", 100),
        "%": ("%", 100), "percent": ("%", 100), "mg": ("mg", 100), "kg": ("kg", 100),
    ]
    private static let plainWords: Set<String> = [
        "about", "above", "after", "again", "also", "although", "and", "are", "been", "before", "being", "below",
        "between",
        "could", "does", "done", "down", "during", "each", "either", "from", "further", "given", "have", "having",
        "however",
        "into", "less", "likely", "may", "might", "more", "most", "near", "neither", "noted", "nothing", "only",
        "other",
        "otherwise", "over", "please", "possible", "possibly", "probable", "probably", "seen", "should", "since",
        "some",
        "such", "than", "that", "their", "there", "these", "this", "those", "though", "through", "under", "unless",
        "until",
        "upon", "very", "were", "what", "when", "where", "which", "while", "with", "within", "without", "would",
    ]

    private static func facts(_ text: String) -> [(fact: Fact, word: String)] {
        var found: [(Fact, String)] = []
        for line in ByteText.lines(Array(text.utf8)) {
            var words = ByteText.words(line)
            if let first = words.first, LineUnwrapping.isListItem(line), first.contains(where: ByteText.isDigit) {
                words.removeFirst()
            }
            for (index, word) in words.enumerated() {
                found += facts(word, next: index + 1 < words.count ? words[index + 1] : [])
            }
        }
        return found
    }

    private static func facts(_ word: [UInt8], next: [UInt8]) -> [(Fact, String)] {
        let core = trimmedWord(word)
        guard !core.isEmpty else { return [] }
        let text = ByteText.string(core)
        if core.contains(where: ByteText.isDigit) {
            let number = core.prefix { ByteText.isDigit($0) || $0 == 0x2E || $0 == 0x2C }
            let attached = ByteText.string(ByteText.lowered(core.dropFirst(number.count)))
            let following = ByteText.string(ByteText.plainWords(next).first ?? (next.first == 0x25 ? [0x25] : []))
            if !number.isEmpty, let hundredths = hundredths(number) {
                if let unit = units[attached] ?? (attached.isEmpty ? units[following] : nil) {
                    let (scaled, overflow) = hundredths.multipliedReportingOverflow(by: unit.scale)
                    let value = overflow ? text : "\(scaled)\(unit.name)"
                    return [(Fact(kind: .measurement, value: Array(value.utf8)), text)]
                }
                if attached.isEmpty {
                    return [(Fact(kind: .number, value: Array("\(hundredths)".utf8)), text)]
                }
            }
            return [(Fact(kind: .number, value: ByteText.lowered(core)), text)]
        }
        let lowered = ByteText.string(ByteText.lowered(core))
        if let side = sides[lowered] { return [(Fact(kind: .laterality, value: Array(side.utf8)), text)] }
        guard core.count >= 4, !plainWords.contains(lowered) else { return [] }
        return lowered.split(separator: "-").filter { $0.utf8.count >= 4 && !plainWords.contains(String($0)) }.map {
            (Fact(kind: .contentWord, value: stem(Array($0.utf8))), text)
        }
    }

    /// A word without the punctuation around it; a percent sign stays.
    private static func trimmedWord(_ word: [UInt8]) -> [UInt8] {
        let isKept: (UInt8) -> Bool = { ByteText.isWord($0) || $0 == 0x25 }
        guard let first = word.firstIndex(where: isKept), let last = word.lastIndex(where: isKept) else { return [] }
        return Array(word[first...last])
    }

    /// A decimal number in hundredths, cut after two places; nil when it is no plain number.
    private static func hundredths(_ digits: some Collection<UInt8>) -> Int? {
        let parts = digits.filter { $0 != 0x2C }.split(separator: 0x2E, omittingEmptySubsequences: false)
        guard parts.count <= 2, let whole = Int(ByteText.string(parts[0])), whole < 1_000_000_000 else { return nil }
        let fraction = parts.count == 2 ? Array(parts[1]) + [0x30, 0x30] : [0x30, 0x30]
        return whole * 100 + (Int(ByteText.string(fraction.prefix(2))) ?? 0)
    }

    /// A word without the commonest English endings.
    private static func stem(_ word: [UInt8]) -> [UInt8] {
        for ending in ["ations", "ation", "ings", "ing", "ies", "ied", "ed", "es", "ly", "al", "s", "y", "e"] {
            if word.count >= ending.utf8.count + 4, word.suffix(ending.utf8.count).elementsEqual(ending.utf8) {
                return Array(word.dropLast(ending.utf8.count))
            }
        }
        return word
    }
}
