/// Sentences that a department's templates and dictation macros put into many reports.
///
/// A sentence that stands word for word in many different exams is nobody's opinion of any one of them, so an edit of
/// it is none either. Found by document frequency over a set of reports; case, punctuation and numbering do not matter.
public struct TemplateSentences: Sendable {
    private var sentences: Set<[UInt8]> = []

    /// How many different sentences are taken for templates.
    public var count: Int { sentences.count }

    /// No templates.
    public init() {}

    /// Finds the templates in a set of versions.
    ///
    /// - Parameters:
    ///   - versions: the reports; the versions of one exam count once.
    ///   - minimumExams: in how many exams a sentence must stand at the least.
    ///   - share: and in what share of all exams, 0 to 1.
    public init(in versions: [ReportVersion], minimumExams: Int = 20, share: Double = 0.02) {
        var examsOfSentence: [[UInt8]: Set<String>] = [:]
        var exams: Set<String> = []
        for version in versions {
            let exam = version.examKeys.first ?? version.reportKey ?? version.messageKey
            exams.insert(exam)
            for section in version.report.sections {
                for sentence in ByteText.sentences(Array(section.text.utf8)) {
                    let key = Self.key(sentence)
                    if !key.isEmpty { examsOfSentence[key, default: []].insert(exam) }
                }
            }
        }
        let needed = max(Double(max(minimumExams, 2)), share * Double(exams.count))
        sentences = Set(examsOfSentence.filter { Double($0.value.count) >= needed }.keys)
    }

    /// Whether a sentence is a template.
    func contains(_ sentence: some Collection<UInt8>) -> Bool { sentences.contains(Self.key(sentence)) }

    /// A text's sentences that are no templates, joined.
    func removed(from text: String) -> [UInt8] {
        guard !sentences.isEmpty else { return Array(text.utf8) }
        return Array(
            ByteText.sentences(Array(text.utf8)).filter { !contains($0) }.joined(separator: [0x0A]))
    }

    private static func key(_ sentence: some Collection<UInt8>) -> [UInt8] {
        var words = ByteText.plainWords(sentence)
        if words.count > 1, let first = words.first, first.allSatisfy(ByteText.isDigit) { words.removeFirst() }
        return Array(words.joined(separator: [0x20]))
    }
}
