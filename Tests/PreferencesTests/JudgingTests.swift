import Diagnostics
import Foundation
import GRDB
import Testing

@testable import Preferences

@Suite("Judging: the queue and the answers")
struct JudgingTests {
    @Test("whatever side the better answer stands on, choosing that side keeps the answer that was drawn there")
    func sidesHold() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        _ = try store.createJudgingPairs((0..<60).map { judgingPair($0) })
        var left = 0
        while let shown = try store.leaseNext(for: "a", order: .seeded(5)) {
            #expect(shown.left != shown.right && shown.leftCandidate != shown.rightCandidate)
            let isLeft = shown.left.plainText.hasPrefix("first")
            left += isLeft ? 1 : 0
            _ = try store.record(Judgement(isLeft ? .left : .right), on: shown.id, by: "a")
            let chosen = try store.reading { database in
                try String.fetchOne(
                    database,
                    sql: """
                        SELECT content FROM judgement JOIN candidate ON candidate_id = chosen_candidate
                        WHERE presentation_id = ?
                        """, arguments: [shown.id])
            }
            #expect(chosen?.hasPrefix("first") == true)
        }
        #expect((15...45).contains(left))
        try store.check()
    }

    @Test("the order follows from the seed, and differs between seeds")
    func seededOrder() throws {
        func order(_ seed: UInt64) throws -> [Bool] {
            let scratch = try Scratch()
            let store = try scratch.judgingStore()
            _ = try store.createJudgingPairs((0..<30).map { judgingPair($0) })
            return try (0..<30).map { _ in
                let shown = try #require(try store.leaseNext(for: "a", order: .seeded(seed)))
                _ = try store.record(Judgement(.bothGood), on: shown.id, by: "a")
                return shown.leftCandidate < shown.rightCandidate
            }
        }
        #expect(try order(1) == order(1))
        #expect(try order(1) != order(2))
    }

    @Test("a place is given once: two readers share the pairs, and a reader holds one case until it is answered")
    func uniqueSlots() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        _ = try store.createJudgingPairs((0..<6).map { judgingPair($0) })
        let first = try #require(try store.leaseNext(for: "a"))
        #expect(try store.leaseNext(for: "a") == first)
        var seen = [first.pair]
        _ = try store.record(Judgement(.skip), on: first.id, by: "a")
        for reader in ["b", "a", "b", "a", "b", "b"] {
            let shown = try #require(try store.leaseNext(for: reader))
            _ = try store.record(Judgement(.bothBad), on: shown.id, by: reader)
            seen.append(shown.pair)
        }
        // The skipped pair came back last, to the other reader.
        #expect(seen.last == first.pair && Set(seen).count == 6)
        #expect(try store.leaseNext(for: "a") == nil && store.leaseNext(for: "b") == nil)
        try store.check()
    }

    @Test("two readers wanted are two readers: nobody judges the same pair twice")
    func twoReaders() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        _ = try store.createJudgingPairs((0..<4).map { judgingPair($0, readers: 2) })
        for reader in ["a", "b"] {
            for _ in 0..<4 { #expect(try store.judge(reader, "first") != nil) }
            #expect(try store.leaseNext(for: reader) == nil)
        }
        #expect(try store.leaseNext(for: "c") == nil)
        try store.check()
    }

    @Test("a lease that ran out goes to another reader, and the late answer is refused without harm")
    func leases() throws {
        let scratch = try Scratch()
        let clock = Clock()
        let store = try scratch.judgingStore(clock)
        _ = try store.createJudgingPairs([judgingPair(1)])
        let first = try #require(try store.leaseNext(for: "a", leaseSeconds: 60))
        clock.advance(seconds: 59)
        #expect(try store.leaseNext(for: "b") == nil)
        clock.advance(seconds: 1)
        let second = try #require(try store.leaseNext(for: "b", leaseSeconds: 60))
        #expect(second.pair == first.pair && second.attempt == 2 && second.slot == first.slot)
        let late = #expect(throws: Refusal.self) { try store.record(Judgement(.left), on: first.id, by: "a") }
        #expect(late?.code == "lease.lost")
        _ = try store.record(Judgement(.left), on: second.id, by: "b")
        try store.check()
    }

    @Test("an answer after the lease ran out counts while nobody else was given the place")
    func lateButFree() throws {
        let scratch = try Scratch()
        let clock = Clock()
        let store = try scratch.judgingStore(clock)
        _ = try store.createJudgingPairs([judgingPair(1), judgingPair(2)])
        let first = try #require(try store.leaseNext(for: "a", leaseSeconds: 60))
        clock.advance(seconds: 600)
        let other = try #require(try store.leaseNext(for: "b"))
        #expect(other.pair != first.pair)
        _ = try store.record(Judgement(.right), on: first.id, by: "a")
        #expect(try store.verdict(ofPair: first.pair).verdict != .open)
        try store.check()
    }

    @Test("undo is a new event: the answer no longer counts, the reader holds the case, and all of it stays on record")
    func undo() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        let pair = try #require(try store.createJudgingPairs([judgingPair(1)]).first)
        let shown = try #require(try store.leaseNext(for: "a"))
        let first = try store.record(Judgement(.left, strength: .better), on: shown.id, by: "a")
        #expect(first.revision == 1 && first.supersedes == nil)
        let undone = try store.undo(presentation: shown.id, by: "a", revision: 1)
        #expect(undone.supersedes == first.id)
        #expect(try store.verdict(ofPair: pair).verdict == .open)
        #expect(try store.leaseNext(for: "a")?.id == shown.id)
        #expect(throws: Refusal.self) { try store.undo(presentation: shown.id, by: "a", revision: 2) }
        let again = try store.record(Judgement(.right), on: shown.id, by: "a", revision: 2)
        #expect(again.revision == 3)
        let all = try store.judgements(ofPresentation: shown.id)
        #expect(all.map(\.revision) == [1, 2, 3])
        #expect(all.map { $0.judgement?.choice } == [.left, nil, .right])
        #expect(try store.leaseNext(for: "a") == nil)
        try store.check()
    }

    @Test("an answer that another one came before is refused, and the same request twice is one answer")
    func revisions() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        _ = try store.createJudgingPairs([judgingPair(1)])
        let shown = try #require(try store.leaseNext(for: "a"))
        let kept = try store.record(Judgement(.left), on: shown.id, by: "a", requestKey: "k1")
        #expect(try store.record(Judgement(.left), on: shown.id, by: "a", requestKey: "k1") == kept)
        let reused = #expect(throws: Refusal.self) {
            try store.record(Judgement(.right), on: shown.id, by: "a", requestKey: "k1")
        }
        #expect(reused?.code == "judgement.key-reused")
        let stale = #expect(throws: Refusal.self) { try store.record(Judgement(.right), on: shown.id, by: "a") }
        #expect(stale?.code == "judgement.stale")
        #expect(try store.record(Judgement(.right), on: shown.id, by: "a", revision: 1).revision == 2)
        let foreign = #expect(throws: Refusal.self) { try store.record(Judgement(.left), on: shown.id, by: "b") }
        #expect(foreign?.code == "presentation.other-reader")
        #expect(try store.judgements(ofPresentation: shown.id).count == 2)
    }

    @Test("all parts of an answer come back as they were given")
    func parts() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        _ = try store.createJudgingPairs([judgingPair(1)])
        let shown = try #require(try store.leaseNext(for: "a"))
        let human: Judgement.Side = shown.left.plainText.hasPrefix("second") ? .left : .right
        let model: Judgement.Side = human == .left ? .right : .left
        var judgement = Judgement(
            .left, strength: .significant, confidence: 2,
            criteria: [.init(.accuracy, .left), .init(.style, nil)],
            errors: [
                .init(
                    .right, .wrongSeverity, isSignificant: true, actionability: .urgent, section: "impression",
                    bytes: 0..<6, note: "é")
            ], radpeer: [human: .understandableLikely], comment: "seen",
            circumstances: .init(
                firstActionMilliseconds: 900, activeMilliseconds: 8000, hiddenMilliseconds: 10, idleMilliseconds: 5,
                diffWasVisible: true, imageWasOpened: false))
        _ = try store.record(judgement, on: shown.id, by: "a")
        #expect(try store.judgements(ofPresentation: shown.id).map(\.judgement) == [judgement])
        judgement.radpeer = [model: .concur]
        let peer = #expect(throws: Refusal.self) { try store.record(judgement, on: shown.id, by: "a", revision: 1) }
        #expect(peer?.code == "judgement.bad")
        for bad in [
            Judgement(.bothGood, strength: .slight), Judgement(.left, confidence: 4),
            Judgement(.left, criteria: [.init(.style, .left), .init(.style, .right)]),
            Judgement(.left, errors: [.init(.left, .falseFinding, isSignificant: true, bytes: 0..<999)]),
            Judgement(.left, comment: "\u{0}"),
        ] {
            #expect(throws: Refusal.self) { try store.record(bad, on: shown.id, by: "a", revision: 1) }
        }
        #expect(try store.judgements(ofPresentation: shown.id).count == 1)
    }

    @Test("no row can be written in which the chosen answer is not the one on the clicked side")
    func consistentRows() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        _ = try store.createJudgingPairs([judgingPair(1), judgingPair(2)])
        let shown = try #require(try store.leaseNext(for: "a"))
        let (left, right) = (shown.leftCandidate, shown.rightCandidate)
        func insert(_ l: Int64, _ r: Int64, _ choice: String, _ chosen: Int64?) throws {
            try store.pool.write {
                try $0.execute(
                    sql: """
                        INSERT INTO judgement (presentation_id, revision, left_candidate, right_candidate, choice,
                            chosen_candidate, request_sha256, judged_at) VALUES (?, 1, ?, ?, ?, ?, '', '')
                        """, arguments: [shown.id, l, r, choice, chosen])
            }
        }
        for (l, r, choice, chosen) in [
            (left, right, "left", right), (left, right, "right", left), (left, right, "left", nil),
            (left, right, "both_good", left), (right, left, "left", right), (left, right, "undo", nil),
            (left, right, "best", nil), (left, right + 1, "left", left),
        ] {
            #expect(throws: DatabaseError.self) { try insert(l, r, choice, chosen) }
        }
        try insert(left, right, "left", left)
        #expect(throws: DatabaseError.self) { try insert(left, right, "left", left) }
        #expect(throws: DatabaseError.self) {
            try store.pool.write {
                try $0.execute(
                    sql: """
                        INSERT INTO presentation (pair_id, cand_x, cand_y, slot_no, attempt, reviewer_id,
                            left_candidate, right_candidate, order_source, order_draw, screen, shown_at,
                            lease_expires_at)
                        SELECT pair_id, cand_x, cand_y, slot_no, 9, reviewer_id, left_candidate, left_candidate,
                            order_source, order_draw, screen, shown_at, lease_expires_at FROM presentation
                        """)
            }
        }
    }

    @Test("what readers and adjudicators recorded can be neither changed, removed nor replaced")
    func appendOnly() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        try store.recordGuideline("1", text: "Be brief.")
        let pair = try #require(try store.createJudgingPairs([judgingPair(1, guideline: "1")]).first)
        let shown = try #require(try store.leaseNext(for: "a"))
        _ = try store.record(
            Judgement(
                .left, criteria: [.init(.style, .left)], errors: [.init(.right, .falseFinding, isSignificant: true)],
                radpeer: [shown.left.plainText.hasPrefix("second") ? .left : .right: .concur]), on: shown.id, by: "a")
        try store.adjudicate(Adjudication(.x, basis: .thirdReader), pair: pair, by: "b")
        try store.setActive(false, reviewer: "c")
        try store.record([Screening(textDigest: shown.prompt.digest, state: .clean, screener: "s 1")])
        for table in StoreSchema.judgingEvents {
            let (count, column) = try store.reading { database in
                (
                    try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)") ?? 0,
                    try database.columns(in: table)[1].name
                )
            }
            guard count > 0 else { continue }
            for sql in [
                "UPDATE \(table) SET \(column) = \(column)", "DELETE FROM \(table)",
                "INSERT OR REPLACE INTO \(table) SELECT * FROM \(table)",
            ] {
                #expect(throws: DatabaseError.self, "\(sql)") { try store.pool.write { try $0.execute(sql: sql) } }
            }
        }
        #expect(throws: DatabaseError.self) {
            try store.pool.write { try $0.execute(sql: "INSERT INTO judgement_criterion VALUES (1, 'brevity', 'tie')") }
        }
        try store.check()
    }

    @Test("readers who agree make a verdict; readers who differ make a conflict until somebody adjudicates")
    func conflict() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        let pairs = try store.createJudgingPairs((0..<2).map { judgingPair($0, readers: 2) })
        try store.judge("a", "first")
        try store.judge("a", "first")
        #expect(try store.verdict(ofPair: pairs[0]).verdict == .agreed(.x))
        try store.judge("b", "first")
        try store.judge("b", "second")
        #expect(try store.conflicts() == [pairs[1]])
        #expect(try store.verdict(ofPair: pairs[0]).verdict == .agreed(.x))
        try store.adjudicate(
            Adjudication(.y, basis: .thirdReader, errorSource: .ambiguous, strength: .slight), pair: pairs[1], by: "c")
        #expect(try store.verdict(ofPair: pairs[1]).verdict == .adjudicated(.y))
        #expect(try store.conflicts().isEmpty)
        let stale = #expect(throws: Refusal.self) {
            try store.adjudicate(Adjudication(.x, basis: .majority), pair: pairs[1], by: "c")
        }
        #expect(stale?.code == "adjudication.stale")
        try store.adjudicate(Adjudication(.exclude, basis: .unanimous), pair: pairs[1], by: "c", revision: 1)
        let last = try store.verdict(ofPair: pairs[1])
        #expect(last.verdict == .excluded && last.adjudicationRevision == 2)
        try store.check()
    }

    @Test("skips, cannot-judges, undone answers and repeats count for no verdict")
    func whatCounts() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        let pair = try #require(try store.createJudgingPairs([judgingPair(1, readers: 3)]).first)
        let a = try #require(try store.leaseNext(for: "a"))
        _ = try store.record(Judgement(.cannotJudge), on: a.id, by: "a")
        #expect(try store.verdict(ofPair: pair).verdict == .open)
        try store.judge("b", "second")
        #expect(try store.verdict(ofPair: pair).verdict == .agreed(.y))
        let original = try #require(
            try store.reading { try Int64.fetchOne($0, sql: "SELECT max(presentation_id) FROM presentation") })
        let again = try store.leaseRepeat(of: original, for: "b")
        let first = try store.presentation(original)
        #expect(again.repeats == original && again.left == first.right && again.right == first.left)
        _ = try store.record(
            Judgement(again.left.plainText.hasPrefix("first") ? .left : .right), on: again.id, by: "b")
        #expect(try store.verdict(ofPair: pair).verdict == .agreed(.y))
        try store.check()
    }

    @Test("a suspect text is not shown until a person clears it, and the queue waits for it")
    func screening() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        let held = judgingPair(1)
        try store.record([
            Screening(textDigest: held.first.text.digest, state: .suspect, screener: "s 1", found: ["date": 2])
        ])
        _ = try store.createJudgingPairs([held, judgingPair(2)])
        let shown = try #require(try store.leaseNext(for: "a"))
        #expect(shown.prompt == judgingPair(2).prompt)
        try store.record([Screening(textDigest: shown.right.digest, state: .suspect, screener: "s 1")])
        _ = try store.record(Judgement(.skip), on: shown.id, by: "a")
        #expect(try store.leaseNext(for: "b") == nil)
        try store.clear(textDigest: held.first.text.digest, by: "c", reason: "a dose, not a date")
        #expect(try store.screeningState(ofText: held.first.text.digest) == .cleared)
        try store.record([Screening(textDigest: held.first.text.digest, state: .suspect, screener: "s 2")])
        #expect(try store.screeningState(ofText: held.first.text.digest) == .cleared)
        #expect(try store.leaseNext(for: "b")?.prompt == held.prompt)
        #expect(throws: Refusal.self) { try store.clear(textDigest: "0", by: "c", reason: "r") }
        try store.check()
    }

    @Test("what no reader could judge is refused whole, and the same pair again is the same pair")
    func creating() throws {
        let scratch = try Scratch()
        let store = try scratch.judgingStore()
        let good = judgingPair(1)
        let ids = try store.createJudgingPairs([good, judgingPair(2)])
        var mirrored = good
        (mirrored.first, mirrored.second) = (good.second, good.first)
        #expect(try store.createJudgingPairs([good, mirrored]) == [ids[0], ids[0]])
        #expect(try store.judgingPairCount() == 2)
        var same = judgingPair(3)
        same.second.text = .text("first answer 3 ")
        var blank = judgingPair(3)
        blank.first.text = .text("\u{200b}")
        var mixed = judgingPair(3)
        mixed.first.text = .messages([.init(role: "assistant", content: "x")])
        var nameless = judgingPair(3)
        nameless.first.model = nil
        var guided = judgingPair(3)
        guided.guideline = "9"
        var gold = judgingPair(3)
        gold.purpose = .gold
        var exam = judgingPair(3)
        exam.exam = Exam(key: "E1", patient: "other")
        for (pair, code) in [
            (same, "pair.no-preference"), (blank, "pair.blank"), (mixed, "pair.mixed-forms"),
            (nameless, "candidate.incomplete"), (guided, "guideline.unknown"), (gold, "pair.bad-gold"),
            (exam, "pair.exam-differs"),
        ] {
            let refusal = #expect(throws: Refusal.self) { try store.createJudgingPairs([judgingPair(4), pair]) }
            #expect(refusal?.code == code)
        }
        #expect(try store.judgingPairCount() == 2)
        #expect(throws: Refusal.self) { try store.register(Reviewer(key: "a", credential: .resident)) }
        #expect(throws: Refusal.self) { try store.leaseNext(for: "nobody") }
        try store.setActive(false, reviewer: "a")
        #expect(throws: Refusal.self) { try store.leaseNext(for: "a") }
        #expect(try store.reviewers().map(\.isActive) == [false, true, true])
    }
}
