import Foundation
import Testing

@testable import PrivacyScreen

/// The findings of a text as `class: words`, in order.
func found(_ text: String, _ screener: PrivacyScreener = PrivacyScreener(), known: [String] = []) -> [String] {
    let bytes = Array(text.utf8)
    return screener.screen(text, known: known).findings.map {
        "\($0.identifierClass.rawValue): \(String(decoding: bytes[$0.range], as: UTF8.self))"
    }
}

/// All names, numbers and places here are invented.
@Suite("What the screen finds in reports")
struct ScreeningCaseTests {
    @Test(
        "names after titles, labels, credentials and in signature lines",
        arguments: [
            ("Findings discussed with Dr. Ottoline Brask at noon.", ["name: Ottoline Brask"]),
            ("Seen by Dr Field and Mrs. Long.", ["name: Field", "name: Long"]),
            ("MR. QUILLFEATHER was told.", ["name: QUILLFEATHER"]),
            ("Patient: Brask, Ottoline J\nExam: CT chest", ["name: Brask, Ottoline J"]),
            ("PATIENT NAME: TREVANION, PETROC   MRN: 4432817", ["name: TREVANION, PETROC", "medical-record: 4432817"]),
            ("Referring physician: Sanna Illi-Kuusk", ["name: Sanna Illi-Kuusk"]),
            ("Dictated by: Wolmar Teague MD", ["name: Wolmar Teague"]),
            ("Electronically signed by Ansgar van der Plonk, M.D.", ["name: Ansgar van der Plonk"]),
            ("Read by\tno one", []),
            ("Interpreted by Ottoline Brask, DO", ["name: Ottoline Brask"]),
            ("Results were called to Petroc at the ward.", ["name: Petroc"]),
            ("The clinic notified Ms. O'Shanty.", ["name: O'Shanty"]),
            ("Technologist: Jowan K.", ["name: Jowan K"]),
            ("Mary Smith has no fracture.", ["name: Mary Smith"]),
            ("JANE DOE had a prior CT.", ["name: JANE DOE"]),
            ("Compared by John Wilson today.", ["name: John Wilson"]),
            ("Vsemila presents with cough.", ["name: Vsemila"]),
            ("name: ottoline brask", ["name: ottoline brask"]),
            ("spoke to dr. brask about it", ["name: brask"]),
        ])
    func names(text: String, expected: [String]) { #expect(found(text) == expected) }

    @Test(
        "dates more precise than a year, and ages over 89",
        arguments: [
            ("Comparison: 3/14/2021.", ["date: 3/14/2021"]),
            ("CT of 2021-03-14T09:05:11Z", ["date: 2021-03-14T09:05:11Z"]),
            ("Dictated on Sep 17 1995 09:05AM", ["date: Sep 17 1995 09:05AM"]),
            ("Compared with September 17, 2021.", ["date: September 17, 2021"]),
            ("on the 3rd of May 2020", ["date: 3rd of May 2020"]),
            ("14-Mar-21 CT", ["date: 14-Mar-21"]),
            ("Prior of March 2021", ["date: March 2021"]),
            ("since 03/2019", ["date: 03/2019"]),
            ("dated 3/14", ["date: 3/14"]),
            ("Tuesday, March 3, 2020 at 14:30", ["date: Tuesday, March 3, 2020 at 14:30"]),
            ("DOB: 20010314", ["date: 20010314"]),
            ("seen in March", ["date: March"]),
            ("last seen on Monday", ["date: Monday"]),
            ("3.14.2021", ["date: 3.14.2021"]),
            ("A 92-year-old woman", ["date: 92"]),
            ("94 y/o male, age: 101", ["date: 94", "date: 101"]),
            ("A man in his 90s", ["date: 90s"]),
        ])
    func dates(text: String, expected: [String]) { #expect(found(text) == expected) }

    @Test(
        "record, accession, plan, account, licence, vehicle and device numbers after their labels",
        arguments: [
            ("MRN: 4432817", ["medical-record: 4432817"]),
            ("Medical Record Number 00-44-32", ["medical-record: 00-44-32"]),
            ("Patient ID # A1234567", ["medical-record: A1234567"]),
            ("NHS number 943 476 5919", ["medical-record: 943 476 5919"]),
            ("ACC# A20-118824", ["unique-number: A20-118824"]),
            ("Accession: CT20210314-7", ["unique-number: CT20210314-7"]),
            ("Order number is 9981", ["unique-number: 9981"]),
            ("Member ID: XKJ998112", ["health-plan: XKJ998112"]),
            ("Medicare # 1EG4-TE5-MK73", ["health-plan: 1EG4-TE5-MK73"]),
            ("Account no. 5518-22", ["account: 5518-22"]),
            ("card 4242424242424242", ["account: 4242424242424242"]),
            ("GB29NWBK60161331926819", ["account: GB29NWBK60161331926819"]),
            ("NPI 1234567893", ["license: 1234567893"]),
            ("License plate 7KXY993", ["vehicle: 7KXY993"]),
            ("VIN 1HGCM82633A004352", ["vehicle: 1HGCM82633A004352"]),
            ("Pacemaker serial number PJN-883120", ["device: PJN-883120"]),
            ("S/N 88A-2213", ["device: 88A-2213"]),
            ("Lot # B2231", ["device: B2231"]),
            ("Study UID 1.2.840.113619.2.55.3.604688", ["unique-number: 1.2.840.113619.2.55.3.604688"]),
            ("id 7f1de29e-6da0-4c1b-9c2a-1f0a9f4f8a10", ["unique-number: 7f1de29e-6da0-4c1b-9c2a-1f0a9f4f8a10"]),
            ("Ticket 88120043 was closed", ["unique-number: 88120043"]),
            ("SSN 123-45-6789", ["social-security: 123-45-6789"]),
            ("123-45-6789", ["social-security: 123-45-6789"]),
        ])
    func numbers(text: String, expected: [String]) { #expect(found(text) == expected) }

    @Test(
        "telephone, fax, e-mail, web and internet addresses",
        arguments: [
            ("Call 555-867-5309.", ["phone: 555-867-5309"]),
            ("(555) 867-5309 x12", ["phone: (555) 867-5309 x12"]),
            ("+46 8 928 571 38", ["phone: +46 8 928 571 38"]),
            ("Pager 30817", ["phone: 30817"]),
            ("ext. 4417", ["phone: 4417"]),
            ("Fax: 555.867.5310", ["fax: 555.867.5310"]),
            ("Write to reading.room@lakeside.example.org today", ["email: reading.room@lakeside.example.org"]),
            ("e-mail:desk@lakeside.example", ["email: desk@lakeside.example"]),
            ("See https://pacs.lakeside.example/view?id=3.", ["url: https://pacs.lakeside.example/view?id=3"]),
            ("www.lakeside.example", ["url: www.lakeside.example"]),
            ("host 10.20.30.40:104", ["ip-address: 10.20.30.40:104"]),
            ("fe80:0:0:0:c11:40d2:c669:2eb4", ["ip-address: fe80:0:0:0:c11:40d2:c669:2eb4"]),
        ])
    func contacts(text: String, expected: [String]) { #expect(found(text) == expected) }

    @Test(
        "addresses, ZIP codes, cities and facilities",
        arguments: [
            ("Lives at 100 Main Street, Apt. 5.", ["geography: 100 Main Street, Apt. 5"]),
            ("12 Gravel Lane\nTolby, OH 44870", ["geography: 12 Gravel Lane", "geography: Tolby", "geography: 44870"]),
            ("P.O. Box 2231", ["geography: P.O. Box 2231"]),
            ("ZIP: 44870-1234", ["geography: 44870-1234"]),
            ("Hauptstrasse 5", ["geography: Hauptstrasse 5"]),
            ("transferred from Tolbyville", ["geography: Tolbyville"]),
            ("recent travel to New York City", ["geography: New York City"]),
            ("Outside CT from St. Oda's Hospital.", ["geography: St. Oda's Hospital"]),
            ("Lakeside Imaging Center report", ["geography: Lakeside Imaging Center"]),
        ])
    func places(text: String, expected: [String]) { #expect(found(text) == expected) }

    @Test("names that the message gave are found in any case and order, and nothing else of the text")
    func known() {
        #expect(found("the heart of brask is normal", known: ["Brask^Ottoline"]) == ["name: brask"])
        #expect(found("BRASK OTTOLINE: normal", known: ["Ottoline Brask"]) == ["name: BRASK OTTOLINE"])
        #expect(found("the heart is normal", known: ["Ottoline J Brask"]).isEmpty)
    }

    @Test("offsets are of UTF-8 bytes, and \\r\\n ends a line")
    func offsets() throws {
        let text = "Größe 3 µm.\r\nPatient: Óttólína Brask\r\nNormal."
        let finding = try #require(PrivacyScreener().screen(text).findings.first)
        #expect(String(decoding: Array(text.utf8)[finding.range], as: UTF8.self) == "Óttólína Brask")
        #expect(PrivacyScreener().screen(text).findings.count == 1)
    }

    @Test("overlapping findings become one that keeps every byte, under the surest rule")
    func merged() throws {
        let findings = PrivacyScreener().screen("Dictated by: Dr. Mary Smith, MD").findings
        #expect(findings.count == 1 && findings.first?.confidence == 0.9)
        for (first, second) in zip(findings, findings.dropFirst()) {
            #expect(first.range.upperBound <= second.range.lowerBound)
        }
    }

    @Test("every rule has its own id, a class that text can hold and a confidence that the default threshold counts")
    func rules() {
        #expect(Set(PrivacyRule.all.map(\.id)).count == PrivacyRule.all.count)
        #expect(Set(PrivacyRule.all.map(\.identifierClass)) == Set(IdentifierClass.allCases.filter(\.isScreened)))
        #expect(PrivacyRule.all.allSatisfy { (PrivacyScreener.defaultConfidence...1).contains($0.confidence) })
        #expect(IdentifierClass.allCases.count == 18)
    }

    @Test("the document names every rule")
    func document() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let document = try String(contentsOf: root.appendingPathComponent("docs/privacy-screen.md"), encoding: .utf8)
        for rule in PrivacyRule.all { #expect(document.contains("`\(rule.id)`"), "\(rule.id)") }
    }
}
