import Diagnostics
import Foundation
import Testing

@testable import ClinicalMessages

@Suite("FHIR: reports")
struct FHIRReaderTests {
    func read(_ text: String, _ settings: FeedSettings = syntheticSettings()) throws -> FHIRReading {
        try FHIRReader(settings: settings, keys: testKeys).read(Array(text.utf8), named: "x.json")
    }

    func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    /// A report with plain text, and with whatever members are added.
    func report(
        _ id: String = "r1", status: String = "final", text: String? = "FINDINGS: Clear.\nIMPRESSION: Normal.",
        more: String = "",
        meta: String = ""
    ) -> String {
        let form = text.map { ",\"presentedForm\":[{\"contentType\":\"text/plain\",\"data\":\"\(base64($0))\"}]" } ?? ""
        return "{\"resourceType\":\"DiagnosticReport\",\"id\":\"\(id)\"\(meta),\"status\":\"\(status)\""
            + ",\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"ACSN\"}]},\"value\":\"ACC70001\"}]"
            + ",\"subject\":{\"reference\":\"Patient/p1\"}\(form)\(more)}"
    }

    func bundle(_ entries: [String], type: String = "collection") -> String {
        "{\"resourceType\":\"Bundle\",\"type\":\"\(type)\",\"entry\":[\(entries.joined(separator: ","))]}"
    }

    func entry(_ resource: String, _ url: String? = nil) -> String {
        "{\(url.map { "\"fullUrl\":\"\($0)\"," } ?? "")\"resource\":\(resource)}"
    }

    func observation(_ id: String, _ loinc: String, _ value: String, more: String = "") -> String {
        "{\"resourceType\":\"Observation\",\"id\":\"\(id)\",\"status\":\"final\",\"code\":{\"coding\":[{\"code\":\"\(loinc)\"}]}"
            + ",\"valueString\":\"\(value)\"\(more)}"
    }

    @Test("a single report is read, with its keys, times, people and sections")
    func single() throws {
        let more =
            ",\"issued\":\"2026-03-01T09:50:00Z\",\"effectivePeriod\":{\"start\":\"2026-03-01\"}"
            + ",\"resultsInterpreter\":[{\"reference\":\"Practitioner/7\"}],\"code\":{\"coding\":[{\"system\":\"http://loinc.org\",\"code\":\"24627-2\"}],\"text\":\"CT chest\"}"
            + ",\"category\":[{\"coding\":[{\"code\":\"CT\"}]}]"
        let reading = try read(
            report(more: more, meta: ",\"meta\":{\"versionId\":\"3\",\"lastUpdated\":\"2026-03-01T10:00:00Z\"}"))
        let version = try #require(reading.versions.first)
        #expect(version.examKeys == [testKeys.key(.exam, "synthetic", "ACC70001")])
        #expect(version.reportKey == testKeys.key(.report, "synthetic", "r1"))
        #expect(version.patientKey == testKeys.key(.patient, "synthetic", "Patient/p1"))
        #expect(version.formatVersion == "3")
        #expect(version.status == StatusReading(raw: "final", field: .fhir, normalized: .final))
        #expect(version.changedAt == ReportTime(fhir: "2026-03-01T09:50:00Z"))
        #expect(version.observedAt == ReportTime(fhir: "2026-03-01"))
        #expect(version.sentAt == ReportTime(fhir: "2026-03-01T10:00:00Z"))
        #expect(version.authorKey == testKeys.key(.person, "synthetic", "Practitioner/7"))
        #expect(version.modality == "CT" && version.procedure.text == "CT chest")
        #expect(version.report.text(of: .impression) == "Normal.")
        #expect(reading.notices.isEmpty && reading.quarantined.isEmpty)
    }

    @Test(
        "statuses of R4 and R5 on the ladder",
        arguments: [
            ("registered", ReportStatus.unreported), ("partial", .draft), ("preliminary", .preliminary),
            ("modified", .preliminary),
            ("final", .final), ("amended", .corrected), ("corrected", .corrected), ("appended", .appended),
            ("cancelled", .unreported),
        ])
    func statuses(code: String, status: ReportStatus) throws {
        #expect(try read(report(status: code)).versions.first?.status.normalized == status)
    }

    @Test("an unknown status has no place and is noticed by its path; a missing one is refused")
    func unknownStatus() throws {
        for code in ["unknown", "FINAL"] {
            let reading = try read(report(status: code))
            #expect(reading.versions.first?.status.normalized == nil)
            #expect(reading.notices.map(\.location) == ["x.json: DiagnosticReport.status"])
        }
        let refusal = #expect(throws: Refusal.self) { try read("{\"resourceType\":\"DiagnosticReport\"}") }
        #expect(refusal?.code == "fhir.status")
    }

    @Test("entered in error and deleted reports withdraw theirs, without text, and are counted")
    func withdrawn() throws {
        let one = try read(report(status: "entered-in-error", text: "This report has been withdrawn"))
        #expect(one.enteredInError == 1)
        #expect(one.versions[0].status.normalized == .withdrawn && one.versions[0].isTextless)
        let history = bundle(
            [
                "{\"request\":{\"method\":\"DELETE\",\"url\":\"DiagnosticReport/r1\"},\"response\":{\"lastModified\":\"2026-03-02T00:00:00Z\"}}",
                entry(report(status: "final")), entry(report(status: "preliminary", text: "IMPRESSION: Other words.")),
            ], type: "history")
        let reading = try read(history)
        #expect(reading.enteredInError == 1 && reading.versions.count == 3)
        let harvest = Harvest(reading.versions, isCleared: { _ in true })
        #expect(harvest.exclusions == [.withdrawn: 1])
    }

    @Test("the versions of a history become a pair")
    func history() throws {
        func version(_ number: Int, _ status: String, _ impression: String) -> String {
            entry(
                report(
                    status: status,
                    text: "FINDINGS: The lungs are clear and the heart is of normal size.\nIMPRESSION: \(impression)",
                    meta: ",\"meta\":{\"versionId\":\"\(number)\",\"lastUpdated\":\"2026-03-01T1\(number):00:00Z\"}"),
                "https://fhir.example/DiagnosticReport/r1")
        }
        let text = bundle(
            [version(2, "final", "No acute disease."), version(1, "preliminary", "Nothing acute seen.")],
            type: "history")
        let reading = try read(text)
        #expect(reading.versions.count == 2 && reading.quarantined.isEmpty)
        let pair = try #require(Harvest(reading.versions, isCleared: { _ in true }).pairs.first)
        #expect(pair.rejected == "Nothing acute seen." && pair.chosen == "No acute disease.")
    }

    @Test(
        "the wrong type is refused with what was found",
        arguments: [
            ("{\"resourceType\":\"Patient\"}", "resourceType is Patient"), ("{}", "resourceType is missing"),
            ("[]", "missing"),
            ("{\"resourceType\":\"Ada Testcase 1\"}", "missing or no name"), ("{\"resourceType\":7}", "missing"),
        ])
    func wrongType(text: String, shown: String) {
        let refusal = #expect(throws: Refusal.self) { try read(text) }
        #expect(refusal?.code == "fhir.type")
        #expect(refusal?.problem.contains(shown) == true)
    }

    @Test("a bundle's bad resources are quarantined by path and its good ones are read")
    func bundles() throws {
        let reading = try read(
            bundle([
                entry(report("a")), entry("{\"id\":\"x\"}"),
                entry("{\"resourceType\":\"DiagnosticReport\",\"id\":\"b\"}"), entry(report("c")),
                entry("{\"resourceType\":\"Patient\",\"id\":\"p1\"}"),
            ]))
        #expect(reading.versions.count == 2)
        #expect(
            reading.quarantined.map(\.refusal.location)
                == ["x.json: Bundle.entry[1].resource: resourceType", "x.json: Bundle.entry[2].resource.status"])
        #expect(try read(bundle([])).notices.map(\.code) == ["fhir.no-report"])
    }

    @Test("two entries with one fullUrl and version are an error; the first is read")
    func duplicates() throws {
        let reading = try read(bundle([entry(report("a"), "urn:uuid:1"), entry(report("a"), "urn:uuid:1")]))
        #expect(reading.versions.count == 1)
        #expect(reading.quarantined.map(\.refusal.code) == ["fhir.duplicate"])
        #expect(reading.quarantined[0].refusal.location == "x.json: Bundle.entry[1].fullUrl")
    }

    @Test("results inside the bundle are the text, by fullUrl, by type and id, and contained")
    func results() throws {
        let more =
            ",\"result\":[{\"reference\":\"urn:uuid:f\"},{\"reference\":\"Observation/i\"},{\"reference\":\"#c\"}]"
            + ",\"contained\":[\(observation("c", "18834-2", "None."))]"
        let reading = try read(
            bundle([
                entry(report(text: nil, more: more)), entry(observation("f", "18782-3", "Clear lungs."), "urn:uuid:f"),
                entry(observation("i", "19005-8", "Normal.")),
            ]))
        let version = try #require(reading.versions.first)
        #expect(version.report.sections.map(\.kind) == [.findings, .impression, .comparison])
        #expect(version.report.text(of: .impression) == "Normal.")
    }

    @Test("a missing target is noticed by path where there is other text, and refused where there is none")
    func missingTarget() throws {
        let more = ",\"result\":[{\"reference\":\"Observation/secret-7\"},{\"reference\":\"urn:uuid:0\"}]"
        let reading = try read(bundle([entry(report(more: more))]))
        #expect(reading.versions.count == 1)
        #expect(
            reading.notices.map(\.location) == [
                "x.json: Bundle.entry[0].resource.result[0]", "x.json: Bundle.entry[0].resource.result[1]",
            ])
        #expect(
            reading.notices[0].text.contains("a resource of type Observation")
                && !reading.notices[0].text.contains("secret"))
        let refused = try read(bundle([entry(report(text: nil, more: more))]))
        #expect(refused.quarantined.map(\.refusal.code) == ["fhir.reference"])
        #expect(refused.quarantined[0].refusal.location == "x.json: Bundle.entry[0].resource.result[0]")
    }

    @Test("a cycle of results is refused; a result that is reached twice is read once")
    func cycles() throws {
        let loop = try read(
            bundle([
                entry(report(text: nil, more: ",\"result\":[{\"reference\":\"Observation/a\"}]")),
                entry(observation("a", "18782-3", "A.", more: ",\"hasMember\":[{\"reference\":\"Observation/b\"}]")),
                entry(observation("b", "18782-3", "B.", more: ",\"hasMember\":[{\"reference\":\"Observation/a\"}]")),
                entry(report("fine")),
            ]))
        #expect(loop.quarantined.map(\.refusal.code) == ["fhir.cycle"])
        #expect(loop.versions.count == 1)
        let twice = try read(
            bundle([
                entry(
                    report(
                        text: nil,
                        more: ",\"result\":[{\"reference\":\"Observation/a\"},{\"reference\":\"Observation/a\"}]")),
                entry(observation("a", "18782-3", "Once.")),
            ]))
        #expect(twice.versions.first?.sourceText == "Once.")
    }

    @Test("R5 in an R4 feed, both releases in one report or in one bundle: refused by path")
    func releases() throws {
        var settings = syntheticSettings()
        settings.fhirRelease = .r4
        let newer = report("n", more: ",\"study\":[{\"reference\":\"ImagingStudy/1\"}]")
        let older = report("o", more: ",\"imagingStudy\":[{\"reference\":\"ImagingStudy/1\"}]")
        let refusal = #expect(throws: Refusal.self) { try read(newer, settings) }
        #expect(refusal?.location == "x.json: DiagnosticReport.study")
        #expect(try read(older, settings).versions.count == 1)
        settings.fhirRelease = .r5
        #expect(throws: Refusal.self) { try read(older, settings) }
        #expect(try read(newer).versions.count == 1)
        #expect(throws: Refusal.self) { try read(report(more: ",\"study\":[],\"imagingStudy\":[]")) }
        let mixed = try read(bundle([entry(older), entry(newer)]))
        #expect(mixed.versions.count == 1)
        #expect(mixed.quarantined.map(\.refusal.code) == ["fhir.release"])
    }

    @Test("plain text comes before markup, markup before the narrative, and conclusion stands in for an impression")
    func preference() throws {
        func form(_ type: String, _ text: String) -> String {
            "{\"contentType\":\"\(type)\",\"data\":\"\(base64(text))\"}"
        }
        let plain = form("text/plain; charset=utf-8", "IMPRESSION: plain"),
            html = form("text/html", "<p>IMPRESSION: html</p>")
        let div = ",\"text\":{\"status\":\"generated\",\"div\":\"<div>IMPRESSION: div</div>\"}"
        func impression(_ more: String) throws -> String? {
            try read(report(text: nil, more: more)).versions.first?.report.text(of: .impression)
        }
        #expect(try impression(",\"presentedForm\":[\(html),\(plain)]\(div)") == "plain")
        #expect(try impression(",\"presentedForm\":[\(html)]\(div)") == "html")
        #expect(try impression("\(div),\"conclusion\":\"said\"") == "div")
        #expect(try impression(",\"conclusion\":\"said\"") == "said")
        #expect(
            try impression(",\"presentedForm\":[\(form("text/plain", "Clear."))],\"conclusion\":\"said\"") == "said")
        #expect(try impression(",\"presentedForm\":[\(form("text/plain", "Clear."))]\(div)") == "div")
    }

    @Test("a report that is only PDF, RTF or a link is refused; bad base64 and bad bytes too")
    func forms() throws {
        func refusal(_ form: String) -> Refusal? {
            #expect(throws: Refusal.self) { try read(report(text: nil, more: ",\"presentedForm\":[\(form)]")) }
        }
        let pdf = refusal("{\"contentType\":\"application/pdf\",\"data\":\"JVBERi0=\"}")
        #expect(pdf?.code == "fhir.no-text")
        #expect(pdf?.remedy.contains("text/plain") == true)
        #expect(refusal("{\"contentType\":\"text/rtf\",\"data\":\"e1xydGY=\"}")?.code == "fhir.no-text")
        #expect(refusal("{\"contentType\":\"text/plain\",\"url\":\"http://192.0.2.1/r.txt\"}")?.code == "fhir.no-text")
        for data in ["abc", "ab=c", "a===", "abcd=", "ab!=", "YR=="] {
            let found = refusal("{\"contentType\":\"text/plain\",\"data\":\"\(data)\"}")
            #expect(found?.code == "fhir.base64", "\(data)")
            #expect(found?.location == "x.json: DiagnosticReport.presentedForm[0].data")
        }
        #expect(refusal("{\"contentType\":\"text/plain\",\"data\":\"Yf8=\"}")?.code == "fhir.charset")
        let latin = try read(
            report(
                text: nil,
                more: ",\"presentedForm\":[{\"contentType\":\"text/plain;charset=iso-8859-1\",\"data\":\"6Q==\"}]"))
        #expect(latin.versions.first?.sourceText == "é")
    }

    @Test("an attachment over 8 MiB is refused before it is decoded")
    func size() {
        let data = String(repeating: "A", count: (FHIRReader.greatestAttachment / 3 + 2048) * 4)
        let refusal = #expect(throws: Refusal.self) {
            try read(
                report(
                    text: nil, more: ",\"presentedForm\":[{\"contentType\":\"application/pdf\",\"data\":\"\(data)\"}]"))
        }
        #expect(refusal?.code == "fhir.attachment-size")
    }

    @Test("base64 agrees with Foundation's on random bytes")
    func base64Peer() {
        var random = SeededGenerator(state: 3)
        for length in 0..<200 {
            let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
            #expect(Base64.decode(Data(bytes).base64EncodedString().utf8) == bytes)
        }
        #expect(Base64.decode("YW Jj\r\n".utf8) == Array("abc".utf8))
    }

    @Test("a narrative with script, remote image and entities gives its text alone")
    func narrative() throws {
        let div =
            "<div><script>fetch('http://192.0.2.1')</script><img src='http://192.0.2.1/x.png'/><p>IMPRESSION: Normal &amp; &undefined; calm.</p></div>"
        let reading = try read(report(text: nil, more: ",\"text\":{\"status\":\"additional\",\"div\":\"\(div)\"}"))
        #expect(reading.versions.first?.report.text(of: .impression) == "Normal & &undefined; calm.")
        #expect(reading.notices.map(\.code) == ["fhir.markup"])
    }

    @Test("extensions mark addenda, replacements and summaries")
    func relations() throws {
        func version(_ name: String) throws -> ReportVersion {
            let url = "http://hl7.org/fhir/StructureDefinition/diagnosticReport-\(name)"
            return try #require(
                try read(
                    report(
                        more:
                            ",\"extension\":[{\"url\":\"\(url)\",\"valueReference\":{\"reference\":\"DiagnosticReport/0\"}}]"
                    )
                ).versions.first)
        }
        #expect(try version("addendumOf").isAddendum)
        #expect(try version("addendumOf").status.normalized == .appended)
        #expect(try version("replaces").status.normalized == .corrected)
        #expect(try version("summaryOf").isSummary)
    }

    @Test("the accession number may be the request's, or of the feed's own system")
    func accession() throws {
        let bare = report().replacing("\"ACSN\"", with: "\"FILL\"")
        #expect(try read(bare).versions[0].examKeys.isEmpty)
        let request =
            "{\"resourceType\":\"ServiceRequest\",\"id\":\"q\",\"identifier\":[{\"type\":{\"coding\":[{\"code\":\"ACSN\"}]},\"value\":\"ACC9\"}]}"
        let based = String(bare.dropLast()) + ",\"basedOn\":[{\"reference\":\"ServiceRequest/q\"}]}"
        #expect(
            try read(bundle([entry(based), entry(request)])).versions[0].examKeys == [
                testKeys.key(.exam, "synthetic", "ACC9")
            ])
        var settings = syntheticSettings()
        settings.accessionSystem = "urn:site"
        let own = bare.replacing("\"value\":\"ACC70001\"", with: "\"system\":\"urn:site\",\"value\":\"ACC8\"")
        #expect(try read(own, settings).versions[0].examKeys == [testKeys.key(.exam, "synthetic", "ACC8")])
    }

    @Test("one bad line of ndjson is quarantined with its line, and its neighbours are read")
    func lines() throws {
        let reading = try read(
            [report("a"), "{\"resourceType\":", report("b"), "", "{}", report("c")].joined(separator: "\n") + "\n")
        #expect(reading.versions.count == 3)
        #expect(reading.quarantined.map(\.refusal.code) == ["json.truncated", "fhir.type"])
        #expect(reading.quarantined[0].refusal.location.hasPrefix("x.json:2:"))
        #expect(throws: Refusal.self) { try read("{\"resourceType\":\"Bundle\"") }
    }

    @Test("random damage to one line never traps and never loses the lines beside it")
    func damage() throws {
        var random = SeededGenerator(state: 21)
        let good = [report("a"), report("b")].map { Array($0.utf8) }
        let whole = try read(report("a")).versions
        for _ in 0..<1500 {
            var line = Array(report("m").utf8)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<line.count, using: &random)
                var byte = UInt8.random(in: .min ... .max, using: &random)
                if byte == 0x0A { byte = 0x20 }
                line[place] = byte
            }
            let file = good[0] + [0x0A] + line + [0x0A] + good[1]
            let reading = try FHIRReader(settings: syntheticSettings(), keys: testKeys).read(file, named: "x.json")
            #expect(reading.versions.contains(whole[0]))
            #expect(reading.versions.count + reading.quarantined.count >= 2)
        }
    }
}
