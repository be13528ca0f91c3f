import Testing

@testable import Conventions

@Suite("The rules of the house style")
struct RuleTests {
    /// A text and what one rule says about it: the exact places it breaks at, nil when it does not apply.
    struct Example: Sendable, CustomTestStringConvertible {
        let rule: ConventionRule.Kind
        let text: String
        let broken: [String]?
        var testDescription: String { "\(rule.rawValue): \(text)" }

        static func keeps(_ rule: ConventionRule.Kind, _ text: String) -> Example {
            Example(rule: rule, text: text, broken: [])
        }
        static func breaks(_ rule: ConventionRule.Kind, _ text: String, at places: String...) -> Example {
            Example(rule: rule, text: text, broken: places)
        }
        static func doesNotApply(_ rule: ConventionRule.Kind, _ text: String) -> Example {
            Example(rule: rule, text: text, broken: nil)
        }
    }

    static let findings = """
        Indication: Left ankle pain.
        Comparison: None.
        Findings: There is a 7 mm nodule in the right upper lobe. A small left pleural effusion is seen. A small right \
        pleural effusion is present. Note is made of a 1.2 cm cyst in the liver. There is a tear of the medial meniscus.
        """

    static let form: [Example] = [
        .keeps(.sectionHeading, "IMPRESSION:\n1. Emphysema."),
        .keeps(.sectionHeading, "\n  IMPRESSION:  \r\n1. Emphysema."),
        .breaks(.sectionHeading, "Impression:\n1. Emphysema.", at: "Impression:"),
        .breaks(.sectionHeading, "IMPRESSION: Emphysema.", at: "IMPRESSION: Emphysema."),
        .breaks(.sectionHeading, "1. Emphysema.", at: "1. Emphysema."),
        .breaks(.sectionHeading, "IMPRESSION:\n1. Emphysema.\nFINDINGS: None.", at: "FINDINGS: None."),
        .breaks(.sectionHeading, "", at: ""),
        .keeps(.numberedItems, "IMPRESSION:\n1. Emphysema.\n2. Recommend consultation."),
        .breaks(.numberedItems, "IMPRESSION:\n1. Emphysema.\n3. Goiter.", at: "3. Goiter."),
        .breaks(.numberedItems, "IMPRESSION:\n1) Emphysema.", at: "1) Emphysema."),
        .breaks(.numberedItems, "IMPRESSION:\n- Emphysema.\nGoiter.", at: "- Emphysema.", "Goiter."),
        .breaks(.numberedItems, "IMPRESSION: 1. Emphysema.", at: "IMPRESSION: 1. Emphysema."),
        .breaks(.numberedItems, "IMPRESSION:", at: "IMPRESSION:"),
        .keeps(.completeStatements, "1. 1.2 cm cyst at L4-L5.\n2. Goiter."),
        .breaks(.completeStatements, "1. Goiter", at: "r"),
        .breaks(.completeStatements, "1. goiter.", at: "g"),
        .breaks(.completeStatements, "1. Goiter. Emphysema.", at: "Goiter. Emphysema."),
        .breaks(.completeStatements, "1. \n2. Goiter.", at: "1."),
        .doesNotApply(.completeStatements, "Goiter and emphysema"),
        .keeps(.length, "1. One.\n2. Two.\n3. Three.\n4. Four.\n5. Five."),
        .breaks(.length, "1. One.\n2. Two.\n3. Three.\n4. Four.\n5. Five.\n6. Six.", at: "6. Six."),
        .keeps(.length, "1. " + Array(repeating: "word", count: 60).joined(separator: " ")),
        .breaks(.length, "1. " + Array(repeating: "word", count: 60).joined(separator: " ") + " end", at: "end"),
        .doesNotApply(.length, " \n "),
        .keeps(.noRepetition, "1. Small left effusion.\n2. Small right effusion."),
        .breaks(.noRepetition, "1. Small left effusion.\n2. small left effusion", at: "small left effusion"),
        .breaks(.noRepetition, "a b c d, a b c d, a b c d", at: "a b c d"),
        .keeps(.noRepetition, "a b c d, a b c d"),
        .doesNotApply(.noRepetition, "IMPRESSION:"),
    ]

    static let wording: [Example] = [
        .keeps(.noRestating, "1. No acute abnormality of the chest."),
        .keeps(.noRestating, "1. Thereis a seen nodule.\n2. Recommend consultation."),
        .breaks(.noRestating, "1. There is a nodule.", at: "There is"),
        .breaks(.noRestating, "1. A nodule is  seen.", at: "is  seen"),
        .breaks(.noRestating, "1. As above.", at: "As above"),
        .breaks(.noRestating, "1. The spleen is normal.", at: "is normal"),
        .breaks(.noRestating, "1. Goiter.\n2. No nodule.", at: "No nodule."),
        .doesNotApply(.noRestating, "1."),
        .keeps(.forbiddenAbbreviations, "1. Left effusion at L4-L5 with right record fixture.\n2. Recommend CT."),
        .breaks(.forbiddenAbbreviations, "1. L effusion.", at: "L"),
        .breaks(.forbiddenAbbreviations, "1. Nodule w/ calcification, R/O mass.", at: "w/", "R/O"),
        .breaks(.forbiddenAbbreviations, "1. Ankle Fx.", at: "Fx"),
        .keeps(.forbiddenAbbreviations, "1. Pe is no entry; PEG and SPE are none either."),
        .doesNotApply(.forbiddenAbbreviations, ""),
        .keeps(.noHedging, "1. Impossible maybes."),
        .breaks(.noHedging, "1. Possible nodule, may represent a cyst.", at: "Possible", "may represent"),
        .doesNotApply(.noHedging, "\n"),
        .keeps(.noAssistantTalk, "1. Level I lymph node.\n2. Pleased dearth."),
        .breaks(.noAssistantTalk, "Sure, here is it", at: "Sure", "here is"),
        .breaks(.noAssistantTalk, "As an AI, I think so", at: "As an AI", "I think"),
        .doesNotApply(.noAssistantTalk, ""),
        .keeps(.noLeftovers, "IMPRESSION:\n1. Goiter (large)."),
        .breaks(.noLeftovers, "1. Nodule of [ ] mm.", at: "[", "]"),
        .breaks(.noLeftovers, "1. Goiter.<|im_end|>", at: "<|", "|>"),
        .breaks(.noLeftovers, "1. Compared with ___.", at: "___"),
        .breaks(.noLeftovers, "Indication: Fall.", at: "Indication:"),
        .doesNotApply(.noLeftovers, ""),
        .keeps(.recommendationForm, "1. Goiter.\n2. Recommend follow-up CT of the chest in 6 months."),
        .keeps(.recommendationForm, "1. Recommend orthopedic consultation."),
        .breaks(
            .recommendationForm, "1. Recommend CT now.\n2. Goiter.", at: "Recommend CT now."),
        .breaks(.recommendationForm, "1. Recommend rest.", at: "Recommend rest."),
        .breaks(
            .recommendationForm, "1. Recommend follow-up ultrasound soon.", at: "Recommend follow-up ultrasound soon."),
        .breaks(.recommendationForm, "1. Goiter.\nClinical correlation.", at: "Clinical correlation"),
        .doesNotApply(.recommendationForm, "1. Goiter."),
    ]

    static let agreement: [Example] = [
        .keeps(.laterality, "1. 7 mm nodule in the right upper lobe."),
        .breaks(.laterality, "1. 7 mm nodule in the left upper lobe.", at: "7 mm nodule in the left upper lobe."),
        .keeps(.laterality, "1. Small bilateral pleural effusions."),
        .keeps(.laterality, "1. No acute fracture of the left ankle."),
        .breaks(.laterality, "1. Cyst of the liver on both sides.\n2. Right ankle pain.", at: "Right ankle pain."),
        .doesNotApply(.laterality, "1. Tear of the medial meniscus."),
        .keeps(.measurementAgreement, "1. 12 mm cyst in the liver.\n2. 7 mm nodule."),
        .breaks(.measurementAgreement, "1. 8 mm nodule.\n2. 7 cm cyst.", at: "8 mm", "7 cm"),
        .doesNotApply(.measurementAgreement, "1. Recommend CT in 8 months."),
        .keeps(.measurementStyle, "1. 7 mm nodule, 1.2 cm cyst at L4-L5, grade 2."),
        .breaks(.measurementStyle, "1. 7mm nodule.", at: "7mm"),
        .breaks(.measurementStyle, "1. 12 x 8mm nodule.", at: "12 x 8mm", "8mm"),
        .breaks(.measurementStyle, "1. 7.5 mm nodule, 2 cm cyst.", at: "7.5 mm", "2 cm"),
        .breaks(.measurementStyle, "1. .5 cm nodule.", at: ".5 cm"),
        .breaks(.measurementStyle, "1. 7 MM nodule, 7 millimeters.", at: "7 MM", "7 millimeters"),
        .doesNotApply(.measurementStyle, "1. Nodule, grade 3, in 6 weeks, 5 mmol."),
    ]

    @Test("each rule keeps, breaks at the right place, or does not apply", arguments: form + wording + agreement)
    func example(_ example: Example) throws {
        let checker = ConventionChecker(try ConventionSet.load(path: ShippedData.conventions))
        let outcome = try #require(
            checker.check(example.text, findings: Self.findings).first { $0.rule == example.rule.rawValue })
        guard let broken = example.broken else {
            #expect(outcome.verdict == .notApplicable)
            return
        }
        let bytes = Array(example.text.utf8)
        #expect(outcome.findings.map { String(decoding: bytes[$0.range], as: UTF8.self) } == broken)
        #expect(outcome.passed == broken.isEmpty && outcome.isApplicable)
        #expect(outcome.findings.allSatisfy { $0.rule == example.rule.rawValue && !$0.message.isEmpty })
    }

    @Test("every rule has an example that keeps it and one that breaks it")
    func everyRuleHasExamples() {
        for kind in ConventionRule.Kind.allCases {
            let own = (Self.form + Self.wording + Self.agreement).filter { $0.rule == kind }
            #expect(own.contains { $0.broken == [] } && own.contains { !($0.broken ?? []).isEmpty }, "\(kind)")
        }
    }

    @Test("line and column count bytes from 1")
    func places() throws {
        let checker = ConventionChecker(try ConventionSet.load(path: ShippedData.conventions))
        let text = "IMPRESSION:\n1. Größe, possible nodule."
        let finding = try #require(
            checker.check(text, findings: nil).first { $0.rule == "no-hedging" }?.findings.first)
        #expect(finding.line == 2 && finding.column == 13 && finding.range == 24..<32)
        #expect(finding.message == "the hedge 'possible'")
    }

    @Test("without the findings the rules that compare do not apply")
    func withoutFindings() throws {
        let checker = ConventionChecker(try ConventionSet.load(path: ShippedData.conventions))
        let outcomes = checker.check("IMPRESSION:\n1. 9 mm left nodule.", findings: nil)
        let silent = outcomes.filter { ["laterality", "measurement-agreement"].contains($0.rule) }
        #expect(silent.count == 2 && silent.allSatisfy { !$0.isApplicable })
        #expect(outcomes.map(\.rule) == checker.set.rules.map(\.id))
    }

    @Test("any bytes can be checked")
    func anyText() throws {
        let checker = ConventionChecker(try ConventionSet.load(path: ShippedData.conventions))
        var state: UInt64 = 7
        let alphabet = Array("aL1.:-*x \n\rmmcm[noé0•".utf8)
        for _ in 0..<400 {
            var bytes: [UInt8] = []
            for _ in 0..<40 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            let text = String(decoding: bytes, as: UTF8.self)
            let outcomes = checker.check(text, findings: text)
            #expect(outcomes.flatMap(\.findings).allSatisfy { $0.range.upperBound <= text.utf8.count })
        }
    }
}
