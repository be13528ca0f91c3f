import Testing

@testable import ClinicalMessages

@Suite("Report times")
struct ReportTimeTests {
    @Test(
        "HL7 times of every precision, with and without zone",
        arguments: [
            ("2026", 1_767_225_600_000, ReportTime.Precision.year), ("202603", 1_772_323_200_000, .month),
            ("20260301", 1_772_323_200_000, .day), ("2026030109", 1_772_355_600_000, .hour),
            ("202603010950", 1_772_358_600_000, .minute), ("20260301095000", 1_772_358_600_000, .second),
            ("20260301095000.25", 1_772_358_600_250, .second), ("20260301095000+0100", 1_772_355_000_000, .second),
            ("20260301095000.1234-0530", 1_772_378_400_123, .second), ("19411130000000", -886_377_600_000, .second),
            ("20240229", 1_709_164_800_000, .day),
        ])
    func hl7(text: String, milliseconds: Int, precision: ReportTime.Precision) {
        let time = ReportTime(hl7: text)
        #expect(time?.milliseconds == Int64(milliseconds))
        #expect(time?.precision == precision)
        #expect(time?.hasZone == (text.contains("+") || text.contains("-")))
    }

    @Test(
        "what is no time is none",
        arguments: [
            "", "26", "202", "20261", "20261301", "20260230", "20250229", "2026030125", "202603010960", "2026030109500",
            "20260301095000.", "202603010950.5", "20260301095000+1", "20260301095000+9900", "abcd", "2026-03-01",
            "18991231",
        ])
    func notHL7(text: String) { #expect(ReportTime(hl7: text) == nil) }

    @Test("a time without a zone is the feed's; one with a zone is not")
    func feedOffset() {
        #expect(
            ReportTime(hl7: "20260301095000", zoneOffsetMinutes: 60)
                == ReportTime(hl7: "20260301095000", zoneOffsetMinutes: 60))
        #expect(ReportTime(hl7: "20260301095000", zoneOffsetMinutes: 60)?.milliseconds == 1_772_355_000_000)
        #expect(ReportTime(hl7: "20260301095000+0000", zoneOffsetMinutes: 60)?.milliseconds == 1_772_358_600_000)
    }

    @Test(
        "FHIR times",
        arguments: [
            ("2026", 1_767_225_600_000), ("2026-03", 1_772_323_200_000), ("2026-03-01", 1_772_323_200_000),
            ("2026-03-01T09:50:00Z", 1_772_358_600_000), ("2026-03-01T09:50:00.123456789+01:00", 1_772_355_000_123),
            ("2026-03-01T09:50:00-05:30", 1_772_378_400_000),
        ])
    func fhir(text: String, milliseconds: Int) { #expect(ReportTime(fhir: text)?.milliseconds == Int64(milliseconds)) }

    @Test(
        "what is no FHIR time is none",
        arguments: [
            "", "2026-3", "2026-13-01", "2026-03-01T", "2026-03T09:50:00Z", "2026-03-01T9:50:00Z",
            "2026-03-01T09:50:00.Z",
        ])
    func notFHIR(text: String) { #expect(ReportTime(fhir: text) == nil) }

    @Test("a moment is written as it is read, in every century and on leap days")
    func writtenBack() {
        for text in [
            "19000301000000", "19691231235959", "19700101000000", "20000229120000", "20261231235959", "21991231000000",
        ] {
            #expect(ReportTime(hl7: text)?.hl7 == text + "+0000")
        }
    }
}
