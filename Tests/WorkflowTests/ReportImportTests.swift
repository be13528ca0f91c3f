import ClinicalMessages
import Diagnostics
import Foundation
import Preferences
import PrivacyScreen
import StrictJSON
import Testing

@testable import Workflow

@Suite("Reports from HL7 v2 and FHIR into a store", .serialized)
struct ReportImportTests {
    private func take(
        _ run: TinyRun, _ files: [String], feed: String = InventedReports.feed,
        _ options: ReportImportStage.Options = .init()
    ) throws -> JSONValue {
        let result = try ReportImportStage.run(
            files: files, store: run.path("store.sqlite"), feed: run.file("feed.yaml", feed), options: options,
            events: StageEvents())
        return try JSONValue(parsing: Array(result.json.utf8), named: "result")
    }

    private func snapshot(_ run: TinyRun) throws -> JSONValue {
        let result = try SnapshotStage.run(
            store: run.path("store.sqlite"), output: run.path("snapshot-\(UUID().uuidString)"), heldOutFraction: 0,
            seed: 17, events: StageEvents())
        return try JSONValue(parsing: Array(result.json.utf8), named: "result")
    }

    @Test("a draft and its final become one pair, and the same file again changes nothing")
    func pair() throws {
        let run = try TinyRun()
        let file = try run.file("day.hl7", InventedReports.draft("ACC77123") + InventedReports.final("ACC77123"))
        let first = try take(run, [file])
        #expect(first["pairs"]?["new"]?.int == 1 && first["versions"]?["new"]?.int == 2)
        #expect(first["accession_self_test"]?["OBR-18"]?.int == 2 && first["compared"]?.int == 1)
        let again = try take(run, [file])
        #expect(again["pairs"]?["new"]?.int == 0 && again["pairs"]?["known"]?.int == 1)
        #expect(again["versions"]?["new"]?.int == 0 && again["versions"]?["known"]?.int == 2)
        let pairs = try PreferenceStore(at: run.path("store.sqlite")).makeSnapshot(SnapshotOptions(heldOutFraction: 0))
            .train
        let pair = try #require(pairs.first)
        #expect(pair.chosen.plainText == "Small left pleural effusion without pneumothorax.")
        #expect(pair.rejected.plainText == "Small left effusion is seen today.")
        #expect(pair.prompt.plainText == "Write the impression.\n\nFindings: " + InventedReports.effusion)
        #expect(pair.source == "harvested" && pair.modality == "CR" && pair.created == nil)
        #expect(pair.additional["provenance"]?["feed"]?.string == "ris")
    }

    @Test("no identifier of a message is in the store, and the secret of the keys is its owner's alone")
    func identifiers() throws {
        let run = try TinyRun()
        let file = try run.file("day.hl7", InventedReports.draft("ACC77123") + InventedReports.final("ACC77123"))
        _ = try take(run, [file])
        var bytes = try run.bytes("store.sqlite")
        for name in ["store.sqlite-wal"] { bytes += (try? run.bytes(name)) ?? Data() }
        for identifier in ["ACC77123", "MRN55501", "INVENTED", "A900", "R700"] {
            #expect(bytes.range(of: Data(identifier.utf8)) == nil, "\(identifier)")
        }
        #expect(bytes.range(of: Data("pleural effusion".utf8)) != nil)
        let mode = try FileManager.default.attributesOfItem(atPath: run.path("store.sqlite.key"))[.posixPermissions]
        #expect(mode as? Int == 0o600)
        #expect(try run.text("store.sqlite.key").utf8.count == 65)
    }

    @Test("a draft that came in days before its final gives the same pair as both in one file")
    func apart() throws {
        let together = try TinyRun()
        let apart = try TinyRun()
        let texts = [InventedReports.draft("ACC1"), InventedReports.final("ACC1")]
        _ = try take(together, [together.file("both.hl7", texts.joined())])
        try FileManager.default.copyItem(
            atPath: together.path("store.sqlite.key"), toPath: apart.path("store.sqlite.key"))
        let first = try take(apart, [apart.file("a.hl7", texts[0])])
        #expect(first["pairs"]?["new"]?.int == 0 && first["left_out"]?["noFinal"]?.int == 1)
        let second = try take(apart, [apart.file("b.hl7", texts[1])])
        #expect(second["pairs"]?["new"]?.int == 1)
        let records = try [together, apart].map {
            try PreferenceStore(at: $0.path("store.sqlite")).makeSnapshot(SnapshotOptions(heldOutFraction: 0)).train
                .map(\.jsonLine)
        }
        #expect(records[0] == records[1] && records[0].count == 1)
    }

    @Test("a message that cannot be read is counted and costs no neighbour")
    func neighbours() throws {
        let run = try TinyRun()
        let broken = InventedReports.draft("ACC2").replacing("|TX|", with: "|QQ|")
        let file = try run.file(
            "day.hl7", InventedReports.draft("ACC1") + broken + InventedReports.final("ACC1"))
        let result = try take(run, [file])
        #expect(result["refused"]?.int == 1 && result["messages"]?.int == 3)
        #expect(result["pairs"]?["new"]?.int == 1)
    }

    @Test("drafts accepted as they stood are counted as a share, not lost")
    func acceptedUnchanged() throws {
        let run = try TinyRun()
        let same = "Small left effusion is seen today."
        let file = try run.file(
            "day.hl7",
            InventedReports.draft("ACC1") + InventedReports.final("ACC1") + InventedReports.draft("ACC2")
                + InventedReports.final("ACC2", same))
        let result = try take(run, [file])
        #expect(result["accepted_unchanged"]?.int == 1 && result["accepted_share"]?.double == 0.5)
        #expect(result["left_out"]?["acceptedUnchanged"]?.int == 1 && result["exams"]?.int == 2)
    }

    @Test("a pair with an identifier in its text is screened as suspect and is in no snapshot")
    func suspect() throws {
        let run = try TinyRun()
        let file = try run.file(
            "day.hl7",
            InventedReports.draft("ACC1") + InventedReports.final("ACC1") + InventedReports.draft("ACC2")
                + InventedReports.final(
                    "ACC2", "Small left pleural effusion. Discussed by phone at (555) 010-4477 on 03/14/2025."))
        let result = try take(run, [file])
        #expect(result["pairs"]?["new"]?.int == 2)
        #expect(result["screening"]?["suspect"]?.int == 1)
        #expect(result["screening"]?["found"]?["phone"]?.int == 1)
        let snapshot = try snapshot(run)
        #expect(snapshot["train"]?.int == 1 && snapshot["excluded"]?["screening:suspect"]?.int == 1)
    }

    @Test("a report that is withdrawn later takes its pair out of snapshots")
    func withdrawn() throws {
        let run = try TinyRun()
        let texts = [("ACC1", InventedReports.effusion), ("ACC2", "There is a fracture of the left clavicle.")].map {
            InventedReports.message($0.0, status: "P", minute: 5, findings: $0.1, impression: "Something is seen.")
                + InventedReports.message(
                    $0.0, status: "F", minute: 45, findings: $0.1, impression: "Left, as described.")
        }
        _ = try take(run, [run.file("day.hl7", texts.joined())])
        let before = try snapshot(run)
        let taken = try #require(before["train"]?.int)
        let later = InventedReports.message("ACC2", status: "W", minute: 55, impression: nil)
        let result = try take(run, [run.file("later.hl7", later)])
        #expect(result["held_back"]?.int == 1 && result["left_out"]?["withdrawn"]?.int == 1)
        #expect(try snapshot(run)["train"]?.int == taken - 1)
    }

    @Test("a dry run tells the same and makes neither a store nor a secret")
    func dryRun() throws {
        let run = try TinyRun()
        let file = try run.file("day.hl7", InventedReports.draft("ACC1") + InventedReports.final("ACC1"))
        let result = try take(run, [file], .init(dryRun: true))
        #expect(result["pairs"]?["new"]?.int == 1 && result["dry_run"]?.bool == true)
        let left = try FileManager.default.contentsOfDirectory(atPath: run.folder).sorted()
        #expect(left == ["day.hl7", "feed.yaml"])
    }

    @Test("a feed whose accession field is empty is refused before anything is made, and gaps can be accepted")
    func wrongField() throws {
        let run = try TinyRun()
        let file = try run.file(
            "day.hl7", InventedReports.message("ACC1", status: "F", minute: 1, impression: "None.", accessionField: 3))
        let refusal = #expect(throws: Refusal.self) { try take(run, [file]) }
        #expect(refusal?.code == "feed.accession" && refusal?.remedy.contains("OBR-3") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: run.folder).sorted() == ["day.hl7", "feed.yaml"])
        let taken = try take(run, [file], .init(acceptsGaps: true))
        #expect(taken["versions"]?["not_kept"]?["no accession number"]?.int == 1)
        let mended = try take(run, [file], feed: InventedReports.feed + "accession_field: OBR-3\n")
        #expect(mended["versions"]?["new"]?.int == 1)
    }

    @Test("a secret that is gone or open to others is refused, never replaced")
    func secret() throws {
        let run = try TinyRun()
        let file = try run.file("day.hl7", InventedReports.draft("ACC1"))
        _ = try take(run, [file])
        let path = run.path("store.sqlite.key")
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
        #expect(#expect(throws: Refusal.self) { try take(run, [file]) }?.code == "secret.open")
        try FileManager.default.removeItem(atPath: path)
        #expect(#expect(throws: Refusal.self) { try take(run, [file]) }?.code == "feed.no-secret")
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("FHIR reports in ndjson are read as HL7 is, and a wrong line costs no neighbour")
    func fhir() throws {
        let run = try TinyRun()
        let lines =
            InventedReports.fhir("ACC1", version: 1, status: "preliminary", impression: "Small effusion is seen.")
            + "{\"resourceType\": 5}\n"
            + InventedReports.fhir(
                "ACC1", version: 2, status: "final", impression: "Small left pleural effusion, no pneumothorax.")
        let result = try take(run, [run.file("export.ndjson", lines)])
        #expect(result["pairs"]?["new"]?.int == 1 && result["refused"]?.int == 1, "\(result)")
        #expect(result["accession_self_test"]?.isNull == true)
    }
}

@Suite("A feed's settings")
struct FeedFileTests {
    @Test("every key is read, and a misspelled one is answered with the nearest")
    func keys() throws {
        let run = try TinyRun()
        _ = try run.file("sites.yaml", "sites:\n  - Lakeside Imaging\n")
        let path = try run.file(
            "feed.yaml",
            """
            name: ris
            accession_field: ORC-3
            charset: "8859/1"
            zone: "-05:30"
            repetition: keep
            status_words: {Gelesen: preliminary}
            headings: {Befund: findings}
            boilerplate: ["Dr. on call:"]
            wrapped_lines: keep
            markup: strip
            maximum_change_percent: 40
            correction_hours: 2
            sites: sites.yaml
            """)
        let feed = try FeedFile.load(path)
        #expect(feed.settings.accessionField == .orc3 && feed.settings.charset == .latin1)
        #expect(feed.settings.zoneOffsetMinutes == -330 && !feed.settings.repetitionIsLineEnd)
        #expect(feed.settings.statusWords["Gelesen"] == .preliminary)
        #expect(feed.settings.text.headings["Befund"] == .findings)
        #expect(feed.settings.text.boilerplate == ["Dr. on call:"] && !feed.settings.text.unwrapsLines)
        #expect(feed.harvest.maximumChange == 0.4 && feed.harvest.correctionHours == 2)
        #expect(feed.sites.names == ["Lakeside Imaging"])
        let wrong = try run.file("wrong.yaml", "name: ris\naccesion_field: OBR-3\n")
        let refusal = #expect(throws: Refusal.self) { try FeedFile.load(wrong) }
        #expect(refusal?.code == "feed.unknown-key" && refusal?.remedy == "write 'accession_field'")
        #expect(refusal?.location.hasPrefix(wrong + ":2:1") == true, "\(refusal?.location ?? "")")
    }

    @Test(
        "a feed without a name, and an offset that is none, are refused",
        arguments: [
            ("accession_field: OBR-3\n", "feed.missing-key"), ("name: ris\nzone: \"5\"\n", "feed.zone"),
            ("name: ris\ncharset: big5\n", "feed.charset"),
        ])
    func refused(text: String, code: String) throws {
        let run = try TinyRun()
        let path = try run.file("feed.yaml", text)
        #expect(#expect(throws: Refusal.self) { try FeedFile.load(path) }?.code == code)
    }
}
