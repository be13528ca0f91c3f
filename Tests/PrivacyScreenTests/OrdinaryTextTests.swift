import Testing

@testable import PrivacyScreen

@Suite("What the screen leaves alone")
struct OrdinaryTextTests {
    @Test(
        "measurements, levels, grades, image numbers and years are no identifiers",
        arguments: [
            "A 3.2 x 1.4 cm mass (series 3 image 45).", "T12-L1 disc bulge; L4-5 and L5-S1 are normal.",
            "Grade 3 astrocytoma, BI-RADS 4, Bosniak IIF, LI-RADS 5.", "Compared with 2019; stable since 2015-2017.",
            "The nodule measures 12 x 8 x 10 mm, image 3/12.", "Strength 4/5. Images 12/45 and 13/45.",
            "CTDIvol 12.34 mGy, DLP 1234.5 mGy-cm, 100 mL Omnipaque 350.", "SUV max 3.2, 370 MBq of 18F-FDG.",
            "An 89-year-old man with 90 percent stenosis and 95 mmHg.", "Dose 120 kVp, 250 mAs, 1.25 mm slices.",
            "C3-C4, C4-5, T1/T2 signal, FLAIR hyperintensity.", "Ki-67 of 20-25%, 2-3 mm calculi, 10-15 lymph nodes.",
            "ICD-10 J18.9, CPT 71046.", "HU of -10 to 20, 1000-1200 mL of fluid.",
        ])
    func measures(text: String) { #expect(found(text) == []) }

    @Test(
        "eponyms, headings and ordinary words with capitals are no names",
        arguments: [
            "Foley catheter and Swan-Ganz catheter in place.", "Hill-Sachs lesion; Bankart fracture.",
            "Kerley B lines.",
            "Baker's cyst and Morton neuroma.", "Crohn's disease, Hodgkin lymphoma, Wilson disease.",
            "Colles fracture.", "Berry aneurysm. Burns of the hand. Split pleura sign.",
            "CHEST PA AND LATERAL\nFINDINGS: Clear lungs.", "MR Brain without contrast. MS plaques.",
            "DR Chest two views.",
            "IMPRESSION:\n1. No acute findings.\n2. Stable Scarring in the Left Lower Lobe.", "Patient: stable.",
            "Dr. XXXX was notified at XXXX hours on XXXX.", "[** Name **] was seen on [**2101-3-4**] by ___.",
            "Indication: Fall. Right Hip Pain.", "The patient may return in one year; will follow.",
            "Mild to moderate.",
        ])
    func words(text: String) { #expect(found(text) == []) }

    @Test("the surer threshold leaves out lone unknown words, the default does not")
    func thresholds() {
        let text = "Seen with the Quorvexa system."
        #expect(found(text) == ["name: Quorvexa"])
        #expect(found(text, PrivacyScreener(minimumConfidence: PrivacyScreener.surerConfidence)) == [])
    }

    @Test("any bytes are screened without a trap, and findings lie within the text at character borders")
    func anyText() {
        var state: UInt64 = 42
        func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let pieces = [
            "Dr. ", "Smith", "Mary", "MRN: ", "4432817", "555", "-", "867", "5309", "[NAME-1]", "XXXX", "\n", "\r\n",
            " ", ",", ".",
            "March", "3", "/", "2021", ":", "@", "www.", "Ó", "é", "🩻", "Hospital", "St", "100 ", "Street", "[", "]",
            "**", "_",
            "#", "Apt. ", "OH ", "44870", "by ", "dictated ", "(", ")", "+", "'s", "van ", "\t", "in ", "1.2.840.",
            "\u{301}",
        ]
        for _ in 0..<2_000 {
            let text = (0..<next(14)).map { _ in pieces[next(pieces.count)] }.joined()
            let findings = PrivacyScreener().screen(text, known: ["Smith"]).findings
            let bytes = Array(text.utf8)
            for finding in findings {
                #expect(finding.range.upperBound <= bytes.count && !finding.range.isEmpty)
                #expect(String(validating: bytes[finding.range], as: UTF8.self) != nil)
            }
            // Redaction always ends, leaves nothing to find, and changes nothing when it is done again.
            let redacted = PrivacyScreener().redact(text, known: ["Smith"])
            #expect(PrivacyScreener().screen(redacted, known: ["Smith"]).state == .clean, "\(text)")
            #expect(PrivacyScreener().redact(redacted, known: ["Smith"]) == redacted, "\(text)")
        }
    }
}
