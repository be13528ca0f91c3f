import Diagnostics
import Foundation
import GRDB
import StrictJSON
import Testing

@testable import Preferences

@Suite("Snapshots of what was judged and edited")
struct JudgedSnapshotTests {
    @Test("a judged pair goes into a snapshot beside imported ones, with who, when and on which screen")
    func flows() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        try store.recordGuideline("7", text: "Be brief.")
        _ = try store.importPairs(from: try scratch.file("a.jsonl", record(1, patient: "P1", split: "train")))
        _ = try store.createJudgingPairs([judgingPair(1, readers: 2, split: .train, guideline: "7")])
        try store.judge("a", "second", strength: .significant)
        let last = try #require(try store.judge("b", "second", strength: .slight))
        let snapshot = try store.makeSnapshot()
        #expect(snapshot.train.count == 2 && snapshot.exclusions.isEmpty)
        let pair = try #require(snapshot.train.first { $0.source == "judged" })
        #expect(pair.chosen == .text("second answer 1") && pair.rejected == .text("first answer 1"))
        #expect(pair.reviewer == "a" && pair.patient == "P1" && pair.exam == "E1" && pair.modality == "CT")
        let provenance = try #require(pair.additional["provenance"]?.object)
        #expect(provenance["strength"]?.int == 1 && provenance["guideline"]?.string == "7")
        let judgements = provenance["judgements"]?.array ?? []
        #expect(judgements.map { $0["reviewer"]?.string } == ["a", "b"])
        #expect(judgements.last?["presentation"]?.int == Int(last.presentation))
        #expect(judgements.last?["at"]?.string == last.at.description)
        #expect(provenance["rejected"]?["base_model"]?.string == "base")
        #expect(provenance["rejected"]?["seed"]?.string == "1" && provenance["chosen"]?["author_key"]?.string == "t")
        let found = try store.snapshot(digest: snapshot.digest)
        #expect(found.train == snapshot.train && found.manifest == snapshot.manifest)
        try snapshot.write(to: scratch.path("s"))
        #expect(try PreferenceSnapshot.load(from: scratch.path("s")).train == snapshot.train)
        try store.check()
    }

    @Test("a snapshot stays what it was when the reader changes the answer afterwards")
    func frozen() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        _ = try store.createJudgingPairs([judgingPair(1, split: .train), judgingPair(2, split: .train)])
        let first = try #require(try store.judge("a", "first"))
        try store.judge("a", "first")
        let before = try store.makeSnapshot()
        let shown = try store.presentation(first.presentation)
        _ = try store.record(
            Judgement(shown.left.plainText.hasPrefix("first") ? .right : .left), on: shown.id, by: "a", revision: 1)
        let after = try store.makeSnapshot()
        #expect(after.digest != before.digest)
        #expect(try store.snapshot(digest: before.digest).train == before.train)
        #expect(before.train.allSatisfy { $0.chosen.plainText.hasPrefix("first") })
        #expect(after.train.count { $0.chosen.plainText.hasPrefix("second") } == 1)
        try store.check()
    }

    @Test("what teaches nothing is left out, counted by reason, and a conflict stays out until it is adjudicated")
    func leftOut() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        let pairs = try store.createJudgingPairs(
            (0..<5).map { judgingPair($0, readers: 2, split: .train, purpose: $0 == 4 ? .winRate : .train) })
        try store.judge("a", "first")
        try store.judge("b", "second")
        let tie = try #require(try store.leaseNext(for: "a"))
        _ = try store.record(Judgement(.bothGood), on: tie.id, by: "a")
        try store.judge("a", "first", strength: .better)
        let unsure = try #require(try store.leaseNext(for: "a"))
        _ = try store.record(Judgement(.cannotJudge), on: unsure.id, by: "a")
        let counts = { (snapshot: PreferenceSnapshot) in
            Dictionary(uniqueKeysWithValues: snapshot.exclusions.map { ($0.reason, $0.count) })
        }
        let snapshot = try store.makeSnapshot()
        #expect(snapshot.train.count == 1)
        #expect(
            counts(snapshot) == [
                "judged:conflict": 1, "judged:tie": 1, "judged:unanswered": 1, "judged:other_purpose": 1,
            ])
        #expect(snapshot.manifest["counts"]?["considered"]?.int == 5)
        try store.adjudicate(Adjudication(.y, basis: .thirdReader, strength: .slight), pair: pairs[0], by: "c")
        let decided = try store.makeSnapshot()
        let pair = try #require(decided.train.first { $0.reviewer == "c" })
        #expect(pair.chosen == .text("second answer 0"))
        #expect(pair.additional["provenance"]?["adjudication"]?["basis"]?.string == "third_reader")
        #expect(try store.makeSnapshot(SnapshotOptions(minimumStrength: .better)).train.count == 1)
        #expect(try store.snapshot(digest: decided.digest).train == decided.train)
    }

    @Test("an edit is a preference for the corrected text, with what was changed")
    func edits() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        _ = try store.createJudgingPairs([judgingPair(1, split: .train)])
        let shown = try #require(try store.leaseNext(for: "a"))
        let first = shown.left.plainText.hasPrefix("first") ? shown.leftCandidate : shown.rightCandidate
        let edit = Edit(
            text: .text("first answer, better"), presentation: shown.id, activeMilliseconds: 4000,
            reason: .wrongSeverity, isClinicallySignificant: true, split: .train)
        _ = try store.record(edit, of: first, by: "a")
        let twice = #expect(throws: Refusal.self) { try store.record(edit, of: first, by: "a") }
        #expect(twice?.code == "edit.known")
        for (edit, code) in [
            (Edit(text: .text(" first answer 1\n")), "edit.nothing-changed"), (Edit(text: .text(" ")), "pair.blank"),
            (Edit(text: .text("x"), presentation: 99), "presentation.unknown"),
        ] {
            let refusal = #expect(throws: Refusal.self) { try store.record(edit, of: first, by: "a") }
            #expect(refusal?.code == code)
        }
        let alone = try store.createCandidate(
            Candidate(text: .text("Kein Befund."), author: .humanTrainee), prompt: .text("Impression?"))
        _ = try store.record(
            Edit(text: .text("No finding."), split: .train), of: alone, exam: Exam(patient: "P9"), by: "b")
        let snapshot = try store.makeSnapshot()
        let pair = try #require(snapshot.train.first { $0.reviewer == "a" })
        #expect(pair.source == "edited" && pair.chosen == .text("first answer, better"))
        #expect(pair.rejected == .text("first answer 1") && pair.exam == "E1")
        let provenance = pair.additional["provenance"]
        #expect(provenance?["deleted_words"]?.int == 2 && provenance?["inserted_words"]?.int == 2)
        #expect(provenance?["reason"]?.string == "wrong_severity" && provenance?["presentation"]?.int == Int(shown.id))
        #expect(provenance?["chosen"]?["author"]?.string == "edited_model")
        #expect(snapshot.train.first { $0.reviewer == "b" }?.patient == "P9")
        #expect(try store.snapshot(digest: snapshot.digest).train == snapshot.train)
        try store.check()
    }

    @Test("word operations give the new text back byte for byte, whatever the texts")
    func wordOperations() {
        var generator = SystemRandomNumberGenerator()
        let pieces = ["no", "acute", " ", "  ", "\r\n", "\n", "é", "e\u{301}", "finding.", "\t", "left", "right"]
        for _ in 0..<500 {
            let old = (0..<Int.random(in: 0...20, using: &generator)).map { _ in pieces.randomElement() ?? "" }.joined()
            let new = (0..<Int.random(in: 0...20, using: &generator)).map { _ in pieces.randomElement() ?? "" }.joined()
            let operations = WordOperations(from: old, to: new)
            #expect(operations.applied(to: old).utf8.elementsEqual(new.utf8))
        }
        let operations = WordOperations(from: "No left effusion.", to: "No right effusion.")
        #expect(operations.json.serialized() == #"[["=",2],["-","left"],["+","right"],["=",2]]"#)
        #expect(operations.keptWords == 2 && operations.insertedWords == 1 && operations.deletedWords == 1)
    }

    @Test("the same preference by two doors is one record, and contradicting doors leave both out unless adjudicated")
    func doors() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        let pairs = (1...3).map { judgingPair($0, split: .train) }
        func imported(_ pair: PairForJudging, firstIsBetter: Bool) -> String {
            let (a, b) = (pair.first.text.plainText, pair.second.text.plainText)
            return line(
                pair.prompt.plainText, firstIsBetter ? a : b, firstIsBetter ? b : a,
                ["patient": .string(pair.exam.patient ?? ""), "split": "train"])
        }
        let lines =
            imported(pairs[0], firstIsBetter: true) + imported(pairs[1], firstIsBetter: false)
            + imported(pairs[2], firstIsBetter: false) + record(9, patient: "P77", split: "train")
        _ = try store.importPairs(from: try scratch.file("a.jsonl", lines))
        let ids = try store.createJudgingPairs(pairs)
        for _ in 0..<3 { try store.judge("a", "first") }
        try store.adjudicate(Adjudication(.x, basis: .thirdReader), pair: ids[2], by: "b")
        let snapshot = try store.makeSnapshot()
        let counts = Dictionary(uniqueKeysWithValues: snapshot.exclusions.map { ($0.reason, $0.count) })
        #expect(counts == ["duplicate": 1, "conflict": 2, "overruled": 1])
        #expect(snapshot.train.map { $0.source ?? "" }.sorted() == ["", "judged", "judged"])
    }

    @Test("a suspect text keeps its pair out of snapshots, and an unscreened one does where that is asked for")
    func screening() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        let lines = (1...3).map { record($0, patient: "P\($0)", split: "train") }.joined()
        _ = try store.importPairs(from: try scratch.file("a.jsonl", lines))
        try store.record([Screening(textDigest: PromptText.text("good 2").digest, state: .suspect, screener: "s")])
        let snapshot = try store.makeSnapshot()
        #expect(snapshot.train.count == 2 && snapshot.exclusions.map(\.reason) == ["screening:suspect"])
        let pair = try #require(snapshot.train.first)
        try store.record(
            [pair.prompt, pair.chosen, pair.rejected].map {
                Screening(textDigest: $0.digest, state: .clean, screener: "s")
            })
        #expect(try store.makeSnapshot(SnapshotOptions(requiresScreening: true)).train == [pair])
    }

    @Test("an export is recorded in the audit chain")
    func export() throws {
        let scratch = try Scratch()
        let store = try scratch.store()
        _ = try store.importPairs(from: try scratch.file("a.jsonl", record(1, split: "train")))
        let snapshot = try store.makeSnapshot()
        try store.export(snapshot, to: scratch.path("s"))
        _ = try PreferenceSnapshot.load(from: scratch.path("s"))
        let event = try store.reading {
            try Row.fetchOne($0, sql: "SELECT * FROM audit_event ORDER BY sequence DESC LIMIT 1")
        }
        #expect(event?["action"] == "export" && event?["object_id"] == snapshot.digest)
    }
}
