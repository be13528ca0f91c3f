import Diagnostics
import Foundation
import GRDB
import StrictJSON
import Testing

@testable import Preferences

@Suite("Foreign formats: importing into the store")
struct ForeignImportTests {
    /// An array with a good record, a tie-less duplicate, an identical one and one with bad turns.
    static let mixed = """
        [
          {"instruction": "a", "chosen": "x", "rejected": "y"},
          {"instruction": "b", "chosen": "x", "rejected": "x"},
          {"instruction": "a", "chosen": "x", "rejected": "y"},
          {"instruction": "é", "chosen": "", "rejected": "y"},
          {"instruction": "c", "chosen": "x", "rejected": "y", "images": ["z"]},
          {"instruction": "d", "chosen": "x", "rejected": "y"},
          {"instruction": "d", "chosen": "y", "rejected": "x"},
          {"instruction": "e", "chosen": "x", "rejected": "y"}
        ]
        """

    func rows(_ store: PreferenceStore) throws -> [String] {
        try store.reading { database in
            try ["import_batch", "exam", "prompt", "pair", "audit_event"].flatMap { table in
                try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map { "\(table) \($0)" }
            }
        }
    }

    @Test("by file: one bad record refuses all of it, and the store is as it was")
    func byFile() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let before = try rows(store)
        let file = try scratch.file("a.json", Self.mixed)
        var told: [Refusal] = []
        let refusal = #expect(throws: Refusal.self) {
            try store.importPairs(from: file, reading: PairReadingOptions(), onRefusedLine: { told.append($0) })
        }
        #expect(refusal?.code == "import.refused-lines")
        #expect(
            told.map(\.code) == [
                "pair.no-preference", "pair.duplicate", "pair.blank", "pair.unsupported-media", "pair.conflict",
                "pair.conflict",
            ])
        #expect(told.map(\.location) == ["3:51", "4:3", "5:34", "6:66", "7:3", "8:3"].map { file + ":" + $0 })
        #expect(try rows(store) == before)
    }

    @Test("by record: good ones are taken, the others counted by reason and set aside byte for byte")
    func byRecord() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let file = try scratch.file("a.json", Self.mixed)
        let report = try store.importPairs(
            from: file, reading: PairReadingOptions(), options: ImportOptions(skipBad: true))
        #expect(report.takenCount == 2 && report.refusedCount == 6 && report.recordCount == 8)
        #expect(
            report.leftOut == [
                LeftOut(.identicalTexts, 1), LeftOut(.empty, 1), LeftOut(.conflict, 2), LeftOut(.duplicate, 1),
                LeftOut(.unsupportedMedia, 1),
            ])
        let aside = String(decoding: try scratch.bytes("a.json.refused"), as: UTF8.self)
        let lines = Self.mixed.split(separator: "\n").map(String.init)
        for line in lines[2...7] { #expect(aside.contains(line.trimmingCharacters(in: .whitespaces))) }
        #expect(!aside.contains("\"e\""))
        #expect(try store.pairCount() == 2)
    }

    @Test("a dry run says the same and changes nothing")
    func dryRun() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let before = try rows(store)
        let file = try scratch.file("a.json", Self.mixed)
        let report = try store.importPairs(
            from: file, reading: PairReadingOptions(), options: ImportOptions(skipBad: true, dryRun: true))
        #expect(report.takenCount == 2 && report.batch == nil && report.leftOut.count == 5)
        #expect(try rows(store) == before)
        #expect(!FileManager.default.fileExists(atPath: file + ".refused"))
    }

    @Test("the same file, and the same pairs in another format, change nothing")
    func idempotent() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let file = try scratch.file("a.json", "[" + FormatSamples.alpaca + "]")
        #expect(try store.importPairs(from: file, reading: PairReadingOptions()).takenCount == 1)
        let before = try rows(store)
        let again = try store.importPairs(from: file, reading: PairReadingOptions())
        #expect(again.takenCount == 0 && again.skippedCount == 1 && again.alreadyImported != nil)
        #expect(try rows(store) == before)
        let lines = try scratch.file("b.jsonl", FormatSamples.alpaca + "\n")
        let other = try store.importPairs(from: lines, reading: PairReadingOptions())
        #expect(other.takenCount == 0 && other.skippedCount == 1)
        #expect(try store.pairCount() == 1)
    }

    @Test("ties, unanswered tasks and overlong pairs are counted and refuse no file")
    func harmless() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let limit = PairLengthLimit(unit: "bytes", most: 20) { $0.plainText.utf8.count + $1.plainText.utf8.count }
        let choice = try columnMapping(CSVTests.choice)
        let file = try scratch.file(
            "a.csv", "input,a,b,label\np,x,y,1\nq,x,y,0\nr,x,y,\ns,x,\(String(repeating: "y", count: 20)),1\n")
        let report = try store.importPairs(
            from: file, reading: PairReadingOptions(mapping: choice, lengthLimit: limit))
        #expect(report.takenCount == 1 && report.refusedCount == 0 && report.recordCount == 4)
        #expect(report.leftOut == [LeftOut(.tie, 1), LeftOut(.noAnswer, 1), LeftOut(.tooLong, 1)])
        let result = try PairFileReading.read(file, options: PairReadingOptions(mapping: choice, lengthLimit: limit))
        let tooLong = try #require(result.refusals.first { $0.code == "pair.too-long" })
        #expect(tooLong.problem == "the prompt has 2 bytes with chosen and 21 with rejected; at most 20 are taken")
        #expect(tooLong.location == file + ":5:1")
    }

    @Test("a date in the future is refused in every format")
    func future() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let task = FormatSamples.task.replacingOccurrences(of: "2026-01-05", with: "2026-03-05")
        let file = try scratch.file("a.jsonl", task)
        let refusal = #expect(throws: Refusal.self) {
            try store.importPairs(from: file, reading: PairReadingOptions())
        }
        #expect(refusal?.code == "pair.bad-time")
    }

    @Test("a JSONL file of TRL's own is taken as by the plain import")
    func asPlain() throws {
        let scratch = try Scratch()
        let file = try scratch.file("a.jsonl", PreferencePairTests.shipped + "\n" + record(1) + record(2))
        let one = try scratch.store("one.sqlite")
        let other = try scratch.store("other.sqlite")
        _ = try one.importPairs(from: file)
        _ = try other.importPairs(from: file, reading: PairReadingOptions())
        let pairs = try [one, other].map { store in try store.reading { try StoredPairs.all($0, path: "s").map(\.pair) }
        }
        #expect(pairs[0] == pairs[1] && pairs[0].count == 3)
    }
}
