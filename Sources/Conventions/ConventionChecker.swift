/// Checks report texts against a convention set: pure text in, one outcome a rule out, the same on every run.
public struct ConventionChecker: Sendable {
    /// The rules it applies.
    public let set: ConventionSet

    /// Makes a checker for a convention set.
    public init(_ set: ConventionSet) {
        self.set = set
    }

    /// What each rule of the set says about an impression, in the set's order.
    ///
    /// - Parameters:
    ///   - report: the impression as written, heading included.
    ///   - findings: the text it was written from (indication, comparison, findings); without it the rules that compare
    ///     the two are not applicable.
    public func check(_ report: String, findings: String?) -> [RuleOutcome] {
        let subject = CheckedText(report, findings: findings)
        return set.rules.map { rule in
            RuleOutcome(rule: rule.id, severity: rule.severity, verdict: verdict(of: rule, on: subject))
        }
    }

    private func verdict(of rule: ConventionRule, on text: CheckedText) -> RuleOutcome.Verdict {
        let answer: RuleAnswer =
            switch rule.kind {
            case .sectionHeading: FormRules.sectionHeading(text, heading: rule.parameters.text("heading"))
            case .numberedItems: FormRules.numberedItems(text)
            case .completeStatements: FormRules.completeStatements(text)
            case .length:
                FormRules.length(
                    text, maxItems: rule.parameters.number("max_items"), maxWords: rule.parameters.number("max_words"))
            case .noRepetition: FormRules.noRepetition(text)
            case .noRestating:
                WordingRules.noRestating(
                    text, frames: rule.parameters.list("frames"), pointers: rule.parameters.list("pointers"),
                    normalPhrases: rule.parameters.list("normal_phrases"))
            case .forbiddenAbbreviations:
                WordingRules.forbidden(rule.parameters.list("abbreviations"), in: text, as: "the abbreviation")
            case .noHedging: WordingRules.forbidden(rule.parameters.list("hedges"), in: text, as: "the hedge")
            case .noAssistantTalk:
                WordingRules.forbidden(rule.parameters.list("phrases"), in: text, as: "the assistant's phrase")
            case .noLeftovers: WordingRules.leftovers(text, marks: rule.parameters.list("marks"))
            case .recommendationForm:
                WordingRules.recommendationForm(
                    text, verb: Phrase(rule.parameters.text("verb")), subjects: rule.parameters.list("subjects"),
                    forbidden: rule.parameters.list("forbidden"))
            case .laterality: AgreementRules.laterality(text)
            case .measurementAgreement: AgreementRules.measurements(text)
            case .measurementStyle: AgreementRules.measurementStyle(text)
            }
        switch answer {
        case .notApplicable: return .notApplicable
        case .broken(let places) where places.isEmpty: return .passed
        case .broken(let places):
            return .failed(places.map { text.finding(rule: rule.id, $0) })
        }
    }
}

/// What a rule's function answers.
enum RuleAnswer {
    /// The text has nothing that the rule is about.
    case notApplicable
    /// The places where it is broken; none when it is kept.
    case broken([BrokenPlace])
}

/// A place where a rule is broken, before line and column are known.
struct BrokenPlace {
    let range: Range<Int>
    let message: String

    init(_ range: Range<Int>, _ message: String) {
        self.range = range
        self.message = message
    }
}

/// A report with all that the rules ask of it.
struct CheckedText {
    let bytes: [UInt8]
    let outline: ReportOutline
    /// The findings' bytes and sentences; nil when they were not given.
    let findings: FindingsText?

    init(_ report: String, findings: String?) {
        outline = ReportOutline(report)
        bytes = outline.bytes
        self.findings = findings.map(FindingsText.init)
    }

    var whole: Range<Int> { 0..<bytes.count }

    /// The line of a byte offset, from 1, and its column in bytes, from 1.
    func position(of offset: Int) -> (line: Int, column: Int) {
        let before = bytes[..<offset]
        let line = before.count(where: { $0 == 0x0A }) + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return (line, offset - start + 1)
    }

    func finding(rule: String, _ place: BrokenPlace) -> ConventionFinding {
        let position = position(of: place.range.lowerBound)
        return ConventionFinding(
            rule: rule, message: place.message, range: place.range, line: position.line, column: position.column)
    }
}

/// The findings that an impression is compared with.
struct FindingsText {
    /// What each sentence says.
    let sentences: [StatementContent]
    /// Every length in the text, in micrometres.
    let lengths: Set<Int>
    /// Every side named anywhere in the text.
    let sides: Set<StatementContent.Side>

    init(_ text: String) {
        let bytes = Array(text.utf8)
        let ranges = TextScan.lines(bytes).flatMap { TextScan.sentences(bytes, in: $0) }
        sentences = ranges.map { StatementContent(bytes, $0) }
        lengths = Set(Measurement.all(in: bytes, 0..<bytes.count).map(\.micrometres))
        sides = sentences.reduce(into: []) { $0.formUnion($1.sides) }
    }
}
