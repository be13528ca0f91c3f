import Diagnostics
import Foundation
import GRDB
import StrictJSON
import Testing

@testable import Preferences

@Suite("Large imports: decoded beside the keeping, a first one's indexes made at its end")
struct LargeImportTests {
    /// Records that together are well past the size from which a first import leaves its indexes out.
    static let count = 4000

    static func large(_ numbers: Range<Int> = 0..<count) -> [String] {
        numbers.map { number in
            line(
                (0..<40).map { "w\(number)x\($0)" }.joined(separator: " "), "good \(number)", "bad \(number)",
                ["id": .string("r\(number)"), "exam": .string("E\(number / 2)"), "patient": .string("P\(number / 4)")])
        }
    }

    private func objects(_ store: PreferenceStore) throws -> [String] {
        try store.reading {
            try String.fetchAll($0, sql: "SELECT type || ' ' || name || ' ' || coalesce(sql, '') FROM sqlite_schema")
        }.sorted()
    }

    private func counts(_ store: PreferenceStore) throws -> [Int] {
        try store.reading { database in
            try ["import_batch", "exam", "prompt", "pair", "audit_event"].map {
                try Int.fetchOne(database, sql: "SELECT count(*) FROM \($0)") ?? -1
            }
        }
    }

    @Test("a large first import leaves every index in its place, in the order of the lines, and is sound")
    func first() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let empty = try objects(store)
        let file = try scratch.file("a.jsonl", Self.large().joined())
        #expect(try Int64(scratch.bytes("a.jsonl").count) > 2 * ImportKeeper.largeFileBytes)
        var told: [Int64] = []
        let report = try store.importPairs(from: file, progress: { read, _ in told.append(read) })
        #expect(report.takenCount == Self.count && report.batch == 1 && report.notes.isEmpty)
        #expect(told == told.sorted() && told.count > 2)
        #expect(try objects(store) == empty)
        #expect(try counts(store) == [1, Self.count / 2, Self.count, Self.count, 2])
        #expect(try store.check().pairCount == Self.count)
        let stored = try store.reading { try StoredPairs.all($0, path: "s").map(\.pair) }
        #expect(try stored == PreferencePair.readJSONL(file))
        for text in ["pair SELECT pair_id + 9999, 'other'", "pair SELECT pair_id + 9999, pair_key || 'x'"] {
            // The same texts under another key, and the same key.
            #expect(throws: DatabaseError.self) {
                try store.pool.write { database in
                    let columns = try database.columns(in: "pair").map(\.name).dropFirst(2).joined(separator: ", ")
                    try database.execute(sql: "INSERT INTO \(text), \(columns) FROM pair WHERE pair_id = 1")
                }
            }
        }
    }

    @Test("a refused line in the middle of a large file undoes it all, in a new store and in one with pairs")
    func refusedInTheMiddle() throws {
        let scratch = try Scratch()
        var lines = Self.large()
        lines[Self.count / 2] = "{\"prompt\": }\n"
        let file = try scratch.file("a.jsonl", lines.joined())
        for (name, taken) in [("new.sqlite", 0), ("other.sqlite", 1)] {
            let store = try scratch.store(name)
            if taken > 0 { _ = try store.importPairs(from: scratch.file("b.jsonl", record(99_999))) }
            let before = try (objects(store), counts(store))
            let refusal = #expect(throws: Refusal.self) { try store.importPairs(from: file) }
            #expect(refusal?.code == "json.syntax")
            #expect(refusal?.location.hasPrefix("\(file):\(Self.count / 2 + 1):") == true)
            #expect(try (objects(store), counts(store)) == before)
            #expect(try store.check().pairCount == taken)
            // What is mended is taken whole.
            let mended = try scratch.file("mended-\(taken).jsonl", Self.large().joined())
            #expect(try store.importPairs(from: mended).takenCount == Self.count)
            #expect(try store.check().pairCount == Self.count + taken)
        }
    }

    @Test("every kind of refused line is counted and listed at its place, however far apart those that contradict are")
    func manyKinds() throws {
        let scratch = try Scratch()
        var lines = Self.large()
        lines[10] = "[1]\n"
        lines[700] = "{\"prompt\": \"p\", \"chosen\": \"a\"}\n"
        lines[900] = lines[3]
        lines[1200] = line("same prompt", "left", "right")
        lines[1300] = line("a text", "the same", "the same")
        lines[2600] = line("same prompt", "right", "left")
        lines[2700] = line("other", "c", "r", ["id": "r5"])
        lines[2800] = line("another", "c", "r", ["exam": "E1", "patient": "Q"])
        lines[2900] = line("late", "c", "r", ["created": "2026-03-03T00:00:00Z"])
        lines[3900] = "\n"
        let file = try scratch.file("a.jsonl", lines.joined() + "{\"last\": 1}")
        let expected: [(Int, String)] = [
            (11, "pair.wrong-type"), (701, "pair.missing-field"), (901, "pair.duplicate"),
            (1301, "pair.no-preference"), (2601, "pair.conflict"), (2701, "pair.duplicate-id"),
            (2801, "pair.exam-differs"), (2901, "pair.bad-time"), (4001, "pair.missing-field"),
        ]
        for options in [ImportOptions(skipBad: true, dryRun: true), ImportOptions(skipBad: true)] {
            let store = try scratch.store()
            let report = try store.importPairs(from: file, options: options)
            #expect(report.refusedLines.map(\.line) == expected.map(\.0))
            #expect(report.refusedLines.map(\.refusal.code) == expected.map(\.1))
            #expect(report.recordCount == Self.count && report.takenCount == Self.count - 9)
            #expect(report.leftOut.reduce(0) { $0 + $1.count } == 9)
            #expect(report.refusedLines[2].refusal.problem == "the same pair as line 4")
            #expect(report.refusedLines[4].refusal.problem.contains("the pair of line 1201 with the sides swapped"))
            #expect(try store.check().pairCount == (options.dryRun ? 0 : Self.count - 9))
        }
        // Without skipBad the first is named, the rest counted.
        let store = try scratch.store("other.sqlite")
        let refusal = #expect(throws: Refusal.self) { try store.importPairs(from: file) }
        #expect(refusal?.code == "import.refused-lines")
        #expect(refusal?.problem.hasPrefix("9 of \(Self.count) lines are refused") == true)
    }

    @Test("the same pairs in other large files change nothing, and what is new among them is taken")
    func again() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        _ = try store.importPairs(from: scratch.file("a.jsonl", Self.large().joined()))
        let before = try counts(store)
        #expect(try store.importPairs(from: scratch.path("a.jsonl")).alreadyImported != nil)
        #expect(try counts(store) == before)
        let mixed = Self.large(2000..<6000)
        let report = try store.importPairs(from: scratch.file("b.jsonl", mixed.joined()))
        #expect(report.takenCount == 2000 && report.skippedCount == 2000 && report.batch == 2)
        #expect(try counts(store) == [2, 3000, 6000, 6000, 3])
        let swapped = try scratch.file(
            "c.jsonl", Self.large(6000..<8000).joined() + line("x", "y", "z", ["id": "r0"]))
        #expect { try store.importPairs(from: swapped) } throws: { ($0 as? Refusal)?.code == "pair.duplicate-id" }
        #expect(try counts(store) == [2, 3000, 6000, 6000, 3])
        #expect(try store.check().pairCount == 6000)
    }

    @Test("a large import is screened as a small one is, and a prompt of many pairs is kept once")
    func screened() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let file = try scratch.file(
            "a.jsonl",
            (0..<3000).map {
                line(String(repeating: "prompt \($0 % 3) ", count: 20), "good \($0)", "bad \($0)")
            }.joined())
        let report = try store.importPairs(
            from: file,
            options: ImportOptions(screen: { text in
                Screening(
                    textDigest: text.digest, state: text.plainText == "bad 7" ? .suspect : .clean, screener: "test")
            }))
        #expect(report.screening?.suspectCount == 1 && report.screening?.suspectPairCount == 1)
        #expect(report.screening?.cleanCount == 6002)
        #expect(try counts(store)[2] == 3)
        try store.check()
    }

    @Test("a record's digests do not depend on the way in which they were worked out")
    func digests() throws {
        let texts = [
            PreferencePairTests.shipped, line("p\u{1}\"é", "c\\", "r\u{7f}"),
            line(
                "p", "c", "r",
                [
                    "id": "i", "patient": "p", "exam": "e", "modality": "m", "body_part": "b", "source": "s",
                    "reviewer": "w", "created": "2026-03-03T00:00:00Z", "split": "train", "findings": "f",
                    "rejected_kind": "off_style", "finding_kinds": ["x", "y"], "unseen_kind": true,
                ]), line("p", "c", "r", ["aaa": 1, "ooo": ["z": 1, "b": [true]], "zzz": nil]),
        ]
        for text in texts {
            let pair = try PreferencePair(jsonLine: Array(text.utf8), named: "n", line: 1)
            let digests = PairDigests(pair)
            var record = ContentDigest("overread record v1")
            record.add(pair.canonicalBytes)
            #expect(digests.record == record.finishedValue() && PairDigests.record(of: pair) == digests.record)
            #expect(PairDigests.canonicalBytes(of: pair) == pair.canonicalBytes)
            #expect(digests.content.hex == pair.contentDigest && digests.unordered.hex == pair.unorderedDigest)
            #expect(digests.prompt.hex == pair.promptDigest)
            #expect(DigestValue(hex: digests.record.hex) == digests.record)
        }
        #expect(DigestValue(hex: "xyz") == nil && DigestValue([1, 2, 3] as [UInt8]) == nil)
    }
}
