import Testing

@testable import ClinicalMessages

@Suite("Harvest: pairs and gates")
struct HarvestTests {
    let findings = "FINDINGS: The lungs are clear. Heart size is normal. No pleural effusion is present."

    /// One version of the synthetic exam; the hour is that of the status.
    func version(
        _ status: String, _ impression: String?, hour: Int = 10, control: String = "C1", accession: String = "ACC70001",
        findings: String? = nil, principal: String = "ATT1", assistant: String = "RES1", patient: String = "PAT90001",
        more: [String] = [], observationStatus: String? = nil
    ) throws -> ReportVersion {
        let text = impression.map { ["INDICATION: Cough.", findings ?? self.findings, "IMPRESSION: \($0)"] } ?? []
        return try readVersion(
            syntheticMessage(
                control: "CTRL\(control)", accession: accession, status: status, lines: text + more,
                changed: "20260301\(hour < 10 ? "0" : "")\(hour)0000", patient: patient, principal: principal,
                assistant: assistant,
                observationStatus: observationStatus))
    }

    func run(_ versions: [ReportVersion], _ settings: HarvestSettings = HarvestSettings()) -> Harvest {
        Harvest(versions, settings: settings, isCleared: { _ in true })
    }

    func reason(_ versions: [ReportVersion], _ settings: HarvestSettings = HarvestSettings()) -> HarvestExclusion? {
        let harvest = run(versions, settings)
        #expect(harvest.examCount == harvest.pairs.count + harvest.exclusions.values.reduce(0, +))
        return harvest.pairs.isEmpty && harvest.exclusions.count == 1 ? harvest.exclusions.keys.first : nil
    }

    let draftText = "No acute disease of the chest is seen."
    let finalText = "No acute cardiopulmonary disease."

    @Test("the last draft and the first final make a pair, whatever the order of arrival")
    func pair() throws {
        let versions = [
            try version("F", finalText, hour: 12, control: "3"),
            try version("P", "Early words.", hour: 9, control: "1"),
            try version("P", draftText, hour: 10, control: "2"),
            try version("F", finalText + " Again.", hour: 14, control: "4"),
        ]
        let harvest = run(versions)
        let pair = try #require(harvest.pairs.first)
        #expect(pair.rejected == draftText && pair.chosen == finalText)
        #expect(pair.indication == "Cough." && pair.comparison == "" && pair.findings.hasPrefix("The lungs"))
        #expect(pair.impressionChange == WordDifference(draftText.utf8, finalText.utf8))
        #expect(pair.impressionChange.deleted == 6 && pair.impressionChange.inserted == 2)
        #expect(!pair.findingsChanged)
        #expect(pair.examKey == testKeys.key(.exam, "synthetic", "ACC70001"))
        #expect(pair.rejectedAuthor != pair.chosenAuthor)
        #expect(harvest.examCount == 1 && harvest.laterVersions == 1 && harvest.compared == 1)
        #expect(harvest.acceptedShare == 0)
    }

    @Test("equal times are told apart by the ladder")
    func equalTimes() throws {
        let versions = [try version("F", finalText, control: "2"), try version("P", draftText, control: "1")]
        #expect(run(versions).pairs.count == 1)
    }

    @Test("a message sent again, with the same control id or another, is no new version")
    func repeats() throws {
        let draft = try version("P", draftText)
        let final = try version("F", finalText, hour: 12, control: "2")
        let harvest = run([draft, draft, try version("P", draftText, hour: 11, control: "9"), final, final])
        #expect(harvest.repeatedVersions == 3)
        #expect(harvest.pairs.count == 1)
    }

    @Test("a draft accepted unchanged is counted, with its text sent again or by U, and makes the share")
    func accepted() throws {
        let draft = try version("P", draftText)
        #expect(reason([draft, try version("F", draftText, hour: 12)]) == .acceptedUnchanged)
        #expect(
            reason([draft, try version("F", draftText, hour: 12, more: ["Dictated by: A Example, M.D."])])
                == .acceptedUnchanged)
        let silent = try version("F", nil, hour: 12, more: [""], observationStatus: "U")
        #expect(reason([draft, silent]) == .acceptedUnchanged)
        let other = try version("P", draftText, accession: "ACC70002")
        let changed = try version("F", finalText, hour: 12, accession: "ACC70002")
        let both = run([draft, silent, other, changed])
        #expect(both.acceptedShare == 0.5)
        #expect(run([]).acceptedShare == nil)
    }

    @Test("a final without text that does not accept the draft is told apart")
    func finalWithoutText() throws {
        #expect(reason([try version("P", draftText), try version("F", nil, hour: 12)]) == .finalWithoutText)
    }

    @Test("a withdrawn version takes the whole exam out and names it")
    func withdrawn() throws {
        let versions = [
            try version("P", draftText), try version("F", finalText, hour: 12),
            try version("W", nil, hour: 13),
        ]
        #expect(reason(versions) == .withdrawn)
        #expect(run(versions).withdrawnExams == [testKeys.key(.exam, "synthetic", "ACC70001")])
    }

    @Test("a report of several accession numbers, of none, or of two patients makes no pair")
    func identity() throws {
        var several = try version("F", finalText, hour: 12)
        several.examKeys.append("another")
        #expect(reason([try version("P", draftText), several]) == .severalAccessions)
        #expect(reason([try version("F", finalText, accession: "")]) == .noAccession)
        #expect(
            reason([try version("P", draftText), try version("F", finalText, hour: 12, patient: "PAT90002")])
                == .differentPatients)
    }

    @Test("an unknown status or a conflict stops the exam")
    func statuses() throws {
        #expect(reason([try version("P", draftText), try version("QQQ", finalText, hour: 12)]) == .unknownStatus)
        #expect(
            reason([try version("P", draftText), try version("F", finalText, hour: 12, observationStatus: "P")])
                == .statusConflict)
        #expect(
            reason([
                try version("P", draftText, more: ["", "***FINAL REPORT***"]), try version("F", finalText, hour: 12),
            ])
                == .statusConflict)
    }

    @Test("without a final, or without a draft before it, there is no pair")
    func missing() throws {
        #expect(reason([try version("P", draftText)]) == .noFinal)
        #expect(reason([try version("P", draftText), try version("C", finalText, hour: 12)]) == .noFinal)
        #expect(reason([try version("F", finalText)]) == .noDraft)
        #expect(reason([try version("F", finalText, hour: 9), try version("P", draftText, hour: 12)]) == .noDraft)
        #expect(reason([try version("O", nil), try version("F", finalText, hour: 12)]) == .noDraft)
    }

    @Test("addenda never become pairs")
    func addenda() throws {
        let draft = try version("P", draftText)
        #expect(reason([draft, try version("F", finalText, hour: 12, observationStatus: "B")]) == .addendumOnly)
        #expect(
            reason([draft, try version("F", finalText, hour: 12, more: ["ADDENDUM: A nodule was added."])])
                == .acrossAddendum)
        var summary = try version("F", finalText, hour: 12)
        summary.isSummary = true
        #expect(reason([draft, summary]) == .addendumOnly)
        let later = [
            draft, try version("F", finalText, hour: 12, control: "2"),
            try version("F", "Something else entirely.", hour: 13, control: "3", observationStatus: "B"),
        ]
        #expect(run(later).pairs.first?.chosen == finalText)
    }

    @Test("a text that was not cleared makes no pair")
    func notCleared() throws {
        let versions = [try version("P", draftText), try version("F", finalText, hour: 12)]
        let stopped = Harvest(versions, isCleared: { $0.status.normalized != .final })
        #expect(stopped.exclusions == [.notCleared: 1])
        #expect(stopped.compared == 0)
    }

    @Test("a change of template sentences alone is nobody's opinion")
    func templates() throws {
        let template = "No acute cardiopulmonary disease."
        let macro = "Normal examination of the thorax."
        var settings = HarvestSettings()
        let many = try (0..<40).map {
            try version("F", $0 % 2 == 0 ? "\(template) Case \($0)." : "\(macro) Case \($0).", accession: "ACC8\($0)00")
        }
        settings.templates = TemplateSentences(in: many, minimumExams: 15)
        let swapped = [
            try version("P", "\(template) Stable nodule."), try version("F", "\(macro) Stable nodule.", hour: 12),
        ]
        #expect(reason(swapped, settings) == .onlyTemplatesChanged)
        #expect(run(swapped).pairs.count == 1)
    }

    @Test("one person's edits of their own draft are no preference of a reviewer's")
    func sameAuthor() throws {
        let draft = try version("P", draftText, principal: "ATT1", assistant: "ATT1")
        #expect(reason([draft, try version("F", finalText, hour: 12)]) == .sameAuthor)
    }

    @Test("without an impression, or with the same one, there is nothing to learn for the impression")
    func impressions() throws {
        let bare = try readVersion(
            syntheticMessage(status: "P", lines: ["FINDINGS: Clear lungs and heart."], changed: "20260301100000"))
        #expect(reason([bare, try version("F", finalText, hour: 12)]) == .noImpression)
        let otherFindings = try version(
            "F", draftText, hour: 12, findings: "FINDINGS: The lungs are clear. Heart size is large.")
        #expect(reason([try version("P", draftText), otherFindings]) == .impressionUnchanged)
    }

    @Test("impressions out of the length band are left out")
    func lengths() throws {
        #expect(reason([try version("P", "Normal."), try version("F", finalText, hour: 12)]) == .lengthOutOfBand)
        var settings = HarvestSettings()
        settings.maximumWords = 5
        #expect(
            reason([try version("P", draftText), try version("F", finalText, hour: 12)], settings) == .lengthOutOfBand)
    }

    @Test("a report that was mostly replaced is another dictation or another exam")
    func replaced() throws {
        let other = try version(
            "F", "Comminuted fracture through the distal radius.", hour: 12,
            findings: "FINDINGS: Wrist in plaster with oblique lucency crossing metaphysis and dorsal angulation.")
        #expect(reason([try version("P", draftText), other]) == .mostlyReplaced)
    }

    @Test("a correction within the window takes the final's place, a later one does not")
    func corrections() throws {
        let versions = [
            try version("P", draftText), try version("F", finalText, hour: 12, control: "2"),
            try version("C", finalText + " Stable.", hour: 13, control: "3"),
            try version("C", finalText + " Late.", hour: 20, control: "4"),
        ]
        var settings = HarvestSettings()
        #expect(run(versions, settings).pairs.first?.chosen == finalText)
        settings.correctionHours = 2
        #expect(run(versions, settings).pairs.first?.chosen == finalText + " Stable.")
        #expect(run(versions, settings).laterVersions == 2)
    }

    @Test("what only the chosen impression states is flagged by kind")
    func chosenOnly() throws {
        let draft = try version("P", "Small nodule of 12 mm in the right lobe, stable.")
        let final = try version(
            "F", "1. Nodule of 1.2 cm in the left lobe, stable.\n2. Fracture of 7 ribs, 3 cm apart.", hour: 12)
        let facts = try #require(run([draft, final]).pairs.first?.chosenOnly)
        #expect(facts.kinds == [.laterality, .number, .measurement, .contentWord])
        #expect(facts.words[.laterality] == ["left"])
        #expect(facts.words[.number] == ["7"])
        #expect(facts.words[.measurement] == ["3"])
        #expect(facts.words[.contentWord] == ["Fracture", "ribs", "apart"])
        #expect(
            ChosenOnlyFacts(chosen: "The lungs are clear, 5%.", known: ["Lung is clear", "5 percent"]).kinds.isEmpty)
    }

    @Test("findings that changed too are marked, and the prompt has the final's")
    func findingsChanged() throws {
        let final = try version(
            "F", finalText, hour: 12, findings: "FINDINGS: The lungs are clear. Heart size is large.")
        let pair = try #require(run([try version("P", draftText), final]).pairs.first)
        #expect(pair.findingsChanged)
        #expect(pair.findings == "The lungs are clear. Heart size is large.")
    }

    @Test(
        "word differences count what the shorter way round must change",
        arguments: [
            ("", "", 0, 0), ("a b c", "a b c", 0, 0), ("a b c", "", 3, 0), ("", "a", 0, 1),
            ("a b c d", "a x c d", 1, 1),
            ("a b c", "b c a", 1, 1), ("x a b", "a b y", 1, 1), ("a a b", "a b b", 1, 1), ("the end", "The end", 1, 1),
        ])
    func differences(a: String, b: String, deleted: Int, inserted: Int) {
        let difference = WordDifference(a.utf8, b.utf8)
        #expect(difference.deleted == deleted && difference.inserted == inserted)
    }
}
