import Foundation
import StrictJSON
import Testing

@Suite("Screening while importing, and clearing by hand", .serialized)
struct ScreeningCommandTests {
    private func json(_ arguments: [String], in work: Workplace) throws -> JSONValue {
        let outcome = try Program.run(arguments + ["--json"], in: work)
        #expect(outcome.status == 0, "\(outcome.error)")
        return try outcome.json()
    }

    private func workplace() throws -> Workplace {
        let work = try Workplace()
        try work.write(
            "pairs.jsonl",
            #"{"id":"p1","patient":"A","prompt":"Effusion.","chosen":"Call (555) 010-4477.","rejected":"Fluid."}"#
                + "\n"
                + #"{"id":"p2","patient":"B","prompt":"Cyst, 12 mm.","chosen":"Cyst.","rejected":"A lump."}"# + "\n")
        return work
    }

    @Test("import --screen counts what it finds by class, and without it says that nothing was screened")
    func screen() throws {
        let work = try workplace()
        let plain = try Program.run(["import", "pairs.jsonl", "--store", "plain.sqlite"], in: work)
        #expect(plain.output.contains("Not screened for identifiers"), "\(plain.output)")
        let outcome = try Program.run(["import", "pairs.jsonl", "--store", "store.sqlite", "--screen"], in: work)
        #expect(outcome.status == 0 && outcome.error == "pairs.jsonl:1: chosen holds 1 phone\n", "\(outcome.error)")
        #expect(outcome.output.contains("5 texts clean, 1 suspect (1 phone)"), "\(outcome.output)")
        #expect(!outcome.output.contains("Not screened") && !outcome.output.contains("4477"))
        let dry = try json(["import", "pairs.jsonl", "--store", "new.sqlite", "--screen", "--dry-run"], in: work)
        #expect(dry["files"]?.array?.first?["screening"]?["found"]?["phone"]?.int == 1)
        #expect(!work.exists("new.sqlite"))
        let sites = try Program.run(["import", "p", "--store", "s", "--sites", "x"], in: work)
        #expect(sites.status == 64)
        let refusing = ["import", "pairs.jsonl", "--store", "refusing.sqlite", "--refuse-identifiers"]
        #expect(try Program.run(refusing, in: work).status == 64)
        let refused = try Program.run(refusing + ["--screen"], in: work)
        #expect(
            refused.status == 2
                && refused.error.hasPrefix("import.identifiers  pairs.jsonl:1: chosen holds 1 phone"),
            "\(refused.error)")
        #expect(!work.exists("refusing.sqlite") && !refused.error.contains("4477"))
    }

    @Test("a suspect text is listed without its words, shown only on a terminal or by force, and cleared by a person")
    func suspects() throws {
        let work = try workplace()
        _ = try json(["import", "pairs.jsonl", "--store", "store.sqlite", "--screen"], in: work)
        let list = try json(["suspects", "list", "--store", "store.sqlite"], in: work)
        let one = try #require(list["suspects"]?.array?.first)
        #expect(list["suspects"]?.array?.count == 1 && one["found"]?["phone"]?.int == 1)
        #expect(one["places"]?.array?.first?.string == "chosen of p1")
        let digest = try #require(one["digest"]?.string)
        let words = try Program.run(["suspects", "--store", "store.sqlite"], in: work)
        #expect(words.output.contains(digest.prefix(12)) && !words.output.contains("4477"), "\(words.output)")
        let hidden = try Program.run(["suspects", "show", digest, "--store", "store.sqlite"], in: work)
        #expect(hidden.status == 2 && hidden.error.hasPrefix("suspects.no-terminal  "), "\(hidden.error)")
        #expect(hidden.output.isEmpty)
        let shown = try Program.run(["suspects", "show", "p1", "--store", "store.sqlite", "--force"], in: work)
        #expect(shown.output.contains("Call (555) 010-4477."), "\(shown.error)")
        let before = try json(["audit", "verify", "--store", "store.sqlite"], in: work)
        let clear = ["suspects", "clear", "--store", "store.sqlite", "--by", "lead", "--reason", "invented number"]
        let wrong = try Program.run(clear + ["p2"], in: work)
        #expect(wrong.status == 2 && wrong.error.hasPrefix("suspects.unknown  store.sqlite: "), "\(wrong.error)")
        let cleared = try json(clear + [String(digest.prefix(8))], in: work)
        #expect(cleared["left"]?.int == 0 && cleared["cleared"]?.array?.first?.string == digest)
        let after = try json(["audit", "verify", "--store", "store.sqlite"], in: work)
        let sequences = [before, after].compactMap { $0["audit_head"]?["sequence"]?.int }
        #expect(sequences.count == 2 && sequences[1] == sequences[0] + 2, "the person and the clearance are recorded")
        let snapshot = try json(
            ["snapshot", "--store", "store.sqlite", "--output", "snapshot", "--held-out-fraction", "0"], in: work)
        #expect(snapshot["train"]?.int == 2)
    }

    @Test("doctor names a tensor of a model with a weight that is not a number")
    func notFinite() throws {
        let work = try Workplace()
        try work.addModel()
        let good = try Program.run(["doctor", "--model", "tiny.gguf", "--json"], in: work)
        let finding = try good.json()["findings"]?.array?.first { $0["name"]?.string == "weights" }
        #expect(finding?["state"]?.string == "ok", "\(good.output)")
        var bytes = try work.bytes("tiny.gguf")
        // One 32-bit value in the middle of the weights becomes a NaN.
        let place = bytes.count / 2 & ~3
        bytes.replaceSubrange(place..<place + 4, with: [0x01, 0x00, 0xC0, 0x7F])
        try work.write("tiny.gguf", bytes)
        let bad = try Program.run(["doctor", "--model", "tiny.gguf"], in: work)
        #expect(bad.status != 0)
        let line = bad.output.split(separator: "\n").first { $0.contains("weights") } ?? ""
        #expect(line.contains("tensor \"") && line.contains("1 values are NaN or infinite"), "\(bad.output)")
    }
}
