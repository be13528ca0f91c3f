import Diagnostics
import Foundation
import GRDB
import Testing

@testable import Preferences

@Suite("Unfinished texts and corrections")
struct DraftAndCorrectionTests {
    func draft(_ number: Int, specialty: String? = nil) -> DraftToCorrect {
        DraftToCorrect(
            prompt: .text("findings \(number)"),
            candidate: Candidate(
                text: .text("The lung are clear. No effusion \(number)."), author: .model,
                model: Candidate.Model(base: "base")),
            exam: Exam(key: "E\(number)", patient: "P\(number)", modality: "CT", subspecialty: specialty))
    }

    @Test("an older save never replaces a newer one, in whatever order they arrive")
    func sequence() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.createJudgingPairs([judgingPair(1)])
        let shown = try #require(try store.nextCase(.judge, for: "a"))
        let task = DraftTask.judgement(presentation: shown.id)
        let bits = SeededBits(5)
        var newest: Int64 = -1
        for _ in 0..<60 {
            let sequence = Int64(bits.below(40))
            let saving = try store.saveDraft("text \(sequence)", sequence: sequence, task: task, by: "a")
            #expect(saving == (sequence > newest ? .kept : .older(newest: newest)))
            newest = max(newest, sequence)
            #expect(try store.draft(of: task, by: "a")?.text == "text \(newest)")
        }
        #expect(try store.draft(of: task, by: "a")?.saved == Clock().now)
    }

    @Test(
        "a skip keeps the text, an answer removes it, an undo opens the task again, and a late save does not come back")
    func life() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.createJudgingPairs([judgingPair(1)])
        let shown = try #require(try store.nextCase(.judge, for: "a"))
        let task = DraftTask.judgement(presentation: shown.id)
        #expect(try store.saveDraft("a synthetic remark", sequence: 1, task: task, by: "a") == .kept)
        _ = try store.record(Judgement(.skip), on: shown.id, by: "a")
        #expect(try store.draft(of: task, by: "a")?.text == "a synthetic remark")
        _ = try store.record(Judgement(.left), on: shown.id, by: "a", revision: 1)
        #expect(try store.draft(of: task, by: "a") == nil)
        #expect(try store.saveDraft("late", sequence: 9, task: task, by: "a") == .committed)
        #expect(try store.reading { try String.fetchOne($0, sql: "SELECT content FROM text_draft") } == "")
        _ = try store.undo(presentation: shown.id, by: "a", revision: 2)
        #expect(try store.saveDraft("again", sequence: 2, task: task, by: "a") == .kept)
    }

    @Test("nobody saves text for another reader's case, and texts that are too long or hold NUL are refused")
    func refusals() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.createJudgingPairs([judgingPair(1)])
        _ = try store.createCorrectionTasks([draft(21)])
        let shown = try #require(try store.nextCase(.judge, for: "a"))
        for task in [DraftTask.judgement(presentation: shown.id), .correction(task: 1), .adjudication(pair: 99)] {
            let refusal = #expect(throws: Refusal.self) { try store.saveDraft("x", sequence: 1, task: task, by: "b") }
            #expect(refusal?.code == "draft.other-reader")
        }
        for text in ["\u{0}", String(repeating: "x", count: 262_145)] {
            let refusal = #expect(throws: Refusal.self) {
                try store.saveDraft(text, sequence: 1, task: .judgement(presentation: shown.id), by: "a")
            }
            #expect(refusal?.code == "store.bad-text")
        }
    }

    @Test(
        "a correction makes the new text chosen and the draft rejected, with its words and reason, and is in the next snapshot"
    )
    func correction() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        #expect(try store.createCorrectionTasks([draft(1), draft(2), draft(1)]) == [1, 2, 1])
        let task = try #require(try store.nextCorrection(for: "a"))
        #expect(task.draft.plainText.hasPrefix("The lung are") && task.modality == "CT" && task.exam == "E1")
        #expect(try store.nextCorrection(for: "a")?.id == task.id && store.nextCorrection(for: "b")?.id == 2)
        #expect(try store.saveDraft("half", sequence: 1, task: .correction(task: task.id), by: "a") == .kept)
        let edit = Edit(
            text: .text("The lungs are clear. No effusion 1."), activeMilliseconds: 9000, reason: .wrongSeverity,
            isClinicallySignificant: false)
        let kept = try store.correct(task.id, with: edit, by: "a", requestKey: "k")
        #expect(kept.insertedWords == 1 && kept.deletedWords == 1 && kept.keptWords == 6)
        #expect(try store.correct(task.id, with: edit, by: "a", requestKey: "k") == kept)
        #expect(try store.draft(of: .correction(task: task.id), by: "a") == nil)
        let done = #expect(throws: Refusal.self) {
            try store.correct(task.id, with: edit, by: "a", requestKey: "other")
        }
        #expect(done?.code == "correction.done")
        let snapshot = try store.makeSnapshot(SnapshotOptions())
        let pair = try #require((snapshot.train + snapshot.heldOut).first)
        #expect(pair.chosen.plainText.hasPrefix("The lungs are") && pair.rejected.plainText.hasPrefix("The lung are"))
        #expect(pair.patient == "P1")
        try store.check()
    }

    @Test("a skipped draft goes to another reader, one that is good as it stands makes no pair, and leases run out")
    func outcomes() throws {
        let scratch = try Scratch()
        let clock = Clock()
        let store = try scratch.reviewStore(clock)
        _ = try store.createCorrectionTasks([draft(1), draft(2)])
        let first = try #require(try store.nextCorrection(for: "a", leaseSeconds: 60))
        #expect(try store.waitingCorrectionCount(for: "a") == 2 && store.waitingCorrectionCount(for: "b") == 1)
        try store.closeCorrection(first.id, as: .skip, by: "a", requestKey: "s")
        try store.closeCorrection(first.id, as: .skip, by: "a", requestKey: "s")
        let second = try #require(try store.nextCorrection(for: "a", leaseSeconds: 60))
        #expect(second.id != first.id)
        let unchanged = #expect(throws: Refusal.self) {
            try store.correct(second.id, with: Edit(text: second.draft), by: "a")
        }
        #expect(unchanged?.code == "edit.nothing-changed")
        clock.advance(seconds: 60)
        // Nobody took it: it may still be renewed. Then another reader does.
        _ = try store.renewCorrectionLease(second.id, by: "a", leaseSeconds: 60)
        clock.advance(seconds: 60)
        let taken = try [1, 2].map { _ in
            let task = try #require(try store.nextCorrection(for: "b"))
            try store.closeCorrection(task.id, as: .accepted, by: "b", activeMilliseconds: 4000)
            return task.id
        }
        #expect(Set(taken) == [first.id, second.id])
        let lost = #expect(throws: Refusal.self) { try store.closeCorrection(second.id, as: .accepted, by: "a") }
        #expect(lost?.code == "lease.lost")
        #expect(try store.nextCorrection(for: "c") == nil)
        let figures = try store.reviewFigures(resamples: 100).corrections
        #expect(figures == ReviewFigures.Corrections(waiting: 0, leased: 0, corrected: 0, accepted: 2))
        try store.check()
    }

    @Test("readers get drafts of their own fields first, and a draft with a suspect text waits until it is cleared")
    func specialtiesAndScreening() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore(readers: ["a"])
        try store.register(Reviewer(key: "neuro", credential: .attending, subspecialties: ["neuro"]))
        _ = try store.createCorrectionTasks([draft(1, specialty: "msk"), draft(2, specialty: "neuro"), draft(3)])
        let digest = draft(2).candidate.text.digest
        try store.record([Screening(textDigest: digest, state: .suspect, screener: "synthetic 1")])
        #expect(try store.nextCorrection(for: "neuro")?.id == 3)
        try store.closeCorrection(3, as: .cannotJudge, by: "neuro")
        #expect(try store.nextCorrection(for: "neuro")?.id == 1)
        try store.clear(textDigest: digest, by: "neuro", reason: "synthetic")
        try store.closeCorrection(1, as: .accepted, by: "neuro")
        #expect(try store.nextCorrection(for: "neuro")?.id == 2)
    }

    @Test("one side of a case may be corrected by its own reader; a conversation's answer stays one")
    func presented() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        var pair = judgingPair(1, purpose: .winRate)
        pair.split = .heldOut
        pair.prompt = .messages([.init(role: "user", content: "findings")])
        pair.first.text = .messages([.init(role: "assistant", content: "first answer")])
        pair.second.text = .messages([.init(role: "assistant", content: "second answer")])
        _ = try store.createJudgingPairs([pair])
        let shown = try #require(try store.nextCase(.arena, for: "a"))
        let edit = Edit(text: .text("a better answer"))
        let other = #expect(throws: Refusal.self) {
            try store.correctPresented(shown.id, side: .left, with: edit, by: "b")
        }
        #expect(other?.code == "presentation.other-reader")
        let kept = try store.correctPresented(shown.id, side: .right, with: edit, by: "a", requestKey: "k")
        #expect(try store.correctPresented(shown.id, side: .right, with: edit, by: "a", requestKey: "k") == kept)
        let reused = #expect(throws: Refusal.self) {
            try store.correctPresented(shown.id, side: .left, with: edit, by: "a", requestKey: "k")
        }
        #expect(reused?.code == "correction.key-reused")
        let row = try store.reading { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT from_candidate, designated_split, content FROM edit
                        JOIN candidate ON candidate_id = to_candidate
                    """)
        }
        #expect(row?["from_candidate"] as Int64? == shown.rightCandidate)
        #expect(row?["designated_split"] as String? == "held_out")
        #expect(row?["content"] as String? == #"[{"role":"assistant","content":"a better answer"}]"#)
    }
}
