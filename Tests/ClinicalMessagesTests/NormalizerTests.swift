import Testing

@testable import ClinicalMessages

@Suite("Report text: cleaning and sections")
struct NormalizerTests {
    func normalize(_ text: String, _ settings: TextSettings = TextSettings()) -> NormalizedReport {
        ReportNormalizer(settings).normalize([TextBlock(section: nil, text: text)])
    }

    @Test("lines that were broken to a width are joined, and no word is changed or moved")
    func unwrapping() {
        let text = """
            FINDINGS: The heart is of normal size and the mediastinal contour is
            unremarkable. There is no focal consolidation, and neither effusion nor
            Kerley lines are seen. Bones are intact.
            Upper abdomen unremarkable.

            IMPRESSION:
            1. No acute disease.
            2. Stable nodule of 4 mm in the right upper lobe, follow-up in twelve
            months is advised.
            - Consider comparison with
            older images.
            """
        let report = normalize(text)
        #expect(
            report.text(of: .findings)
                == "The heart is of normal size and the mediastinal contour is unremarkable. There is no focal consolidation,"
                + " and neither effusion nor Kerley lines are seen. Bones are intact.\nUpper abdomen unremarkable.")
        #expect(
            report.text(of: .impression)
                == "1. No acute disease.\n2. Stable nodule of 4 mm in the right upper lobe, follow-up in twelve months is"
                + " advised.\n- Consider comparison with older images.")
        var settings = TextSettings()
        settings.unwrapsLines = false
        #expect(normalize(text, settings).text(of: .findings)?.contains("contour is\nunremarkable") == true)
    }

    @Test("short statements on lines of their own are not run together")
    func shortLines() {
        #expect(
            normalize("No effusion\nNo pneumothorax\n3.5 cm mass").text(of: .other)
                == "No effusion\nNo pneumothorax\n3.5 cm mass")
    }

    @Test("blank lines part paragraphs; several are one, and those at the ends are none")
    func paragraphs() {
        #expect(normalize("\n\nOne.\n\n\n  \nTwo.\n\n").text(of: .other) == "One.\n\nTwo.")
    }

    @Test("line ends of every kind, tabs and control characters are evened out")
    func lineEnds() {
        let report = normalize("One.\r\nTwo.\rThree \t  four.\u{0}\u{7}")
        #expect(report.text(of: .other) == "One.\nTwo.\nThree four.")
        #expect(report.controlCharacters == 2)
    }

    @Test(
        "status banners are taken out and recorded",
        arguments: [
            ("********Preliminary Report********", ReportStatus.preliminary), ("********FINAL REPORT********", .final),
            ("*** ADDENDUM ***", .appended), ("=== Wet Read ===", .draft), ("PRELIMINARY REPORT", .preliminary),
            ("--- Corrected report ---", .corrected),
        ])
    func banners(line: String, status: ReportStatus) {
        let report = normalize("\(line)\nNo acute disease.")
        #expect(report.banners == [status])
        #expect(report.text(of: .other) == "No acute disease.")
    }

    @Test("a sentence with the words of a banner is text")
    func noBanner() {
        for line in [
            "Final report to follow.", "A preliminary report was given", "*** see note ***",
            "- Final position of the tube",
        ] {
            #expect(normalize(line).banners.isEmpty)
            #expect(normalize(line).text(of: .other) == line)
        }
    }

    @Test("signatures, accession lists and requesters are taken out, with their continuation")
    func boilerplate() {
        let report = normalize(
            """
            CANDICE EXAMPLE, M.D.
            ACC#  Date Time  Exam

            [identifier] Mar 1 2026 08:06AM CTABD
            IMPRESSION: Normal.
            Requested By: Example,Andrew J. M.D.
            Dictated by: Candice Example, M.D. on Mar 1 2026 08:06AM
            This document has been electronically signed by: Candice Example, M.D.
            on Mar 1 2026 08:06AM
            """)
        #expect(report.sections == [ReportSection(kind: .impression, text: "Normal.")])
        #expect(report.boilerplateLines == 6)
    }

    @Test("text after a signature stays")
    func afterSignature() {
        #expect(
            normalize("Dictated by: A Example\nNo pneumothorax.\nDiscussed with Dr. Example, MD by telephone.").text(
                of: .other)
                == "No pneumothorax.\nDiscussed with Dr. Example, MD by telephone.")
    }

    @Test("attestations are taken out even when a few words differ, and a site adds its own")
    func attestations() {
        let report = normalize(
            "IMPRESSION: Normal. As the attending physician I have personally reviewed these images, interpreted or supervised the interpretation"
                + " of this study, and agree with the findings. No change.")
        #expect(report.text(of: .impression) == "Normal. No change.")
        #expect(report.attestations == 1)
        let kept = "I have reviewed the images with the patient and agree to a follow-up in six months."
        #expect(normalize(kept).text(of: .other) == kept)
        var settings = TextSettings()
        settings.attestations = ["The undersigned staff radiologist approves this report in full."]
        settings.boilerplate = ["Workstation"]
        let own = normalize(
            "Normal.\nThe undersigned staff radiologist approves this report in full today.\nWorkstation 7", settings)
        #expect(own.text(of: .other) == "Normal.")
    }

    @Test("headings begin sections, with text behind them or below; a site adds its own")
    func headings() {
        let report = normalize(
            "EXAM: CT chest\nCLINICAL HISTORY:\nCough.\nINDICATION/CLINICAL QUESTION: fever\nComparison: none\nFindings\nClear.\nLUNGS: clear\n"
                + "Impression: Normal.\nNote: keep this.")
        #expect(report.sections.map(\.kind) == [.examination, .indication, .comparison, .findings, .impression])
        #expect(report.text(of: .indication) == "Cough.\n\nfever")
        #expect(report.text(of: .findings) == "Clear.\nLUNGS: clear")
        #expect(report.text(of: .impression) == "Normal.\nNote: keep this.")
        var settings = TextSettings()
        settings.headings = ["Beurteilung": .impression]
        #expect(normalize("Beurteilung: unauffällig", settings).text(of: .impression) == "unauffällig")
        #expect(normalize("history of cough: long").sections.map(\.kind) == [.other])
    }

    @Test("cleaning a cleaned text changes nothing")
    func idempotent() {
        let text =
            "Patient has a small effusion.\n\n1. Stable\n2. No change since the last examination of the chest in the year before\nlast."
        let once = normalize(text).text(of: .other) ?? ""
        #expect(normalize(once).text(of: .other) == once)
    }

    @Test("sentences that stand in many exams are templates; case and numbering do not matter")
    func templates() throws {
        var versions: [ReportVersion] = []
        for number in 0..<30 {
            versions.append(
                try readVersion(
                    syntheticMessage(
                        accession: "ACC9\(number)00",
                        lines: [
                            "IMPRESSION: \(number < 25 ? "1. No acute cardiopulmonary disease." : "Mass.") Item \(number) is unique."
                        ])))
        }
        let templates = TemplateSentences(in: versions)
        #expect(templates.count == 1)
        #expect(templates.contains(Array("no acute cardiopulmonary DISEASE".utf8)))
        #expect(templates.removed(from: "No acute cardiopulmonary disease. New mass.") == Array("New mass.".utf8))
        #expect(TemplateSentences(in: Array(repeating: versions[0], count: 100)).count == 0)
    }
}

@Suite("Report text: markup")
struct MarkupTextTests {
    @Test(
        "text comes out, markup does not",
        arguments: [
            ("<div><p>One</p><p>Two</p></div>", "One\nTwo"), ("a<br/>b<BR>c", "a\nb\nc"), ("a  \n b", "a b"),
            ("<b>bo</b>ld <i>it</i>", "bold it"),
            ("&lt;5 mm &amp; &#8805;3 &#x2265; &le; &nbsp;x", "<5 mm & ≥3 ≥ ≤  x"),
            ("<script>alert('x')</script>safe", "safe"), ("<style>p{}</style>a<!-- secret -->b", "ab"),
            ("<head><title>t</title></head><body>b</body>", "b"), ("nodule <5 mm, > 3", "nodule <5 mm, > 3"),
            ("<img src=\"http://example.org/x.png\" alt=\"y\"/>z", "z"), ("<o:p>kept</o:p>", "kept"),
            ("<a title='x > y'>t</a>", "t"), ("<tr><td>a</td><td>b</td></tr>", "a b"), ("<script>never closed", ""),
            ("<?xml version=\"1.0\"?><!DOCTYPE html [<!ENTITY x \"boom\">]><p>&x; text</p>", "&x; text"),
            ("a < b", "a < b"),
            ("<![CDATA[a]]", "a]]"), ("<", "<"), ("<p", "<p"), ("&", "&"), ("&#xD800;", "&#xD800;"), ("", ""),
        ])
    func read(markup: String, text: String) { #expect(MarkupText.read(markup).text == text) }

    @Test("random markup never traps and never lets a script's content out")
    func random() {
        var random = SeededGenerator(state: 5)
        let pieces = [
            "<", ">", "</", "script", "<script>", "</script>", "p", "&", ";", "#", "x", "\"", "'", "<!--", "-->",
            "<![CDATA[", "é", " ", "/", "<div>",
        ]
        for _ in 0..<2000 {
            let markup = (0..<20).compactMap { _ in pieces.randomElement(using: &random) }.joined()
            _ = MarkupText.read(markup)
            #expect(
                !MarkupText.read("a<script>SECRET\(markup.replacing("</script>", with: ""))</script>b").text.contains(
                    "SECRET"))
        }
    }
}
