import Diagnostics
import Testing

@testable import ClinicalMessages

@Suite("ORU^R01: reports")
struct ORUReaderTests {
    let head = "MSH|^~\\&|RIS|SITE|O|S|20260301100500||ORU^R01|CTRL0001|P|2.5.1\rPID|1||PAT90001^^^SITE^MR\r"

    func reading(_ text: String, _ settings: FeedSettings = syntheticSettings()) throws -> ORUReading {
        let message = try HL7Message(parsing: Array(text.utf8), named: "x.hl7")
        return try ORUReader(settings: settings, keys: testKeys).read(message, at: "x.hl7:message 1")
    }

    func order(_ accession: String, _ status: String = "F", number: Int = 1) -> String {
        "OBR|\(number)|PL\(number)|\(accession)|CT^CT chest^L||||||||||||||\(accession)|||||||\(status)\r"
    }

    func observation(_ text: String, type: String = "TX", code: String = "RPT", status: String = "F", id: String = "1")
        -> String
    {
        "OBX|\(id)|\(type)|\(code)||\(text)||||||\(status)\r"
    }

    @Test(
        "other messages are refused by type",
        arguments: [
            ("ORM^O01", "ORM"), ("ADT^A08", "ADT"), ("ACK^R01", "ACK"), ("ACK", "ACK"), ("MDM^T02", "MDM"),
            ("SMITH", "another type"),
        ])
    func otherTypes(type: String, shown: String) {
        let refusal = #expect(throws: Refusal.self) {
            try reading("MSH|^~\\&|A|B|C|D|1||\(type)|I|P|2.3\rMSA|AA|1\r")
        }
        #expect(refusal?.code == "hl7.type")
        #expect(
            refusal?.problem
                == "the message is \(shown == "another type" ? "another type (5 bytes)" : shown); ORU^R01 is read here")
    }

    @Test("an ORU without orders, and an OBX before any order, are refused with message and segment")
    func withoutOrders() {
        #expect(#expect(throws: Refusal.self) { try reading(head) }?.code == "oru.no-observation")
        let early = #expect(throws: Refusal.self) { try reading(head + observation("x") + order("ACC1")) }
        #expect(early?.code == "oru.obx-without-obr")
        #expect(early?.location == "x.hl7:message 1:segment 3 (OBX)")
        let nextPatient = #expect(throws: Refusal.self) {
            try reading(head + order("ACC1") + observation("x") + "PID|2||PAT2^^^SITE^MR\r" + observation("y"))
        }
        #expect(nextPatient?.code == "oru.obx-without-obr")
    }

    @Test("a text without a value type, or of an unknown one, is refused; an empty value is not")
    func valueTypes() throws {
        let missing = #expect(throws: Refusal.self) { try reading(head + order("ACC1") + observation("x", type: "")) }
        #expect(missing?.code == "oru.value-type-missing")
        #expect(missing?.location == "x.hl7:message 1:segment 4 (OBX):OBX-2")
        let unknown = #expect(throws: Refusal.self) { try reading(head + order("ACC1") + observation("x", type: "QQ")) }
        #expect(unknown?.code == "oru.value-type")
        let empty = try reading(
            head + order("ACC1") + observation("", type: "") + observation("text", type: "FT", id: "2"))
        #expect(empty.versions[0].sourceText == "text")
    }

    @Test("ED and RP are counted and left out; TX, FT and ST are text as a whole, markup and separators too")
    func texts() throws {
        let version = try reading(
            head + order("ACC1") + observation("^TEXT^PDF^Base64^JVBERi0=", type: "ED")
                + observation("study^link", type: "RP", id: "2")
                + observation("a & b ^ c <b>x</b>", type: "FT", id: "3")
                + observation("Next", type: "ST", id: "4")
        ).versions[0]
        #expect(version.skippedValues == ["ED": 1, "RP": 1])
        #expect(version.sourceText == "a & b ^ c <b>x</b>\nNext")
        #expect(version.report.text(of: .other) == "a & b ^ c <b>x</b>\nNext")
        var settings = syntheticSettings()
        settings.text.markup = .strip
        #expect(
            try reading(head + order("ACC1") + observation("a <b>x</b>"), settings).versions[0].report.text(of: .other)
                == "a x")
    }

    @Test("set ids out of order or doubled are noticed, and the order of the message is kept")
    func setIDs() throws {
        let read = try reading(
            head + order("ACC1") + observation("one", id: "2") + observation("two", id: "1")
                + observation("three", id: "1"))
        #expect(read.versions[0].sourceText == "one\ntwo\nthree")
        #expect(read.notices.map(\.code) == ["oru.obx-order", "oru.obx-order"])
    }

    @Test("a tilde is a line end, or stays when the feed says so; an escaped one always stays")
    func repetition() throws {
        let text = head + order("ACC1") + observation("one~two \\R\\5")
        #expect(try reading(text).versions[0].sourceText == "one\ntwo ~5")
        var settings = syntheticSettings()
        settings.repetitionIsLineEnd = false
        #expect(try reading(text, settings).versions[0].sourceText == "one~two ~5")
    }

    @Test("sections come from OBX-3's suffix, wherever it stands, and else from headings")
    func sections() throws {
        let version = try reading(
            head + order("ACC1") + observation("HISTORY: cough", code: "&GDT")
                + observation("FINDINGS: clear", code: "&GDT", id: "2")
                + observation("IMPRESSION: normal", code: "71020&IMP^x", id: "3")
                + observation("said so", code: "R&TCM", id: "4")
        ).versions[0]
        #expect(version.report.sections.map(\.kind) == [.indication, .findings, .impression, .technique])
        #expect(version.report.text(of: .impression) == "normal")
        #expect(version.report.text(of: .findings) == "clear")
        let plain = try reading(head + order("ACC1") + observation("Findings: clear~IMPRESSION:~Normal.")).versions[0]
        #expect(plain.report.text(of: .impression) == "Normal.")
        #expect(plain.report.text(of: .findings) == "clear")
    }

    @Test(
        "the status ladder of OBR-25",
        arguments: [
            ("F", ReportStatus.final), ("P", .preliminary), ("M", .preliminary), ("R", .draft), ("A", .draft),
            ("C", .corrected),
            ("O", .unreported), ("I", .unreported), ("S", .unreported), ("X", .unreported), ("Y", .unreported),
            ("Z", .unreported), ("N", .unreported),
            ("W", .withdrawn),
            ("Final", .final), ("Prelim", .preliminary), ("Wet Read", .draft), ("wet  read", .draft),
        ])
    func resultStatus(raw: String, status: ReportStatus) throws {
        let version = try reading(head + order("ACC1", raw) + observation("text", status: "")).versions[0]
        #expect(version.status == StatusReading(raw: raw, field: .obr25, normalized: status))
    }

    @Test(
        "the status ladder of OBX-11, where OBR-25 is empty",
        arguments: [
            ("F", ReportStatus.final), ("V", .final), ("U", .final), ("P", .preliminary), ("R", .draft), ("S", .draft),
            ("C", .corrected), ("A", .corrected), ("B", .appended), ("D", .withdrawn), ("W", .withdrawn),
            ("Final", .final),
        ])
    func observationStatus(raw: String, status: ReportStatus) throws {
        let version = try reading(head + order("ACC1", "") + observation("text", status: raw)).versions[0]
        #expect(version.status == StatusReading(raw: raw, field: .obx11, normalized: status))
    }

    @Test("an unknown status is kept as written and has no place on the ladder; a site's own words come first")
    func unknownStatus() throws {
        let text = head + order("ACC1", "Zwischenbefund") + observation("text", status: "")
        #expect(
            try reading(text).versions[0].status == StatusReading(raw: "Zwischenbefund", field: .obr25, normalized: nil)
        )
        var settings = syntheticSettings()
        settings.statusWords = ["ZWISCHENBEFUND": .preliminary]
        #expect(try reading(text, settings).versions[0].status.normalized == .preliminary)
        let none = try reading(head + order("ACC1", "") + observation("text", status: "")).versions[0]
        #expect(none.status == StatusReading(raw: "", field: .absent, normalized: nil))
    }

    @Test("disagreement between OBR-25, OBX-11 and the banner is a conflict; what can stand together is none")
    func conflicts() throws {
        func status(_ result: String, _ observations: [String], _ text: String = "text") throws -> StatusReading {
            try reading(head + order("ACC1", result) + observations.map { observation(text, status: $0) }.joined())
                .versions[0].status
        }
        #expect(try status("F", ["P"]).conflict == .resultAndObservation)
        #expect(try status("P", ["F"]).conflict == .resultAndObservation)
        #expect(try status("", ["P", "F"]).conflict == .amongObservations)
        #expect(try status("", ["P", "F"]).normalized == .preliminary)
        #expect(try status("F", ["F"], "***PRELIMINARY REPORT***").conflict == .banner)
        #expect(try status("P", ["P"], "********Preliminary Report********").conflict == nil)
        #expect(try status("F", ["F", "C"]) == StatusReading(raw: "F", field: .obr25, normalized: .corrected))
        #expect(try status("F", ["B"]) == StatusReading(raw: "F", field: .obr25, normalized: .appended))
        #expect(try status("R", ["P"]).conflict == nil)
        #expect(try status("F", ["F", "W"]).normalized == .withdrawn)
    }

    @Test("a deleted line is left out and the rest stays; U without text accepts the draft, F without text does not")
    func deletedAndAccepted() throws {
        let deleted = try reading(
            head + order("ACC1") + observation("old", status: "D") + observation("new", id: "2")
        ).versions[0]
        #expect(deleted.sourceText == "new")
        #expect(deleted.status.normalized == .final)
        let accepted = try reading(head + order("ACC1", "F") + observation("", status: "U")).versions[0]
        #expect(accepted.isTextless && accepted.acceptsDraft)
        #expect(accepted.status.normalized == .final && accepted.status.conflict == nil)
        let bare = try reading(head + order("ACC1", "F")).versions[0]
        #expect(bare.isTextless && !bare.acceptsDraft)
    }

    @Test("an addendum alone is marked, by B or by the ADT suffix; with the report it is a section of it")
    func addenda() throws {
        #expect(try reading(head + order("ACC1") + observation("more", status: "B")).versions[0].isAddendum)
        #expect(try reading(head + order("ACC1") + observation("more", code: "R&ADT")).versions[0].isAddendum)
        let both = try reading(
            head + order("ACC1") + observation("more", code: "R&ADN") + observation("normal", code: "R&IMP", id: "2")
        ).versions[0]
        #expect(!both.isAddendum)
        #expect(both.report.text(of: .addendum) == "more")
    }

    @Test("orders that share one text are one report; orders with texts of their own are reports of their own")
    func groups() throws {
        let shared = try reading(
            head + order("ACC1") + observation("text") + order("ACC2", number: 2) + order("ACC3", number: 3))
        #expect(shared.versions.count == 1)
        #expect(shared.versions[0].orderCount == 3)
        #expect(shared.versions[0].examKeys.count == 3)
        let own = try reading(head + order("ACC1") + observation("one") + order("ACC2", number: 2) + observation("two"))
        #expect(own.versions.map(\.sourceText) == ["one", "two"])
        #expect(Set(own.versions.flatMap(\.examKeys)).count == 2)
        let same = try reading(
            head + order("ACC1") + observation("one") + order("ACC1", number: 2) + observation("two"))
        #expect(same.versions.map(\.sourceText) == ["one\ntwo"])
        #expect(same.versions[0].examKeys.count == 1)
        let patients = try reading(
            head + order("ACC1") + observation("one") + "PID|2||PAT2^^^SITE^MR\r" + order("ACC2") + observation("two"))
        #expect(patients.versions.count == 2)
        #expect(patients.versions[0].patientKey != patients.versions[1].patientKey)
    }

    @Test("the accession number comes from the feed's field, and the self-test says how often it is there")
    func accession() throws {
        let text = "MSH|^~\\&|A|B|C|D|1||ORU^R01|I|P|2.3\rORC|RE||C3\rOBR|1||B3||||||||||||||\rOBX|1|TX|A||x||||||F\r"
        var settings = syntheticSettings()
        #expect(try reading(text).versions[0].examKeys.isEmpty)
        #expect(try reading(text).notices.map(\.code) == ["oru.no-accession"])
        settings.accessionField = .obr3
        #expect(try reading(text, settings).versions[0].examKeys == [testKeys.key(.exam, "synthetic", "B3")])
        settings.accessionField = .orc3
        #expect(try reading(text, settings).versions[0].examKeys == [testKeys.key(.exam, "synthetic", "C3")])
        settings.accessionField = .obr18
        let messages = try [text, text, head + order("ACC1")].map {
            try HL7Message(parsing: Array($0.utf8), named: "x")
        }
        let test = AccessionSelfTest(messages, settings: settings)
        #expect(test.orderCount == 3)
        #expect(test.hits[.obr18] == AccessionSelfTest.Hits(filled: 1, distinct: 1))
        #expect(test.hits[.obr3] == AccessionSelfTest.Hits(filled: 3, distinct: 2))
        #expect(test.best == .obr3)
        #expect(test.verdict?.code == "feed.accession")
        settings.accessionField = .obr3
        #expect(AccessionSelfTest(messages, settings: settings).verdict == nil)
    }

    @Test("the patient identifier is the wanted authority's, else the first of type MR")
    func patient() throws {
        let text = "MSH|^~\\&|A|B|C|D|1||ORU^R01|I|P|2.3\rPID|1||E1^^^EMPI^PI~M1^^^SITE^MR\r" + order("ACC1")
        #expect(try reading(text).versions[0].patientKey == testKeys.key(.patient, "SITE", "M1"))
        var settings = syntheticSettings()
        settings.patientAuthority = "EMPI"
        #expect(try reading(text, settings).versions[0].patientKey == testKeys.key(.patient, "EMPI", "E1"))
        settings.patientAuthority = "OTHER"
        #expect(try reading(text, settings).versions[0].patientKey == nil)
        #expect(try reading(text, settings).notices.map(\.code) == ["oru.no-patient"])
    }

    @Test("no identifier of the message is in what comes out, not even where the text repeats it")
    func noIdentifiers() throws {
        let text = syntheticMessage(lines: ["ACC70001 of patient PAT90001, message CTRL0001.", "Not ACC700012."])
        let version = try readVersion(text)
        #expect(version.identifiersRemoved == 3)
        #expect(version.sourceText == "[identifier] of patient [identifier], message [identifier].\nNot ACC700012.")
        var dumped = ""
        dump(version, to: &dumped)
        for identifier in ["PAT90001", "CTRL0001", "ATT1", "RES1", "TESTCASE"] { #expect(!dumped.contains(identifier)) }
        #expect(dumped.replacing("ACC700012", with: "").contains("ACC70001") == false)
    }

    @Test("times, procedure, modality, interpreters and author are read")
    func details() throws {
        let version = try readVersion(syntheticMessage(status: "P", lines: ["x"]))
        #expect(version.changedAt == ReportTime(hl7: "20260301100000"))
        #expect(version.observedAt == ReportTime(hl7: "20260301090000"))
        #expect(version.sentAt == ReportTime(hl7: "20260301100500"))
        #expect(version.procedure == ReportVersion.Procedure(code: "CTCHEST", system: "L", text: "CT chest"))
        #expect(version.modality == "CT")
        #expect(version.interpreters.map(\.role) == [.principal, .assistant])
        #expect(version.authorKey == testKeys.key(.person, "synthetic", "RES1"))
        #expect(try readVersion(syntheticMessage(lines: ["x"])).authorKey == testKeys.key(.person, "synthetic", "ATT1"))
    }

    @Test("the same sender and control id give the same message key, others another")
    func messageKeys() throws {
        let first = try readVersion(syntheticMessage(lines: ["x"]))
        #expect(try readVersion(syntheticMessage(lines: ["y"])).messageKey == first.messageKey)
        #expect(try readVersion(syntheticMessage(control: "CTRL0002", lines: ["x"])).messageKey != first.messageKey)
    }

    @Test("unknown escapes are kept in the text and counted")
    func unknownEscapes() throws {
        let version = try readVersion(syntheticMessage(lines: ["a \\Zx1\\ b\\"]))
        #expect(version.sourceText == "a \\Zx1\\ b\\")
        #expect(version.unknownEscapes == 2)
    }
}
