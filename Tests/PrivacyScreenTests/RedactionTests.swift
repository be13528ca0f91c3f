import Diagnostics
import Testing

@testable import PrivacyScreen

@Suite("Redaction and states")
struct RedactionTests {
    private let screener = PrivacyScreener()

    @Test("placeholders keep the text readable, with titles and labels left in place")
    func readable() {
        let report = """
            Patient: Brask, Ottoline   MRN: 4432817
            Comparison: CT of March 14, 2021.
            Discussed with Dr. Teague at 555-867-5309. Dr. Teague agrees.
            A 3.2 x 1.4 cm nodule, unchanged since 2019.
            """
        #expect(
            screener.redact(report) == """
                Patient: [NAME-1]   MRN: [MRN-1]
                Comparison: CT of [DATE-1].
                Discussed with Dr. [NAME-2] at [PHONE-1]. Dr. [NAME-2] agrees.
                A 3.2 x 1.4 cm nodule, unchanged since 2019.
                """)
    }

    @Test("the same words get the same number, whatever their case, and other words another")
    func numbering() {
        #expect(
            screener.redact("Dr. Brask called. DR. BRASK signed. Dr. Teague read. 3/4/2021, 3/4/2021, 3/5/2021.")
                == "Dr. [NAME-1] called. DR. [NAME-1] signed. Dr. [NAME-2] read. [DATE-1], [DATE-1], [DATE-2].")
    }

    @Test("a redacted text is clean, stays as it is, and new names go on after the greatest number")
    func idempotent() {
        let once = screener.redact("Dictated by: Ottoline Brask MD on 3/14/2021, fax 555-867-5310.")
        #expect(once == "Dictated by: [NAME-1] MD on [DATE-1], fax [FAX-1].")
        #expect(screener.screen(once).state == .clean && screener.redact(once) == once)
        #expect(screener.redact(once + " Dr. Teague agrees.") == once + " Dr. [NAME-2] agrees.")
    }

    @Test("bytes outside the findings stay, line ends and marks included")
    func bytes() {
        #expect(screener.redact("A\r\n\tDr. Brask\u{301}…\r\n") == "A\r\n\tDr. [NAME-1]…\r\n")
        #expect(screener.redact("") == "" && screener.redact("Normal.") == "Normal.")
    }

    @Test("a refusal has kinds, counts and an offset, and none of the text")
    func refusal() throws {
        let result = screener.screen("Patient: Brask. MRN: 4432817.")
        let refusal = try #require(result.refusal(at: "pairs.jsonl:3 (chosen)"))
        #expect(
            refusal.description
                == "privacy.suspect  pairs.jsonl:3 (chosen): the text may identify a person: 1 name, 1 medical-record, the first at byte 9. Mend: take the identifiers out, or have a person clear the text."
        )
        #expect(screener.screen("Normal.").refusal(at: "x") == nil)
    }

    @Test("a clearance holds for the very text and version, and makes nothing clean")
    func clearance() throws {
        let digest = try TextDigest(hex: String(repeating: "0a", count: 32))
        let other = try TextDigest(hex: String(repeating: "0b", count: 32))
        let suspect = screener.screen("Dr. Brask")
        let clearance = Clearance(
            digest: digest, clearedBy: "r1", clearedAt: "2026-11-25T00:00:00Z", reason: "an eponym")
        #expect(suspect.state == .suspect && suspect.state(digest: digest, clearance: nil) == .suspect)
        #expect(suspect.state(digest: digest, clearance: clearance) == .cleared)
        #expect(suspect.state(digest: other, clearance: clearance) == .suspect)
        #expect(screener.screen("Normal.").state(digest: digest, clearance: clearance) == .clean)
        let outdated = Clearance(
            digest: digest, screenVersion: 0, clearedBy: "r1", clearedAt: "2026-11-25T00:00:00Z", reason: "an eponym")
        #expect(suspect.state(digest: digest, clearance: outdated) == .suspect)
    }

    @Test("a digest is 64 hexadecimal digits in lower case", arguments: ["", "0a", String(repeating: "0A", count: 32)])
    func digests(hex: String) {
        #expect(throws: Refusal.self) { try TextDigest(hex: hex) }
    }
}
