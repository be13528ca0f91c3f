import Evaluation

@testable import Reporting

extension SampleReport {
    private func output(
        _ role: SystemResult.Role, _ met: Int, _ words: String, rules: [String] = [], content: [String] = []
    ) -> ExampleCases.Output {
        ExampleCases.Output(
            role: role, text: text(words), rulesMet: met, ruleFindings: rules.map(text),
            contentErrors: content.map(text))
    }

    /// Two invented cases.
    var examples: ExampleCases {
        ExampleCases(rule: ExampleSelection(seed: 42).sentence, cases: [worst, win])
    }

    private var worst: ExampleCases.Case {
        ExampleCases.Case(
            id: text("syn-0173"), reason: .worstContent,
            findings: text(
                """
                Indication: Fall from standing height, pain in the left wrist.
                Comparison: None.
                Findings: There is a transverse fracture of the distal left radius with 4 mm of dorsal displacement. The \
                ulnar styloid is intact. There is soft tissue swelling over the dorsum of the wrist. Carpal alignment is normal.
                """),
            reference: text(
                "IMPRESSION:\n1. Transverse fracture of the distal left radius with 4 mm of dorsal displacement."),
            outputs: [
                output(
                    .base, 6,
                    "The X-ray shows a fracture in the left wrist. The fracture is seen in the distal radius and is displaced. "
                        + "The patient should follow up with their doctor. The X-ray shows a fracture in the left wrist.",
                    rules: [
                        "heading: the first line is not the heading (line 1)",
                        "numbered-items: no item is numbered (line 1)",
                        "repetition: a statement stands twice (line 1)",
                    ], content: ["measurement left out", "recommendation that the case does not need"]),
                output(
                    .fewShot, 11,
                    "IMPRESSION:\n1. Fracture of the distal left radius.\n2. No acute cardiopulmonary abnormality.",
                    rules: ["no-restating: a normal statement beside an abnormal one (line 3)"],
                    content: ["displacement dropped", "invented: a statement about another region"]),
                output(
                    .sft, 13,
                    "IMPRESSION:\n1. Transverse fracture of the distal left radius with 4 mm of dorsal displacement.\n2. Soft "
                        + "tissue swelling over the dorsum of the wrist.",
                    content: ["one statement more than the reference"]),
                output(
                    .aligned, 13,
                    "IMPRESSION:\n1. Transverse fracture of the distal right radius with 4 mm of dorsal displacement.",
                    rules: ["laterality: right, but the findings say left (line 2)"],
                    content: ["side: right instead of left"]),
            ])
    }

    private var win: ExampleCases.Case {
        ExampleCases.Case(
            id: text("syn-0188"), reason: .largestWin,
            findings: text(
                """
                Indication: Follow-up of a known nodule.
                Comparison: CT of the chest one year earlier.
                Findings: There is an 8 mm solid nodule in the right upper lobe, formerly 6 mm. No pleural effusion is seen. \
                The heart is of normal size.
                """),
            reference: text(
                "IMPRESSION:\n1. 8 mm solid nodule in the right upper lobe, formerly 6 mm.\nRECOMMENDATION: CT of the chest in 3 months."
            ),
            outputs: [
                output(
                    .base, 5,
                    "Based on the findings, the patient has an 8 mm solid nodule in the right upper lobe. It is important to note that "
                        + "I am an AI and cannot give a diagnosis.",
                    rules: [
                        "heading: the first line is not the heading (line 1)",
                        "first-person: the text speaks of itself (line 1)",
                    ],
                    content: ["change dropped", "recommendation missing"]),
                output(
                    .aligned, 14,
                    "IMPRESSION:\n1. 8 mm solid nodule in the right upper lobe, formerly 6 mm.\nRECOMMENDATION: CT of the chest in 3 months."
                ),
            ])
    }

    /// The least that a report can have: base and aligned, and the checks.
    var minimal: AlignmentReport {
        var systems = systems.filter { $0.role == .base || $0.role == .aligned }
        for index in systems.indices {
            systems[index].content = nil
            systems[index].seenContent = nil
            systems[index].unseenContent = nil
            systems[index].winOverFewShot = nil
            systems[index].winOverSFT = nil
        }
        return AlignmentReport(
            title: text("Impressions"), runID: text("run-1"), date: text("2026-11-24"), isSynthetic: false,
            conventions: text("house-style, version 1"), plannedItems: 45, systems: systems,
            leakageChecks: [
                LeakageCheck(key: "patients_shared", name: text("patients"), count: 0, method: text("Keys."))
            ])
    }
}
