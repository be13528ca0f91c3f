import Diagnostics
import Foundation
import StrictJSON
import Testing

@testable import Preferences

@Suite("Snapshots: exports")
struct ExportTests {
    /// Plain and conversational pairs with every field somewhere, and texts that a careless writer would spoil.
    static let records: String = {
        let hard = "a \"b\", c\r\nd; =1+1\t\u{e9} e\u{301}\n\n"
        return PreferencePairTests.shipped + "\n" + record(1, patient: "P1") + record(2)
            + line(hard, " " + hard, "r\r", ["id": "h", "findings": "", "reviewer": "r1", "score": 1.50])
            + line("[1, 2]", "true", "null", ["id": "j", "finding_kinds": ["a,b", "c\"d"], "unseen_kind": true])
            + line("p", "c", "r", ["source": "synthetic", "created": "2026-01-02T03:04:05+01:00"])
    }()

    func snapshot(_ scratch: Scratch, _ text: String = records) throws -> PreferenceSnapshot {
        let store = try scratch.store()
        _ = try store.importPairs(from: try scratch.file("a.jsonl", text))
        return try store.makeSnapshot(SnapshotOptions(heldOutFraction: 0.4))
    }

    func members(_ snapshot: PreferenceSnapshot) -> [PreferencePair] {
        PreferenceSnapshot.byID(snapshot.train + snapshot.heldOut)
    }

    @Test("with provenance, our own export gives the same pairs field by field", arguments: ["trl", "argilla", "csv"])
    func roundTrip(shape: String) throws {
        let scratch = try Scratch()
        let snapshot = try snapshot(scratch)
        let export = SnapshotExport(try #require(.init(rawValue: shape)), provenance: true)
        try snapshot.write(export, to: scratch.path("out"))
        let result = try PairFileReading.read(scratch.path("out"))
        #expect(result.refusals.isEmpty)
        #expect(result.pairs == members(snapshot))
        #expect(try scratch.mode("out") == 0o600)
    }

    @Test(
        "without provenance, an export has the texts and nothing of who, when and whom",
        arguments: ["trl", "argilla", "csv"])
    func textsOnly(shape: String) throws {
        let scratch = try Scratch()
        let snapshot = try snapshot(scratch)
        let export = SnapshotExport(try #require(.init(rawValue: shape)), provenance: false)
        let bytes = try snapshot.exported(export)
        let result = try PairFileReading.read(try scratch.file("out", bytes))
        #expect(result.pairs.map(\.contentDigest) == members(snapshot).map(\.contentDigest))
        #expect(result.pairs.allSatisfy { $0.patient == nil && $0.reviewer == nil })
        #expect(result.pairs.allSatisfy { $0.created == nil && $0.split == nil })
        let text = String(decoding: bytes, as: UTF8.self)
        for secret in ["P0001", "E0001", "syn-0001", "house-style", "2026-02-24"] { #expect(!text.contains(secret)) }
    }

    @Test("the same snapshot gives the same bytes, from another store and another order of import")
    func sameBytes() throws {
        let one = try Scratch()
        let other = try Scratch()
        let lines = Self.records.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        let first = try snapshot(one)
        let second = try snapshot(other, lines.reversed().joined(separator: "\n"))
        for shape in SnapshotExport.Shape.allCases where shape != .trlPlain {
            for provenance in [true, false] {
                let export = SnapshotExport(shape, provenance: provenance)
                #expect(try first.exported(export) == second.exported(export), "\(shape)")
                #expect(try first.exported(export) == first.exported(export))
            }
        }
    }

    @Test("a plain pair becomes one question and one answer and back, and a longer conversation is refused as plain")
    func forms() throws {
        let scratch = try Scratch()
        let snapshot = try snapshot(scratch, record(1) + record(2) + line("p", "c", "r"))
        let chat = try snapshot.exported(SnapshotExport(.trlConversational, provenance: true))
        let read = try PairFileReading.read(try scratch.file("chat", chat)).pairs
        #expect(read.allSatisfy { if case .messages = $0.prompt { true } else { false } })
        #expect(read.compactMap(\.plain) == members(snapshot))
        let other = try Scratch()
        let system = "{\"role\":\"system\",\"content\":\"s\"}"
        let user = "{\"role\":\"user\",\"content\":\"q\"}"
        let answer = { (text: String) in "[{\"role\":\"assistant\",\"content\":\"\(text)\"}]" }
        let record = "{\"prompt\":[\(system),\(user)],\"chosen\":\(answer("a")),\"rejected\":\(answer("b"))}\n"
        let conversation = try self.snapshot(other, record + line("p", "c", "r"))
        let refusal = #expect(throws: Refusal.self) {
            try conversation.exported(SnapshotExport(.trlPlain, provenance: false))
        }
        #expect(refusal?.code == "export.not-plain" && refusal?.problem.hasPrefix("1 of 2 pairs") == true)
    }

    @Test("one side of the split can be written alone")
    func sides() throws {
        let scratch = try Scratch()
        let snapshot = try snapshot(scratch)
        let train = try snapshot.exported(SnapshotExport(.trl, provenance: true, split: .train))
        let heldOut = try snapshot.exported(SnapshotExport(.trl, provenance: true, split: .heldOut))
        #expect(train == PreferenceSnapshot.fileBytes(snapshot.train))
        #expect(heldOut == PreferenceSnapshot.fileBytes(snapshot.heldOut))
    }

    @Test("Argilla's better answer is not always the first, and its users are UUIDs")
    func argillaOrder() throws {
        let scratch = try Scratch()
        let snapshot = try snapshot(scratch, (0..<40).map { record($0) }.joined())
        let bytes = try snapshot.exported(SnapshotExport(.argilla, provenance: true))
        let records = try #require(try JSONValue(parsing: bytes, named: "e").array)
        let responses = records.compactMap { $0["responses"]?["preference"]?.array?[0] }
        let first = responses.filter { $0["value"]?.array?[0].string == "response-1" }
        #expect(responses.count == 40 && (8...32).contains(first.count))
        #expect(responses.allSatisfy { $0["user_id"]?.string?.utf8.count == 36 })
    }

    @Test("nothing is written over")
    func existing() throws {
        let scratch = try Scratch()
        let snapshot = try snapshot(scratch)
        let path = try scratch.file("out", "mine")
        #expect(throws: Refusal.self) { try snapshot.write(SnapshotExport(.csv, provenance: true), to: path) }
        #expect(try scratch.bytes("out") == Array("mine".utf8))
    }
}
