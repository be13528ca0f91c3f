/// What a statement says, without its wording: the words that carry content, sides, numbers and negations.
///
/// Words are compared in lower case without a plural `s`; the frames of findings ("there is", "is seen", …), articles
/// and prepositions are left out, so "There is a nodule in the right lung measuring 7 mm" and "7 mm nodule in the right
/// lung" say the same.
struct StatementContent: Sendable, Equatable {
    /// Left or right.
    enum Side: String, Sendable { case left, right }

    private(set) var words: Set<String> = []
    private(set) var sides: Set<Side> = []
    /// Words with a digit that are no lengths: levels, grades, counts.
    private(set) var numbers: Set<String> = []
    /// Lengths in micrometres.
    private(set) var lengths: Set<Int> = []
    private(set) var negations: Set<String> = []
    /// The first word, in lower case.
    let firstWord: String

    private static let negationWords: Set<String> = ["no", "not", "without", "never", "negative"]
    private static let fillers: Set<String> = [
        "there", "is", "are", "was", "a", "an", "the", "of", "in", "on", "at", "along", "with", "and", "to", "from",
        "for", "by", "this", "that", "it", "also", "seen", "noted", "present", "identified", "visualized", "note",
        "made", "study", "report", "show", "demonstrate", "redemonstrated", "again", "measuring", "measure", "finding",
        "impression",
    ]

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        let measurements = Measurement.all(in: bytes, range)
        lengths = Set(measurements.map(\.micrometres))
        let found = TextScan.words(bytes, in: range)
        firstWord = found.first?.text ?? ""
        for word in found where !measurements.contains(where: { $0.range.overlaps(word.range) }) {
            switch word.text {
            case "left", "left-sided": sides.insert(.left)
            case "right", "right-sided": sides.insert(.right)
            case "bilateral", "bilaterally", "both": sides.formUnion([.left, .right])
            case let text where Self.negationWords.contains(text): negations.insert(text)
            case let text where text.utf8.contains(where: TextScan.isDigit): numbers.insert(text)
            default:
                let singular = Self.singular(word.text)
                if !Self.fillers.contains(word.text), !Self.fillers.contains(singular) { words.insert(singular) }
            }
        }
    }

    init(_ text: String) {
        let bytes = Array(text.utf8)
        self.init(bytes, 0..<bytes.count)
    }

    private static func singular(_ word: String) -> String {
        guard word.utf8.count > 3, word.hasSuffix("s") else { return word }
        return ["ss", "us", "is"].contains(where: word.hasSuffix) ? word : String(word.dropLast())
    }
}
