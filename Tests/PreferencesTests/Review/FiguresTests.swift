import Diagnostics
import Evaluation
import Foundation
import GRDB
import StrictJSON
import Testing

@testable import Preferences

@Suite("Figures, disagreements and what a reader did")
struct FiguresTests {
    /// A store in which a and b judged four pairs and differ on the last, and a judged one known answer.
    func judged(_ scratch: Scratch) throws -> PreferenceStore {
        let store = try scratch.reviewStore(readers: ["a", "b", "lead"])
        var policy = QueuePolicy()
        (policy.goldRate, policy.repeatRate) = (0, 0)
        try store.setQueuePolicy(policy)
        var gold = judgingPair(9, purpose: .gold)
        gold.firstIsBetter = true
        _ = try store.createJudgingPairs((0..<4).map { judgingPair($0, readers: 2) } + [gold])
        for number in 0..<4 {
            try store.answer(.judge, "a", prefers: "first", active: 3000 + 2000 * number)
            try store.answer(.judge, "b", prefers: number == 3 ? "second" : "first", active: 20_000)
        }
        try store.answer(.judge, "a", prefers: "second", active: 8000)
        return store
    }

    @Test("progress counts places by what has become of them, and pairs that disagree or were decided")
    func progress() throws {
        let scratch = try Scratch()
        let store = try judged(scratch)
        func train() throws -> ReviewFigures.Progress { try store.reviewFigures(resamples: 100).progress[0] }
        #expect(
            try train()
                == ReviewFigures.Progress(
                    purpose: .train, pairs: 4, waiting: 0, leased: 0, answered: 8, held: 0, disagreeing: 1,
                    adjudicated: 0))
        try store.adjudicate(Adjudication(.exclude, basis: .thirdReader), pair: 4, by: "lead")
        #expect(try train().disagreeing == 0 && train().adjudicated == 1)
        _ = try store.createJudgingPairs([judgingPair(20, readers: 3)])
        _ = try store.nextCase(.judge, for: "a")
        #expect(try train().waiting == 2 && train().leased == 1)
    }

    @Test("a reader's figures are counts, the median time, known answers met, fast answers and the side chosen")
    func readers() throws {
        let scratch = try Scratch()
        let store = try judged(scratch)
        let figures = try store.reviewFigures(resamples: 100)
        #expect(figures.readers.map(\.reviewer) == ["a", "b", "lead"])
        let a = figures.readers[0]
        #expect(try store.readerFigures(of: "a") == a)
        #expect(a.answered == 5 && a.medianActiveMilliseconds == 7000 && a.fastAnswers == 1)
        #expect(a.gold == (0, 1) && a.repeats == (0, 0) && a.bias.left + a.bias.right == 5)
        #expect(figures.readers[1].medianActiveMilliseconds == 20_000 && figures.readers[2].answered == 0)
        #expect(figures.readers[2].medianActiveMilliseconds == nil && figures.readers[2].lastAnswer == nil)
        #expect(figures.bias.left + figures.bias.right == 9 && figures.bias.interval() != nil)
        let overall = try #require(figures.agreement.first)
        #expect(overall.criterion.isEmpty && overall.raters == ["a", "b"])
        #expect(overall[.raw]?.value.number == 0.75 && overall[.krippendorff(.ordinal)] != nil)
    }

    @Test("an answer to a repeat counts for self-agreement, an undone answer for nothing but undone")
    func repeats() throws {
        let scratch = try Scratch()
        let store = try judged(scratch)
        let own = try store.ownJudgements(of: "a")
        #expect(own.count == 5 && own.map(\.presentation) == own.map(\.presentation).sorted(by: >))
        let again = try store.leaseRepeat(of: own[4].presentation, for: "a")
        _ = try store.record(
            Judgement(again.left.plainText.hasPrefix("first") ? .left : .right), on: again.id, by: "a")
        let other = try store.leaseRepeat(of: own[3].presentation, for: "a")
        _ = try store.record(Judgement(.bothGood), on: other.id, by: "a")
        #expect(try store.readerFigures(of: "a").repeats == (1, 2))
        #expect(try store.reviewFigures(resamples: 100).repeats?.consistentCount == 1)
        _ = try store.undo(presentation: other.id, by: "a", revision: 1)
        let figures = try store.readerFigures(of: "a")
        #expect(figures.repeats == (1, 1) && figures.undone == 1 && figures.answered == 6)
        #expect(try store.ownJudgements(of: "a").count == 6)
    }

    @Test("a disagreement is shown without names, on sides of its own that stay, with every answer turned to them")
    func disagreements() throws {
        let scratch = try Scratch()
        let store = try judged(scratch)
        #expect(try store.conflictList().map { "\($0.pair) \($0.readers) \($0.modality ?? "")" } == ["4 2 CT"])
        // Those who judged it do not decide over it.
        #expect(try store.nextDisagreement(for: "a") == nil)
        let shown = try #require(try store.nextDisagreement(for: "lead"))
        #expect(try store.nextDisagreement(for: "lead", after: 4) == nil)
        #expect(shown.answers.map(\.reader) == ["A", "B"] && shown.revision == 0 && shown.exam == "E3")
        #expect(shown.leftIsX == shown.left.plainText.hasPrefix("first"))
        let first: Judgement.Choice = shown.leftIsX ? .left : .right
        #expect(shown.answers.map(\.judgement.choice) == [first, first == .left ? .right : .left])
        for _ in 0..<5 { #expect(try store.disagreement(pair: 4, for: "lead") == shown) }
        try store.adjudicate(
            Adjudication(shown.leftIsX ? .x : .y, basis: .thirdReader), pair: 4, by: "lead", revision: shown.revision)
        #expect(try store.nextDisagreement(for: "lead") == nil && store.conflicts().isEmpty)
        #expect(try store.disagreement(pair: 4, for: "lead").revision == 1)
        #expect(throws: Refusal.self) { try store.disagreement(pair: 99, for: "lead") }
    }

    @Test("an answer's criteria, marks and scores turn with the sides")
    func mirrored() {
        let judgement = Judgement(
            .left, strength: .better, criteria: [.init(.style, .right), .init(.accuracy, nil)],
            errors: [.init(.left, .falseFinding, isSignificant: true)], radpeer: [.right: .concur])
        let other = judgement.mirrored
        #expect(other.choice == .right && other.criteria.map(\.winner) == [.left, nil])
        #expect(other.errors.map(\.side) == [.right] && other.radpeer == [.left: .concur])
        #expect(other.mirrored == judgement && Judgement(.bothBad).mirrored == Judgement(.bothBad))
    }

    @Test("all that a reader did comes out as JSON lines in their own words, in pages or whole, and nobody else's")
    func deeds() throws {
        let scratch = try Scratch()
        let store = try judged(scratch)
        let shown = try store.ownJudgements(of: "a")[0]
        _ = try store.undo(presentation: shown.presentation, by: "a", revision: 1)
        let task = DraftTask.judgement(presentation: shown.presentation)
        _ = try store.saveDraft("half a synthetic thought", sequence: 1, task: task, by: "a")
        let edit = Edit(text: .text("a synthetic correction"), reason: .omittedFinding)
        _ = try store.correctPresented(shown.presentation, side: .left, with: edit, by: "a")
        try store.adjudicate(Adjudication(.x, basis: .majority, note: "synthetic note"), pair: 1, by: "a")
        var lines: [JSONValue] = []
        try store.forEachDeed(of: "a") { line in
            #expect(!line.contains("\n"))
            if let value = try? JSONValue(parsing: Array(line.utf8), named: "deeds") { lines.append(value) }
        }
        let kinds = Dictionary(lines.map { ($0["kind"]?.string ?? "", 1) }, uniquingKeysWith: +)
        #expect(kinds == ["judgement": 5, "undo": 1, "correction": 1, "adjudication": 1, "unfinished": 1])
        let all = lines.map { $0.serialized() }.joined()
        for words in ["a synthetic correction", "synthetic note", "half a synthetic thought", "omitted_finding"] {
            #expect(all.contains(words))
        }
        for secret in ["first answer", "second answer", "gold", "j0x1"] { #expect(!all.contains(secret)) }
        let pages = try stride(from: 0, to: 10, by: 3).flatMap { try store.deeds(of: "a", offset: $0, limit: 3) }
        #expect(pages.count == 8)
        #expect(try store.deeds(of: "lead").isEmpty)
    }

    @Test("the newest guideline is in force, and every version stays")
    func guideline() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        #expect(try store.guideline() == nil)
        try store.recordGuideline("1", text: "Synthetic, first.")
        try store.recordGuideline("2", text: "Synthetic, second.")
        #expect(
            try store.guideline()?.text == "Synthetic, second."
                && store.guideline(named: "1")?.text == "Synthetic, first.")
        #expect(try store.guidelines().map(\.name) == ["2", "1"])
    }

    @Test("a view of report text is an audit event with who, session, address and what, and no text")
    func views() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        let session = String(repeating: "a", count: 64)
        try store.acting(as: "r-1", session: session, address: "::1").recordView("presentation", "12")
        let event = try #require(
            try store.reading { try Row.fetchOne($0, sql: "SELECT * FROM audit_event ORDER BY sequence DESC LIMIT 1") })
        let said = ["action", "object_kind", "object_id", "actor", "session_sha256", "source_address"].map {
            event[$0] as String?
        }
        #expect(said == ["view", "presentation", "12", "r-1", session, "::1"])
        #expect(throws: Refusal.self) { try store.recordView("page", "") }
        _ = try store.verifyAudit()
    }
}
