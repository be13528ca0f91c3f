import Diagnostics
import Foundation
import GRDB
import Testing

@testable import Preferences

@Suite("Leases and sides")
struct LeaseTests {
    @Test("the page may hold three cases, each another one; asking again gives the same, and a fourth is refused")
    func ahead() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.createJudgingPairs((0..<8).map { judgingPair($0, readers: 2) })
        let first = try #require(try store.nextCase(.judge, for: "a"))
        #expect(first.exam == "E0" && first.kind == .judge)
        #expect(try store.nextCase(.judge, for: "a")?.id == first.id)
        let second = try #require(try store.nextCase(.judge, for: "a", besides: [first.id]))
        #expect(second.pair != first.pair)
        #expect(try store.nextCase(.judge, for: "a", besides: [first.id])?.id == second.id)
        let third = try #require(try store.nextCase(.judge, for: "a", besides: [first.id, second.id]))
        #expect(Set([first.pair, second.pair, third.pair]).count == 3)
        let tooMany = #expect(throws: Refusal.self) {
            try store.nextCase(.judge, for: "a", besides: [first.id, second.id, third.id])
        }
        #expect(tooMany?.code == "lease.too-many")
        // Another reader gets the other places of the same pairs, never these.
        #expect(try store.nextCase(.judge, for: "b")?.pair == first.pair)
        _ = try store.record(Judgement(.left), on: first.id, by: "a")
        #expect(try store.nextCase(.judge, for: "a", besides: [second.id, third.id]) != nil)
    }

    @Test("a lease is lengthened while its reader works, is lost once another has the place, and may be given back")
    func renewing() throws {
        let scratch = try Scratch()
        let clock = Clock()
        let store = try scratch.reviewStore(clock)
        _ = try store.createJudgingPairs([judgingPair(1)])
        let first = try #require(try store.nextCase(.judge, for: "a", leaseSeconds: 60))
        clock.advance(seconds: 50)
        #expect(
            try store.renewLease(presentation: first.id, by: "a", leaseSeconds: 60)
                == UTCTime(milliseconds: clock.now.milliseconds + 60_000))
        clock.advance(seconds: 50)
        #expect(try store.nextCase(.judge, for: "b") == nil)
        clock.advance(seconds: 50)
        // It ran out, and nobody wanted it: the reader may still go on.
        _ = try store.renewLease(presentation: first.id, by: "a", leaseSeconds: 60)
        clock.advance(seconds: 60)
        let second = try #require(try store.nextCase(.judge, for: "b", leaseSeconds: 60))
        #expect(
            #expect(throws: Refusal.self) { try store.renewLease(presentation: first.id, by: "a") }?.code
                == "lease.lost")
        try store.releaseLease(presentation: first.id, by: "a")
        #expect(try store.nextCase(.judge, for: "b")?.id == second.id)
        try store.releaseLease(presentation: second.id, by: "b")
        let third = try #require(try store.nextCase(.judge, for: "a"))
        #expect(third.pair == first.pair && third.attempt == 3)
        _ = try store.record(Judgement(.left), on: third.id, by: "a")
        #expect(
            #expect(throws: Refusal.self) { try store.renewLease(presentation: third.id, by: "a") }?.code
                == "lease.lost")
        try store.check()
    }

    /// Readers come, hold, answer, skip, undo, give back and fall silent in any order.
    @Test(
        "however readers interleave, no place is two readers' at once, nobody judges a pair twice, and every place is filled in the end",
        arguments: [1, 2, 3, 4, 5, 6], [QueuePolicy.Order.fifo, .random(seed: 9), .informative])
    func interleaved(seed: UInt64, order: QueuePolicy.Order) throws {
        let scratch = try Scratch()
        let clock = Clock()
        let readers = ["a", "b", "c", "d"]
        let store = try scratch.reviewStore(clock, seed: seed, readers: readers)
        let bits = SeededBits(seed &* 77)
        var policy = QueuePolicy()
        (policy.order, policy.repeatGap, policy.repeatRate) = (order, 2, 0.1)
        try store.setQueuePolicy(policy)
        _ = try store.createJudgingPairs((0..<12).map { judgingPair($0, readers: 2) })
        // Who holds a place until when, as the readers believe.
        var held: [Int64: (reader: String, slot: String, until: Int64)] = [:]
        var answered: [String: [Int64: Int64]] = [:]
        func use(_ shown: Presentation, _ reader: String) {
            let slot = "\(shown.pair)/\(shown.slot)"
            let now = clock.now.milliseconds
            for (id, other) in held where id != shown.id && other.slot == slot && other.until > now {
                Issue.record("place \(slot) is \(other.reader)'s and \(reader)'s at once")
            }
            held[shown.id] = (reader, slot, shown.leaseExpires.milliseconds)
        }
        func step(_ reader: String, _ action: Int) throws {
            let own = held.filter { $0.value.reader == reader }.keys.sorted()
            switch action {
            case 0...3:
                let besides = own.filter { _ in bits.below(2) == 0 }
                if let shown = try? store.nextCase(.judge, for: reader, besides: besides, leaseSeconds: 60) {
                    use(shown, reader)
                    if shown.repeats == nil, answered[reader]?[shown.pair] != nil {
                        Issue.record("\(reader) is given pair \(shown.pair) again")
                    }
                }
            case 4...7:
                guard let id = own.first else { return }
                held[id] = nil
                let pair = try store.presentation(id).pair
                let isLate = (try? store.record(Judgement(action == 7 ? .skip : .left), on: id, by: reader)) == nil
                if !isLate { answered[reader, default: [:]][pair] = id }
            case 8:
                guard let id = own.last else { return }
                held[id] = nil
                try store.releaseLease(presentation: id, by: reader)
            default: clock.advance(seconds: Int64(bits.below(50)))
            }
        }
        for _ in 0..<400 { try step(readers[bits.below(readers.count)], bits.below(10)) }
        try store.check()
        // Everybody comes back and works to the end.
        clock.advance(seconds: 3600)
        for _ in 0..<3 {
            for reader in readers { while try store.answer(.judge, reader) != nil {} }
            clock.advance(seconds: 3600)
        }
        let (open, doubles) = try store.reading { database in
            (
                // A place is left only when every reader has answered its pair.
                try Int.fetchOne(
                    database,
                    sql: """
                        SELECT count(*) FROM judging_slot WHERE state <> 'done' AND (
                            SELECT count(DISTINCT reviewer_id) FROM presentation JOIN judgement USING (presentation_id)
                            WHERE presentation.pair_id = judging_slot.pair_id) < 4
                        """) ?? -1,
                try Int.fetchOne(
                    database,
                    sql: """
                        SELECT count(*) FROM (SELECT 1 FROM judging_slot JOIN presentation USING (presentation_id)
                            WHERE state = 'done' AND repeat_of IS NULL
                            GROUP BY judging_slot.pair_id, presentation.reviewer_id HAVING count(*) > 1)
                        """) ?? -1
            )
        }
        #expect(open == 0 && doubles == 0)
        try store.check()
    }

    @Test("over 10,000 draws the left side is even: overall, by pair, by reader and by place")
    func evenSides() {
        let bits = SeededBits(2026)
        var left = 0
        var byGroup: [String: (left: Int, all: Int)] = [:]
        for number in 0..<10_000 {
            let (pair, slot, reviewer) = (Int64(number % 97), Int64(1 + number % 2), "r\(number % 5)")
            let draw = Presentation.OrderSource.system.draw(
                pair: pair, slot: slot, attempt: 1, reviewer: reviewer, randomness: bits.next)
            let isLeft = draw & 1 == 0
            left += isLeft ? 1 : 0
            for group in ["pair parity \(pair % 2)", "slot \(slot)", "reader \(reviewer)"] {
                byGroup[group, default: (0, 0)].left += isLeft ? 1 : 0
                byGroup[group, default: (0, 0)].all += 1
            }
        }
        func chiSquare(_ left: Int, of all: Int) -> Double {
            let expected = Double(all) / 2
            return 2 * (Double(left) - expected) * (Double(left) - expected) / expected
        }
        // 3.841 is the 95th percentile of chi-square with one degree of freedom, 10.828 the 99.9th.
        #expect(chiSquare(left, of: 10_000) < 3.841)
        for (group, count) in byGroup { #expect(chiSquare(count.left, of: count.all) < 10.828, "\(group)") }
    }

    @Test("the side follows from the draw and from nothing else: not from the pair, the place or the reader")
    func independentOfIDs() throws {
        func sides(_ bits: SeededBits, first: Int64, reviewer: String) -> [Bool] {
            (0..<200).map {
                Presentation.OrderSource.system.draw(
                    pair: first + $0, slot: $0 % 3, attempt: 1 + $0 % 2, reviewer: reviewer, randomness: bits.next) & 1
                    == 0
            }
        }
        #expect(sides(SeededBits(3), first: 1, reviewer: "a") == sides(SeededBits(3), first: 5000, reviewer: "zz"))
        #expect(sides(SeededBits(3), first: 1, reviewer: "a") != sides(SeededBits(4), first: 1, reviewer: "a"))
        // In the store: the first answer's candidate always has the smaller number, and still stands left half of the time.
        let scratch = try Scratch()
        let store = try scratch.reviewStore(seed: 11)
        _ = try store.createJudgingPairs((0..<150).map { judgingPair($0) })
        var left = 0
        var draws: [Int64] = []
        while let shown = try store.answer(.judge, "a") {
            guard shown.repeats == nil else { continue }
            left += shown.leftCandidate < shown.rightCandidate ? 1 : 0
            let draw = try store.reading {
                try Int64.fetchOne(
                    $0, sql: "SELECT order_draw FROM presentation WHERE presentation_id = ?", arguments: [shown.id])
            }
            draws.append(draw ?? 0)
            #expect((shown.leftCandidate < shown.rightCandidate) == (draws[draws.count - 1] & 1 == 0))
        }
        #expect(draws.count == 150 && (50...100).contains(left))
    }

    @Test("several works in one transaction are kept together, and one that is refused harms no other")
    func together() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.createJudgingPairs((0..<3).map { judgingPair($0) })
        let shown = try ["a", "b", "c"].map { try #require(try store.nextCase(.judge, for: $0)) }
        let acting = store.acting(as: "somebody")
        let works: [() throws -> Void] = [
            { _ = try acting.record(Judgement(.left), on: shown[0].id, by: "a") },
            { _ = try acting.record(Judgement(.left), on: shown[1].id, by: "a") },
            { _ = try acting.record(Judgement(.bothBad), on: shown[2].id, by: "c") },
        ]
        let refusals = try store.together(works)
        #expect(refusals.map { $0?.code } == [nil, "presentation.other-reader", nil])
        #expect(try store.judgements(ofPresentation: shown[0].id).count == 1)
        #expect(try store.judgements(ofPresentation: shown[1].id).isEmpty)
        #expect(try store.judgements(ofPresentation: shown[2].id).count == 1)
        try store.check()
    }
}
