import Testing

@testable import Conventions

@Suite("Comparing what impressions say")
struct ContentTests {
    let findings = """
        Indication: Fall.
        Comparison: None.
        Findings: The lungs are clear. There is a 7 mm nodule in the right upper lobe. A small left pleural effusion is \
        seen. Severe spinal canal stenosis is noted at L4-L5. Heart size is normal.
        """
    let reference = """
        IMPRESSION:
        1. 7 mm nodule in the right upper lobe.
        2. Small left pleural effusion.
        3. Severe spinal canal stenosis at L4-L5.
        4. Recommend follow-up CT of the chest in 6 months.
        """

    func compare(_ output: String) -> ContentComparison {
        ImpressionContent.compare(output: output, reference: reference, findings: findings)
    }

    @Test("a constant normal sentence drops every finding")
    func constantSentence() {
        let content = compare("IMPRESSION:\n1. No acute abnormality of the chest.")
        #expect(content.stated == 0 && content.misstated == 0 && content.dropped == 3 && content.invented == 0)
        #expect(content.outputIsNormal && !content.referenceIsNormal && !content.agreesOnNormal)
        #expect(content.recommendation == .missing)
    }

    @Test("an empty output drops every finding and is not normal")
    func emptyOutput() {
        let content = compare(" \n")
        #expect(content.dropped == 3 && !content.outputIsNormal && content.recommendation == .missing)
    }

    @Test("the findings' own sentences state the findings, in any order and without numbers")
    func restatedFindings() {
        let content = compare(
            """
            A small left pleural effusion is seen. There is a nodule in the right upper lobe measuring 0.7 cm. At L4-L5, \
            there is severe spinal canal stenosis. The lungs are clear.
            """)
        #expect(content.stated == 3 && content.dropped == 0 && content.invented == 0 && !content.isExact)
    }

    @Test("a wrong side, a wrong length and a wrong level are misstated, each with its own count")
    func misstated() {
        let side = compare("1. 7 mm nodule in the left upper lobe.")
        #expect(side.misstated == 1 && side.sideErrors == 1 && side.numberErrors == 0 && side.dropped == 2)
        let length = compare("1. 17 mm nodule in the right upper lobe.")
        #expect(length.misstated == 1 && length.sideErrors == 0 && length.numberErrors == 1 && length.invented == 0)
        let level = compare("1. Severe spinal canal stenosis at L3-L4.")
        #expect(level.misstated == 1 && level.numberErrors == 1)
        let bilateral = compare("1. Small bilateral pleural effusions.")
        #expect(bilateral.sideErrors == 1 && bilateral.stated == 0)
    }

    @Test("a denied finding is dropped, not stated")
    func denied() {
        let content = compare("1. No small left pleural effusion.\n2. There is no nodule in the right upper lobe.")
        #expect(content.stated == 0 && content.misstated == 0 && content.dropped == 3)
    }

    @Test("a finding that the findings do not give is invented; a supported part of one is not")
    func invented() {
        let content = compare("1. Large hiatal hernia.\n2. Left pleural effusion.")
        #expect(content.invented == 1 && content.dropped == 3)
        let otherSeverity = compare("1. Large left pleural effusion.")
        #expect(otherSeverity.invented == 1 && otherSeverity.dropped == 3)
    }

    @Test("one output statement answers for one finding only")
    func oneStatementOneFinding() {
        let twice = "IMPRESSION:\n1. Small left pleural effusion.\n2. Small left pleural effusion."
        let content = ImpressionContent.compare(
            output: "1. Small left pleural effusion.", reference: twice, findings: findings)
        #expect(content.stated == 1 && content.dropped == 1)
    }

    @Test("a repeated line is seen")
    func repeated() {
        #expect(compare(reference + "\n5. Small left pleural effusion.").repeatsStatement)
        #expect(!compare(reference).repeatsStatement)
    }

    @Test("a recommendation is given, missing, wrong or unneeded")
    func recommendations() {
        #expect(compare(reference).recommendation == .given)
        #expect(compare("1. Recommend follow-up CT of the chest in 3 months.").recommendation == .wrong)
        #expect(compare("Follow-up CT of the chest in 6 months is recommended.").recommendation == .given)
        let without = "IMPRESSION:\n1. Small left pleural effusion."
        func against(_ output: String) -> ContentComparison.Recommendation {
            ImpressionContent.compare(output: output, reference: without, findings: findings).recommendation
        }
        #expect(against(without) == .notNeeded)
        #expect(against(without + "\n2. Recommend orthopedic consultation.") == .unneeded)
        #expect(against("Clinical correlation.") == .unneeded)
    }

    @Test("right as a whole means the same statements in the same order, whatever the style")
    func exact() {
        #expect(compare(reference).isExact)
        #expect(compare(reference.replacing("IMPRESSION:\n", with: "").lowercased()).isExact)
        #expect(!compare("IMPRESSION:\n1. 7 mm nodule in the right upper lobe.").isExact)
    }

    @Test("statements are findings, normal, or recommendations")
    func kinds() {
        func kind(_ text: String) -> ImpressionContent.Item.Kind? { ImpressionContent(parsing: text).items.first?.kind }
        #expect(kind("1. No acute fracture of the left ankle.") == .normal)
        #expect(kind("Normal ultrasound of the thyroid.") == .normal)
        #expect(kind("The heart size is within normal limits.") == .normal)
        #expect(kind("There is no pneumothorax.") == .normal)
        #expect(kind("- Moderate left pneumothorax") == .finding)
        #expect(kind("Small bowel obstruction without perforation.") == .finding)
        #expect(kind("Clinical correlation recommended.") == .recommendation)
        #expect(ImpressionContent(parsing: "IMPRESSION:\n").items.isEmpty)
    }

    @Test("12 mm and 1.2 cm are one length, and in 12 x 8 mm both numbers have the unit")
    func lengths() {
        #expect(StatementContent("12 mm cyst").lengths == StatementContent("1.2 cm cyst").lengths)
        #expect(StatementContent("a 12 x 8 mm cyst in segment 4").lengths == [12_000, 8_000])
        #expect(StatementContent("a 12 x 8 mm cyst in segment 4").numbers == ["4"])
        #expect(StatementContent("L4-L5 in 6 months").lengths.isEmpty)
    }
}
