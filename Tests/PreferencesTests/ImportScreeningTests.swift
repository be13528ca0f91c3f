import Diagnostics
import GRDB
import StrictJSON
import Testing

@testable import Preferences

@Suite("Identifiers in imported pairs")
struct ImportScreeningTests {
    /// Finds telephone numbers of one form, which is enough to see what an import does with what is found.
    static let screen: @Sendable (PromptText) -> Screening = { text in
        let count = text.plainText.split(separator: "555-").count - 1
        return Screening(
            textDigest: text.digest, state: count > 0 ? .suspect : .clean, screener: "test 1",
            found: count > 0 ? ["phone": count] : [:])
    }

    private func file(_ scratch: Scratch) throws -> String {
        try scratch.file(
            "a.jsonl",
            line("findings one", "call 555-0101 or 555-0102", "bad", ["id": "p1", "patient": "A"])
                + line("findings two", "good", "worse", ["id": "p2", "patient": "B"])
                + line("ring 555-0103", "good", "call 555-0101 or 555-0102", ["id": "p3", "patient": "C"]))
    }

    @Test("row 53: an identifier in a text is told by line, field, kind and count, and never by its words")
    func told() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let path = try file(scratch)
        for isDry in [true, false] {
            let report = try store.importPairs(
                from: path, options: ImportOptions(dryRun: isDry, screen: Self.screen))
            let screening = try #require(report.screening)
            #expect(
                screening.listed.map { "\($0.place): \($0.found)" } == [
                    "\(path):1: chosen holds 2 phone", "\(path):3: prompt holds 1 phone",
                    "\(path):3: rejected holds 2 phone",
                ])
            #expect(screening.suspectCount == 2 && screening.cleanCount == 5 && screening.suspectPairCount == 2)
            #expect(screening.found == ["phone": 3])
        }
        #expect(try store.importPairs(from: scratch.file("b.jsonl", line("x y", "z", "w"))).screening == nil)
    }

    @Test(
        "row 53: asked to refuse them, an import stops at identifiers by line, field, kind and count, and takes nothing"
    )
    func refused() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let path = try file(scratch)
        var said: [String] = []
        let refusal = #expect(throws: Refusal.self) {
            try store.importPairs(
                from: path, options: ImportOptions(screen: Self.screen, refusesSuspects: true),
                onRefusedLine: { said.append("\($0.location): \($0.problem)") })
        }
        #expect(refusal?.code == "import.identifiers" && refusal?.location == path)
        #expect(refusal?.problem == "2 texts of 2 pairs may identify somebody (3 phone); nothing was taken")
        #expect(
            said == [
                "\(path):1: chosen holds 2 phone", "\(path):3: prompt holds 1 phone",
                "\(path):3: rejected holds 2 phone",
            ])
        #expect(try store.pairCount() == 0 && store.suspectTexts().isEmpty)
        let one = try scratch.file("one.jsonl", line("ring 555-0103", "good", "worse"))
        let single = #expect(throws: Refusal.self) {
            try store.importPairs(from: one, options: ImportOptions(screen: Self.screen, refusesSuspects: true))
        }
        #expect(single?.location == "\(one):1" && single?.problem == "prompt holds 1 phone")
        let clean = try scratch.file("clean.jsonl", line("findings two", "good", "worse"))
        let options = ImportOptions(screen: Self.screen, refusesSuspects: true)
        #expect(try store.importPairs(from: clean, options: options).takenCount == 1)
    }

    @Test("an import that does not look for identifiers is recorded as somebody's choice; one that looks is not")
    func declined() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        _ = try store.importPairs(from: try file(scratch), options: ImportOptions(screen: Self.screen))
        _ = try store.importPairs(from: try scratch.file("plain.jsonl", line("findings four", "good", "worse")))
        // A feed's texts are screened before its pairs are imported.
        func pair(_ id: String) -> PreferencePair {
            PreferencePair(
                id: id, prompt: .text("findings \(id)"), chosen: .text("a \(id)"), rejected: .text("b \(id)"))
        }
        let first = pair("f1")
        try store.record([first.prompt, first.chosen, first.rejected].map(Self.screen))
        _ = try store.importPairs([first], named: "feed")
        _ = try store.importPairs([pair("f2")], named: "feed")
        let actions = try store.reading {
            try String.fetchAll(
                $0, sql: "SELECT action FROM audit_event WHERE object_kind = 'import_batch' ORDER BY sequence")
        }
        #expect(actions == ["import", "import-unscreened", "import", "import-unscreened"])
        _ = try store.verifyAudit()
    }

    @Test("row 53: a pair with a suspect text stays out of snapshots until a person clears the text")
    func held() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        _ = try store.importPairs(from: try file(scratch), options: ImportOptions(screen: Self.screen))
        let options = SnapshotOptions(heldOutFraction: 0)
        #expect(try store.makeSnapshot(options).train.map(\.id) == ["p2"])
        let suspects = try store.suspectTexts()
        #expect(suspects.count == 2 && suspects.allSatisfy { $0.screener == "test 1" })
        let number = try #require(suspects.first { $0.found == ["phone": 2] })
        #expect(number.places == [.pair(id: "p1", field: "chosen"), .pair(id: "p3", field: "rejected")])
        #expect(
            #expect(throws: Refusal.self) {
                try store.clear(textDigest: number.digest, by: "lead", reason: "invented")
            }?.code == "reviewer.unknown")
        try store.register(Reviewer(key: "lead", credential: .other))
        try store.clear(textDigest: number.digest, by: "lead", reason: "invented")
        #expect(try store.makeSnapshot(options).train.map(\.id) == ["p1", "p2"])
        #expect(try store.suspectTexts().count == 1)
        try store.check()
    }

    @Test("the pairs and what was found in them are kept in one transaction")
    func together() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        try store.writing { database in
            try database.execute(
                sql: "CREATE TRIGGER no_pair BEFORE INSERT ON pair BEGIN SELECT RAISE(ABORT, 'no'); END")
        }
        let path = try file(scratch)
        #expect(throws: Refusal.self) {
            try store.importPairs(from: path, options: ImportOptions(screen: Self.screen))
        }
        #expect(try store.suspectTexts().isEmpty && store.pairCount() == 0)
        try store.writing { try $0.execute(sql: "DROP TRIGGER no_pair") }
        _ = try store.importPairs(from: path, options: ImportOptions(screen: Self.screen))
        #expect(try store.suspectTexts().count == 2)
    }

    @Test("a suspect text is shown only as what it is, and that it was shown is an audit event")
    func shown() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        _ = try store.importPairs(from: try file(scratch), options: ImportOptions(screen: Self.screen))
        for suspect in try store.suspectTexts() {
            let before = try store.auditHead().sequence
            let text = try store.showSuspect(textDigest: suspect.digest)
            #expect(text.digest == suspect.digest)
            #expect(try store.auditHead().sequence == before + 1)
        }
        let clean = PromptText.text("findings two").digest
        #expect(
            #expect(throws: Refusal.self) { try store.showSuspect(textDigest: clean) }?.code == "screening.not-suspect")
        try store.check()
    }

    @Test("many pairs are screened on all processors with the results in their order")
    func many() throws {
        let scratch = try Scratch()
        let lines = (0..<500).map { number in
            line("case \(number)", number % 7 == 0 ? "call 555-\(1000 + number)" : "good \(number)", "bad \(number)")
        }
        let path = try scratch.file("a.jsonl", lines.joined())
        let report = try scratch.store().importPairs(from: path, options: ImportOptions(screen: Self.screen))
        let screening = try #require(report.screening)
        #expect(screening.suspectPairCount == 72 && screening.cleanCount == 1428)
        #expect(
            screening.listed.map(\.place) == (0..<20).map { "\(path):\(7 * $0 + 1)" })
    }
}

@Suite("The same file read another way")
struct EarlierBatchesTests {
    private func mapping(_ chosen: String, _ rejected: String, _ more: String = "") throws -> PairReadingOptions {
        let text = "columns: {prompt: q, chosen: \(chosen), rejected: \(rejected)\(more)}\n"
        return PairReadingOptions(mapping: try ColumnMapping(parsing: Array(text.utf8), named: "m.yaml"))
    }

    @Test("with another column mapping a file is content of its own and said so; the same mapping again is nothing new")
    func mappings() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let path = try scratch.file("a.csv", "q,a,b,c\r\nfind x,one,two,three\r\nfind y,four,five,six\r\n")
        let first = try store.importPairs(from: path, reading: mapping("a", "b"))
        #expect(first.takenCount == 2 && first.notes.allSatisfy { !$0.contains("another way") })
        let same = try store.importPairs(from: path, reading: mapping("a", "b"))
        #expect(same.takenCount == 0 && same.alreadyImported != nil && same.batch == first.batch)
        let other = try store.importPairs(from: path, reading: mapping("a", "c"))
        #expect(other.takenCount == 2 && other.alreadyImported == nil && other.batch != first.batch)
        #expect(
            other.notes.contains { $0.contains("as batch 1, read in another way; this reading is content of its own") })
        let again = try store.importPairs(from: path, reading: mapping("a", "c"))
        #expect(again.takenCount == 0 && again.batch == other.batch && again.alreadyImported != nil)
        #expect(try store.pairCount() == 4)
        try store.check()
    }

    @Test("a mapping that turns chosen and rejected round is a conflict with the batch that has them, not nothing new")
    func turned() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let path = try scratch.file("a.csv", "q,a,b\r\nfind x,one,two\r\n")
        _ = try store.importPairs(from: path, reading: mapping("a", "b"))
        let refusal = #expect(throws: Refusal.self) { try store.importPairs(from: path, reading: mapping("b", "a")) }
        #expect(refusal?.code == "pair.conflict" && refusal?.problem.contains("line 2 of batch 1") == true)
        #expect(try store.pairCount() == 1)
    }

    @Test("a batch from before readings were recorded is the same file, unless a mapping says what it means")
    func older() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        let path = try scratch.file("a.csv", "prompt,chosen,rejected\r\nfind x,one,two\r\n")
        let digest = ContentDigest.sha256(try scratch.bytes("a.csv"))
        try store.writing { database in
            try database.execute(
                sql: "INSERT INTO import_batch VALUES (1, 'a.csv', ?, 1, 1, 1, 0, 0, '1', 'x', '2026-01-01T00:00:00Z')",
                arguments: [digest])
        }
        #expect(try store.importPairs(from: path, reading: PairReadingOptions()).batch == 1)
        let text = "columns: {prompt: prompt, chosen: chosen, rejected: rejected}\n"
        let mapped = PairReadingOptions(mapping: try ColumnMapping(parsing: Array(text.utf8), named: "m.yaml"))
        let read = try store.importPairs(from: path, reading: mapped)
        #expect(read.batch == 2 && read.takenCount == 1)
    }
}
