import Diagnostics
import Foundation
import GRDB
import StrictJSON
import Testing

@testable import Preferences

@Suite("The preference store: importing")
struct ImportTests {
    /// Every row of every table, as text.
    func rows(_ store: PreferenceStore) throws -> [String] {
        try store.reading { database in
            try ["import_batch", "exam", "prompt", "pair", "audit_event"].flatMap { table in
                try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map { "\(table) \($0)" }
            }
        }
    }

    @Test("a file is taken once: the same file and the same pairs in another file change nothing")
    func twice() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let file = try scratch.file("a.jsonl", record(1, patient: "P1") + record(2, patient: "P2"))
        var seen: Int64 = 0
        let first = try store.importPairs(from: file, progress: { read, _ in seen = read })
        let size = Int64(try scratch.bytes("a.jsonl").count)
        #expect(first.takenCount == 2 && first.batch == 1 && seen == size)
        let before = try rows(store)
        let again = try store.importPairs(from: file)
        #expect(again.takenCount == 0 && again.skippedCount == 2 && again.batch == 1)
        #expect(again.alreadyImported == "2026-03-01T00:00:00.000Z")
        #expect(try rows(store) == before)
        let more = try scratch.file("b.jsonl", record(2, patient: "P2") + record(3, patient: "P3"))
        let second = try store.importPairs(from: more)
        #expect(second.takenCount == 1 && second.skippedCount == 1 && second.batch == 2)
        #expect(try store.pairCount() == 3)
    }

    @Test("what was imported comes back field by field")
    func fieldsSurvive() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let file = try scratch.file(
            "a.jsonl", PreferencePairTests.shipped + "\n" + record(1) + line("é", "e\u{301}x", "y"))
        _ = try store.importPairs(from: file)
        let stored = try store.reading { try StoredPairs.all($0, path: "s").map(\.pair) }
        let read = try PreferencePair.readJSONL(file)
        #expect(stored == read)
    }

    @Test("one bad line refuses the whole file and leaves the store as it was, to the byte")
    func allOrNothing() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        _ = try store.importPairs(from: try scratch.file("a.jsonl", record(1, patient: "P1")))
        let before = try rows(store)
        let bytes = try [scratch.bytes("store.sqlite"), scratch.bytes("store.sqlite-wal")]
        let cases: [(String, String, Int)] = [
            (record(2) + "{\"prompt\": }\n", "json.syntax", 2), (record(2) + record(2), "pair.duplicate", 2),
            (record(2) + line("p", "c", "r") + line("p", "r", "c"), "pair.conflict", 3),
            (record(2) + line("p", "c", "r", ["id": "r2"]), "pair.duplicate-id", 2),
            (line("p", "c", "r", ["id": "r1"]), "pair.duplicate-id", 1),
            (record(2) + record(1, patient: "P9"), "pair.differs", 2),
            (
                line("p", "c", "r", ["exam": "E", "patient": "A"])
                    + line("q", "c", "r", ["exam": "E", "patient": "B"]),
                "pair.exam-differs", 2
            ),
            (line("p", "c", "r", ["created": "2026-03-03T00:00:00Z"]), "pair.bad-time", 1),
            (line("p", "", "r"), "pair.blank", 1), ("", "file.empty", 0), ("\u{feff}\n\n", "file.empty", 0),
            (record(2) + line(String(repeating: "x", count: 5 << 20), "c", "r"), "json.too-large", 2),
        ]
        for (index, (text, code, lineNumber)) in cases.enumerated() {
            let file = try scratch.file("bad\(index).jsonl", text)
            for dryRun in [false, true] {
                let refusal = #expect(throws: Refusal.self) {
                    try store.importPairs(from: file, options: ImportOptions(dryRun: dryRun))
                }
                #expect(refusal?.code == code, "case \(index)")
                if lineNumber > 0 { #expect(refusal?.location.hasPrefix("\(file):\(lineNumber)") == true) }
            }
        }
        #expect(try rows(store) == before)
        let after = try [scratch.bytes("store.sqlite"), scratch.bytes("store.sqlite-wal")]
        #expect(after == bytes)
    }

    @Test("a pair with its sides swapped is a conflict with the store too, and names where the other came from")
    func swappedInStore() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        _ = try store.importPairs(from: try scratch.file("a.jsonl", record(1) + line("p", "c", "r")))
        let swapped = try scratch.file("b.jsonl", line("p", "r", "c"))
        let refusal = #expect(throws: Refusal.self) { try store.importPairs(from: swapped) }
        #expect(refusal?.code == "pair.conflict")
        #expect(refusal?.problem.contains("line 2 of batch 1") == true)
    }

    @Test("a dry run says what would happen and changes nothing")
    func dryRun() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let before = try rows(store)
        let file = try scratch.file("a.jsonl", record(1) + record(2))
        let report = try store.importPairs(from: file, options: ImportOptions(dryRun: true))
        #expect(report.takenCount == 2 && report.batch == nil)
        #expect(try rows(store) == before)
    }

    @Test("with skipBad the good lines are taken and the others set aside byte for byte, with reasons")
    func skipBad() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        var bytes = Array(record(1).utf8)
        let bad = Array("{\"prompt\": \"x\", \r\n".utf8) + [0x22, 0xFF, 0xFE, 0x22, 0x0A]
        bytes += bad + Array(record(2).utf8) + Array("{\"last\": 1}".utf8)
        let file = try scratch.file("a.jsonl", bytes)
        let report = try store.importPairs(from: file, options: ImportOptions(skipBad: true))
        #expect(report.takenCount == 2 && report.refusedCount == 3 && report.recordCount == 5)
        #expect(report.refusedLines.map(\.line) == [2, 3, 5])
        #expect(report.leftOut == [LeftOut(.malformed, 3)])
        #expect(report.refusedLinesPath == file + ".refused")
        #expect(try scratch.bytes("a.jsonl.refused") == bad + Array("{\"last\": 1}".utf8))
        #expect(try scratch.mode("a.jsonl.refused") == 0o600)
        let reasons = String(decoding: try scratch.bytes("a.jsonl.refused.reasons"), as: UTF8.self)
        #expect(reasons.split(separator: "\n").count == 3)
        #expect(try store.pairCount() == 2)
        let other = try scratch.file("b.jsonl", record(9) + "x\n")
        _ = try scratch.file("b.jsonl.refused", "mine")
        #expect(throws: Refusal.self) { try store.importPairs(from: other, options: ImportOptions(skipBad: true)) }
        #expect(try scratch.bytes("b.jsonl.refused") == Array("mine".utf8))
        #expect(try store.pairCount() == 2)
    }

    @Test("at most twenty refused lines are listed, then a count")
    func manyRefused() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let file = try scratch.file("a.jsonl", String(repeating: "x\n", count: 50))
        var told: [Refusal] = []
        let refusal = #expect(throws: Refusal.self) {
            try store.importPairs(from: file, onRefusedLine: { told.append($0) })
        }
        #expect(refusal?.code == "import.refused-lines")
        #expect(refusal?.problem.hasPrefix("50 of 50 lines are refused") == true)
        #expect(told.count == 20)
    }

    @Test("a byte order mark is passed over and mentioned, unknown fields are kept and mentioned")
    func notes() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let file = try scratch.file("a.jsonl", "\u{feff}" + line("p", "c", "r", ["score": 1]))
        let report = try store.importPairs(from: file)
        #expect(report.takenCount == 1 && report.notes.count == 2)
        let stored = try store.reading { try StoredPairs.all($0, path: "s") }
        #expect(stored.first?.pair.additional["score"]?.int == 1)
    }

    @Test("only regular files are read: no folder, link, pipe or archive")
    func notRegular() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let file = try scratch.file("a.jsonl", record(1))
        try FileManager.default.createSymbolicLink(atPath: scratch.path("link.jsonl"), withDestinationPath: file)
        for (name, code) in [("link.jsonl", "file.not-regular"), (".", "file.not-regular"), ("no", "file.missing")] {
            let refusal = #expect(throws: Refusal.self) { try store.importPairs(from: scratch.path(name)) }
            #expect(refusal?.code == code)
        }
        let archive = try scratch.file("a.gz", [0x1F, 0x8B, 8, 0])
        #expect(throws: Refusal.self) { try store.importPairs(from: archive) }
    }

    @Test("many pairs are taken in a moment")
    func manyPairs() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let file = try scratch.file("a.jsonl", (0..<2000).map { record($0, patient: "P\($0 / 3)") }.joined())
        #expect(try store.importPairs(from: file).takenCount == 2000)
        let snapshot = try store.makeSnapshot()
        #expect(snapshot.train.count + snapshot.heldOut.count == 2000)
    }
}
