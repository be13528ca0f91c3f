import Foundation
import StrictJSON
import Testing

@Suite("Commands that look after a store", .serialized)
struct StoreCommandTests {
    private func store() throws -> Workplace {
        let work = try Workplace()
        try work.write("pairs.jsonl", InventedPairs.conversational)
        let outcome = try Program.run(["import", "pairs.jsonl", "--store", "store.sqlite"], in: work)
        #expect(outcome.status == 0, "\(outcome.error)")
        return work
    }

    private func json(_ arguments: [String], in work: Workplace) throws -> JSONValue {
        let outcome = try Program.run(arguments + ["--json"], in: work)
        #expect(outcome.status == 0, "\(outcome.error)")
        return try outcome.json()
    }

    @Test("a snapshot takes what its filters name, says what was never screened, and is compared with another by ids")
    func filters() throws {
        let work = try Workplace()
        let records = [
            ("a", "CT", "off_style"), ("b", "CT", "content_error"), ("c", "MR", "off_style"), ("d", "MR", "off_style"),
        ]
        try work.write(
            "pairs.jsonl",
            records.map { id, modality, kind in
                #"{"id":"\#(id)","patient":"\#(id)","modality":"\#(modality)","rejected_kind":"\#(kind)","#
                    + #""prompt":"Findings \#(id).","chosen":"Cyst \#(id).","rejected":"Lump \#(id)."}"# + "\n"
            }.joined())
        _ = try json(["import", "pairs.jsonl", "--store", "store.sqlite"], in: work)
        let make = ["snapshot", "--store", "store.sqlite", "--held-out-fraction", "0", "--output"]
        let all = try json(make + ["all"], in: work)
        #expect(all["train"]?.int == 4 && all["never_screened"]?.int == 4)
        let some = try json(make + ["ct", "--modality", "CT", "--rejected-kind", "off_style"], in: work)
        #expect(some["train"]?.int == 1 && some["excluded"]?["filter:modality"]?.int == 2)
        #expect(some["excluded"]?["filter:rejected_kind"]?.int == 1)
        #expect(try json(make + ["few", "--curated-size", "2"], in: work)["excluded"]?["not_curated"]?.int == 2)
        let difference = try json(["snapshot", "diff", "all", "ct"], in: work)
        #expect(difference["removed"]?.array?.map(\.string) == ["b", "c", "d"] && difference["unchanged"]?.int == 1)
        let words = try Program.run(["snapshot", "diff", "ct", "all"], in: work)
        #expect(
            words.output == "3 added, 0 removed, 0 moved, 0 changed, 1 unchanged.\nadded b\nadded c\nadded d\n",
            "\(words.output)")
        let missing = try Program.run(make + ["screened", "--require-screening"], in: work)
        #expect(missing.status == 2 && missing.error.hasPrefix("snapshot.empty  "), "\(missing.error)")
        #expect(!work.exists("screened"))
        _ = try json(["screen", "--store", "store.sqlite", "--keep"], in: work)
        let screened = try Program.run(make + ["screened", "--require-screening"], in: work)
        #expect(screened.status == 0 && !screened.output.contains("never screened"), "\(screened.output)")
        let wrong = try Program.run(make + ["x", "--min-strength", "strong"], in: work)
        #expect(
            wrong.status == 2 && wrong.error.hasPrefix("snapshot.unknown-value  --min-strength: "), "\(wrong.error)")
        #expect(try Program.run(make + ["x", "--near-duplicates", "0"], in: work).status == 64)
    }

    @Test("check finds a store sound, and a store with an altered byte of text damaged")
    func check() throws {
        let work = try store()
        let result = try json(["check", "--store", "store.sqlite"], in: work)
        #expect(result["pairs"]?.int == 5 && result["orphan_files"]?.array?.isEmpty == true)
        #expect(result["audit_head"]?["sequence"]?.int == 2)
        var bytes = try work.bytes("store.sqlite")
        let word = Array("Gallstones.".utf8)
        let place = try #require(bytes.indices.first { bytes[$0...].starts(with: word) })
        bytes[place] = UInt8(ascii: "W")
        try work.write("store.sqlite", bytes)
        let damaged = try Program.run(["check", "--store", "store.sqlite"], in: work)
        #expect(damaged.status == 3 && damaged.error.hasPrefix("store.damaged  "), "\(damaged.error)")
        #expect(!damaged.error.contains("allstones"))
    }

    @Test("a backup is a store with the same pairs, and nothing is written over")
    func backup() throws {
        let work = try store()
        let result = try json(["backup", "--store", "store.sqlite", "--output", "copy.sqlite"], in: work)
        #expect(result["pairs"]?.int == 5)
        let copy = try json(["check", "--store", "copy.sqlite"], in: work)
        #expect(copy["pairs"]?.int == 5 && copy["audit_head"] == result["audit_head"])
        let again = try Program.run(["backup", "--store", "store.sqlite", "--output", "copy.sqlite"], in: work)
        #expect(again.status == 2 && again.error.hasPrefix("file.exists  copy.sqlite: "), "\(again.error)")
    }

    @Test("audit verify holds a store to a head that was printed earlier")
    func audit() throws {
        let work = try store()
        let result = try json(["audit", "verify", "--store", "store.sqlite"], in: work)
        let sequence = try #require(result["audit_head"]?["sequence"]?.int)
        let hash = try #require(result["audit_head"]?["hash"]?.string)
        #expect(result["compared_with_head"]?.bool == false)
        let head = "\(sequence):\(hash)"
        let compared = try json(["audit", "verify", "--store", "store.sqlite", "--head", head], in: work)
        #expect(compared["compared_with_head"]?.bool == true)
        let later = try Program.run(
            ["audit", "verify", "--store", "store.sqlite", "--head", "\(sequence + 3):\(hash)"], in: work)
        #expect(later.status == 2 && later.error.hasPrefix("audit.broken  "), "\(later.error)")
        let wrong = try Program.run(["audit", "verify", "--store", "store.sqlite", "--head", "7"], in: work)
        #expect(wrong.status == 2 && wrong.error.hasPrefix("audit.bad-head  --head: "), "\(wrong.error)")
    }

    @Test(
        "a store that is not there is not made",
        arguments: [
            ["check"], ["backup", "--output", "b"], ["audit", "verify"],
            ["export", "--format", "csv", "--output", "o"],
        ])
    func missing(command: [String]) throws {
        let work = try Workplace()
        let outcome = try Program.run(command + ["--store", "none.sqlite"], in: work)
        #expect(outcome.status == 2 && outcome.error.hasPrefix("store.no-file  none.sqlite: "), "\(outcome.error)")
        #expect(try work.listing().isEmpty)
    }

    @Test("import finds foreign formats by their content, reads columns by a mapping, and counts what it leaves out")
    func foreign() throws {
        let work = try Workplace()
        try work.write(
            "hh.jsonl",
            "{\"chosen\": \"\\n\\nHuman: Findings: cyst.\\n\\nAssistant: Cyst.\", "
                + "\"rejected\": \"\\n\\nHuman: Findings: cyst.\\n\\nAssistant: A lump.\"}\n")
        let transcripts = try json(["import", "hh.jsonl", "--store", "store.sqlite"], in: work)
        #expect(transcripts["files"]?.array?.first?["format"]?.string == "anthropic-hh")
        #expect(transcripts["pairs"]?.int == 1)
        try work.write(
            "answers.csv", "q,a,b,better\r\nFindings: stone.,Stone.,Rock.,1\r\nFindings: none.,Clear.,Normal.,0\r\n")
        try work.write(
            "columns.yaml",
            "columns: {prompt: q, first: a, second: b, preference: better}\n"
                + "preference: {first: [\"1\"], second: [\"2\"], tie: [\"0\"]}\n")
        let arguments = ["import", "answers.csv", "--mapping", "columns.yaml", "--store", "store.sqlite"]
        let dry = try json(arguments + ["--dry-run"], in: work)
        #expect(dry["files"]?.array?.first?["taken"]?.int == 1 && dry["pairs"]?.int == 1)
        let rows = try json(arguments, in: work)
        let file = try #require(rows["files"]?.array?.first)
        #expect(file["format"]?.string == "csv" && file["taken"]?.int == 1 && file["left_out"]?["tie"]?.int == 1)
        #expect(rows["pairs"]?.int == 2)
        let wrong = try Program.run(arguments + ["--format", "cvs"], in: work)
        #expect(wrong.status == 2 && wrong.error.hasPrefix("format.unknown  --format: "), "\(wrong.error)")
        #expect(wrong.error.contains("Mend: write csv."))
    }

    @Test("export writes a snapshot's bytes in each format, from the folder as from the store")
    func export() throws {
        let work = try store()
        _ = try json(["snapshot", "--store", "store.sqlite", "--output", "snapshot"], in: work)
        for format in ["trl", "argilla", "csv"] {
            let options = ["--format", format, "--provenance"]
            let one = try json(["export", "--snapshot", "snapshot", "--output", "a.\(format)"] + options, in: work)
            let other = try json(["export", "--store", "store.sqlite", "--output", "b.\(format)"] + options, in: work)
            #expect(one["pairs"]?.int == 5 && one["sha256"] == other["sha256"])
            #expect(try work.bytes("a.\(format)") == work.bytes("b.\(format)"))
        }
        let back = try json(["import", "a.csv", "--store", "other.sqlite"], in: work)
        #expect(back["pairs"]?.int == 5)
        let bare = try json(
            ["export", "--snapshot", "snapshot", "--format", "trl", "--split", "train", "--output", "bare.jsonl"],
            in: work)
        #expect(bare["pairs"]?.int == 3)
        #expect(try work.lines("bare.jsonl").allSatisfy { $0.object?.keys == ["prompt", "chosen", "rejected"] })
        let audit = try json(["audit", "verify", "--store", "store.sqlite"], in: work)
        #expect(audit["audit_head"]?["sequence"]?.int == 6, "an export from the store is an audit event")
        let taken = try Program.run(
            ["export", "--snapshot", "snapshot", "--format", "trl", "--output", "a.trl"], in: work)
        #expect(taken.status == 2 && taken.error.hasPrefix("file.exists  a.trl: "), "\(taken.error)")
    }

    @Test("import-reports watches a folder: good files go to taken, others to refused with the reason")
    func watch() throws {
        let work = try Workplace()
        try work.write("feed.yaml", "name: ris\naccession_field: OBR-3\n")
        let inbox = work.path("inbox")
        try FileManager.default.createDirectory(atPath: inbox, withIntermediateDirectories: true)
        let message =
            "MSH|^~\\&|RIS|H|O|L|20260126101500||ORU^R01|M1|P|2.5.1\rPID|1||M1^^^H^MR\r"
            + "OBR|1||A1|71020^Chest^CPT||||||||||||||||||20260126101500|||F\rOBX|1|TX|71020&IMP||Clear.||||||F\r"
        try work.write("inbox/good.hl7", message)
        try work.write("inbox/bad.hl7", "no message at all\n")
        let process = try Program.start(
            ["import-reports", "--watch", "inbox", "--store", "store.sqlite", "--feed", "feed.yaml", "--json"],
            in: work)
        let awaited = ["inbox/taken/good.hl7", "inbox/refused/bad.hl7", "inbox/refused/bad.hl7.reason"]
        for _ in 0..<600 where !awaited.allSatisfy(work.exists) { Thread.sleep(forTimeInterval: 0.1) }
        process.interrupt()
        process.waitUntilExit()
        let outcome = try Program.outcome(of: process, in: work)
        #expect(awaited.allSatisfy(work.exists), "\(outcome.error)")
        #expect(outcome.status == 130, "\(outcome.error)")
        #expect(try outcome.json()["versions"]?["new"]?.int == 1)
        #expect(try work.text("inbox/refused/bad.hl7.reason").hasPrefix("hl7.no-msh  inbox/bad.hl7:"))
        #expect(try json(["check", "--store", "store.sqlite"], in: work)["pairs"]?.int == 0)
    }
}
