/// One stretch of text that may identify a person.
///
/// It holds a place and no text, so that it can be counted, stored and shown in a refusal.
public struct Finding: Sendable, Equatable {
    /// The bytes of the text's UTF-8.
    public let range: Range<Int>
    /// Which class of Safe Harbor it falls in.
    public let identifierClass: IdentifierClass
    /// The rule that found it, such as `name.title`; see `PrivacyRule`.
    public let rule: String
    /// How sure the rule is, 0 to 1; an order of trust, not a probability.
    public let confidence: Double
    /// The word that stands for it in redacted text, such as `NAME`.
    public let placeholder: String

    init(_ range: Range<Int>, _ rule: PrivacyRule) {
        self.init(
            range: range, identifierClass: rule.identifierClass, rule: rule.id, confidence: rule.confidence,
            placeholder: rule.placeholder)
    }

    private init(
        range: Range<Int>, identifierClass: IdentifierClass, rule: String, confidence: Double, placeholder: String
    ) {
        self.range = range
        self.identifierClass = identifierClass
        self.rule = rule
        self.confidence = confidence
        self.placeholder = placeholder
    }

    /// The same finding at another place.
    func at(_ range: Range<Int>) -> Finding {
        Finding(
            range: range, identifierClass: identifierClass, rule: rule, confidence: confidence, placeholder: placeholder
        )
    }

    /// The findings in order, overlapping ones made one: all their bytes, under the surest (then longest) of them.
    ///
    /// No byte that a rule found is left out.
    static func merged(_ findings: [Finding]) -> [Finding] {
        var merged: [(range: Range<Int>, best: Finding)] = []
        for finding in findings.sorted(by: { ($0.range.lowerBound, $0.rule) < ($1.range.lowerBound, $1.rule) }) {
            guard let last = merged.last, finding.range.lowerBound < last.range.upperBound else {
                merged.append((finding.range, finding))
                continue
            }
            let upper = max(last.range.upperBound, finding.range.upperBound)
            let isBetter =
                (finding.confidence, finding.range.count) > (last.best.confidence, last.best.range.count)
            merged[merged.count - 1] = (last.range.lowerBound..<upper, isBetter ? finding : last.best)
        }
        return merged.map { range, best in best.at(range) }
    }
}
