import Diagnostics
import StrictJSON
import Testing

@testable import Preferences

@Suite("Report versions")
struct ReportVersionTests {
    func version(_ letter: Character, status: ReportVersion.Status, exam: String? = "E1") -> ReportVersion {
        ReportVersion(
            exam: Exam(
                key: exam, patient: "P1", modality: "CT", bodyPart: "head", subspecialty: "neuro", sex: .female,
                hasPrior: true, year: 2025, site: "north"), source: .hl7v2,
            rawSHA256: String(repeating: letter, count: 64), controlID: "M\(letter)", status: status, statusRaw: "P",
            statusField: "OBR-25", statusChanged: "2026-01-02T03:04:05Z", authorRole: .trainee, authorKey: "t1",
            text: "Findings: \(letter)", findings: "\(letter)", normaliserVersion: "1")
    }

    @Test("every version of a report is kept in its order with all fields, and the same message twice is one version")
    func kept() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let versions = [version("a", status: .preliminary), version("b", status: .final)]
        let first = try store.record(versions)
        #expect(first.newCount == 2)
        let again = try store.record([version("b", status: .final), version("c", status: .addendum)])
        #expect(again.newCount == 1 && again.ids.first == first.ids.last)
        let found = try store.reportVersions(ofExam: "E1")
        #expect(found.map(\.id) == first.ids + [again.ids[1]])
        #expect(found.prefix(2).map(\.version) == versions)
        #expect(try store.verifyAudit().sequence == 3)
        _ = try store.record(versions)
        #expect(try store.verifyAudit().sequence == 3)
        let draft = try store.createCandidate(
            Candidate(text: .text("x"), author: .humanTrainee, reportVersion: first.ids[0]), prompt: .text("p"))
        #expect(draft > 0)
        #expect(throws: Refusal.self) {
            try store.createCandidate(
                Candidate(text: .text("y"), author: .humanTrainee, reportVersion: 99), prompt: .text("p"))
        }
        try store.check()
    }

    @Test("one bad version refuses all, and says which")
    func refused() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        var raw = version("a", status: .final)
        raw.rawSHA256 = "A"
        var time = version("a", status: .final)
        time.observed = "yesterday"
        var exam = version("b", status: .final)
        exam.exam.patient = "P2"
        for (bad, code) in [
            (version("a", status: .final, exam: nil), "version.no-exam"), (raw, "version.bad-digest"),
            (time, "version.bad-time"), (exam, "pair.exam-differs"),
        ] {
            let refusal = #expect(throws: Refusal.self) { try store.record([version("c", status: .draft), bad]) }
            #expect(refusal?.code == code && refusal?.location.contains("versions[1]") == true)
        }
        #expect(try store.reportVersions(ofExam: "E1").isEmpty)
    }
}
