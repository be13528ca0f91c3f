import Diagnostics
import Foundation
import GRDB
import StrictJSON
import Testing

@testable import Preferences

@Suite("The queue and its policy")
struct QueueTests {
    /// Neither known answers nor repeats are mixed in.
    func plain(_ order: QueuePolicy.Order = .fifo) -> QueuePolicy {
        var policy = QueuePolicy()
        (policy.order, policy.goldRate, policy.repeatRate) = (order, 0, 0)
        return policy
    }

    func pair(_ number: Int, readers: Int = 1, specialty: String? = nil, purpose: PairForJudging.Purpose = .train)
        -> PairForJudging
    {
        var pair = judgingPair(number, readers: readers, purpose: purpose)
        pair.exam.subspecialty = specialty
        if purpose == .gold { pair.firstIsBetter = true }
        return pair
    }

    /// Writes margins of the store's pairs: the scores of a base that prefers nothing and of an aligned model.
    func recordMargins(_ margins: [Int64: Double], _ store: PreferenceStore, _ scratch: Scratch) throws {
        var ids: [String] = []
        _ = try store.forEachWaitingPair { line in
            if let id = try? JSONValue(parsing: Array(line.utf8), named: "pairs")["id"]?.string { ids.append(id) }
        }
        var (base, aligned) = ("", "")
        for (pair, id) in zip(Int64(1)..., ids) {
            guard let margin = margins[pair] else { continue }
            base += #"{"id": "\#(id)", "chosen_logp": -5, "rejected_logp": -7}"# + "\n"
            aligned += #"{"id": "\#(id)", "chosen_logp": \#(-6 + 10 * margin), "rejected_logp": -8}"# + "\n"
        }
        let files = (try scratch.file("base.jsonl", base), try scratch.file("aligned.jsonl", aligned))
        let recorded = try store.recordMargins(base: files.0, aligned: files.1)
        #expect(recorded == MarginsRecorded(pairs: margins.count, unknown: 0))
    }

    /// The pairs that a reader is given until nothing is left.
    func drain(_ store: PreferenceStore, _ reader: String, _ kind: ReviewKind = .judge) throws -> [Int64] {
        var seen: [Int64] = []
        while let shown = try store.answer(kind, reader) { seen.append(shown.pair) }
        return seen
    }

    @Test("in the order of arrival, pairs come as they were put in; the two pages have queues of their own")
    func fifo() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        try store.setQueuePolicy(plain())
        let ids = try store.createJudgingPairs((0..<6).map { pair($0, purpose: $0 % 2 == 0 ? .train : .winRate) })
        #expect(try drain(store, "a") == [ids[0], ids[2], ids[4]])
        #expect(try drain(store, "a", .arena) == [ids[1], ids[3], ids[5]])
        try store.check()
    }

    @Test("the random order follows from its seed, holds every pair once, and takes new pairs in wherever they belong")
    func random() throws {
        func order(_ seed: UInt64) throws -> [Int64] {
            let scratch = try Scratch()
            let store = try scratch.reviewStore()
            try store.setQueuePolicy(plain(.random(seed: seed)))
            _ = try store.createJudgingPairs((0..<20).map { pair($0) })
            var seen: [Int64] = []
            for _ in 0..<10 { seen.append(try #require(try store.answer(.judge, "a")).pair) }
            _ = try store.createJudgingPairs((20..<30).map { pair($0) })
            seen += try drain(store, "a")
            #expect(seen.sorted() == Array(1...30))
            // Each half is in the order of its keys.
            let keys = seen.map { QueueOrder.randomKey(seed: seed, pair: $0, slot: 1) }
            #expect(keys[..<10] == keys[..<10].sorted()[...] && keys[10...] == keys[10...].sorted()[...])
            return seen
        }
        let one = try order(1)
        #expect(try one == order(1) && one != order(2) && one != one.sorted())
    }

    @Test("small margins come first, then the rest by margin, then pairs without one, whatever the order of arrival")
    func informative() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        var policy = plain(.informative)
        policy.uniformShare = 0
        try store.setQueuePolicy(policy)
        _ = try store.createJudgingPairs((0..<8).map { pair($0) })
        try recordMargins([1: 2, 2: -0.1, 3: 0.5, 4: -3, 6: 0.2, 8: -0.02], store, scratch)
        #expect(try drain(store, "a") == [8, 2, 6, 3, 1, 4, 5, 7])
        let selection = try store.reading {
            try Row.fetchAll(
                $0,
                sql:
                    "SELECT pair_id, stratum, chosen_by, margin, policy_id FROM selection JOIN presentation USING (presentation_id) ORDER BY presentation_id"
            )
        }
        #expect(
            selection.map { $0["stratum"] as String } == ["small_margin", "small_margin"]
                + Array(repeating: "plain", count: 6))
        #expect(
            abs((selection[1]["margin"] as Double? ?? 0) - -0.1) < 1e-12 && selection[6]["margin"] as Double? == nil)
        #expect(selection.allSatisfy { ($0["chosen_by"] as String) == "order" && ($0["policy_id"] as Int?) == 2 })
    }

    @Test("a pair whose readers disagree so far comes before those with large margins, and an undo takes it back")
    func disagreement() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore(readers: ["a", "b", "c", "d"])
        var policy = plain(.informative)
        policy.uniformShare = 0
        try store.setQueuePolicy(policy)
        _ = try store.createJudgingPairs((0..<6).map { pair($0, readers: 3) })
        try recordMargins([1: 5, 2: 4, 3: 3, 4: 2, 5: 0.1, 6: 0.2], store, scratch)
        // a and b differ on pair 2, the fifth in the order.
        for _ in 0..<4 { for reader in ["a", "b"] { try store.answer(.judge, reader) } }
        try store.answer(.judge, "a", prefers: "first")
        let last = try #require(try store.nextCase(.judge, for: "b"))
        #expect(last.pair == 2)
        _ = try store.record(Judgement(last.left.plainText.hasPrefix("first") ? .right : .left), on: last.id, by: "b")
        #expect(try store.conflicts() == [2])
        var seen: [Int64] = []
        while let shown = try store.nextCase(.judge, for: "c") {
            seen.append(shown.pair)
            let first: Judgement.Choice = shown.left.plainText.hasPrefix("first") ? .left : .right
            _ = try store.record(Judgement(shown.pair == 2 ? first : .bothGood), on: shown.id, by: "c")
        }
        #expect(try seen == [5, 6, 2, 4, 3, 1] && store.conflicts() == [2])
        _ = try store.undo(presentation: last.id, by: "b", revision: 1)
        #expect(try store.conflicts().isEmpty)
        _ = try store.record(Judgement(.skip), on: last.id, by: "b", revision: 2)
        // What comes back stands at the end of its stratum.
        #expect(try drain(store, "d") == [1, 2])
        try store.check()
    }

    @Test("a share of the informative draws is even over all open pairs, and is recorded as such with its rate")
    func uniformShare() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        var policy = plain(.informative)
        policy.uniformShare = 0.5
        try store.setQueuePolicy(policy)
        _ = try store.createJudgingPairs((0..<400).map { pair($0, readers: 1) })
        var uniform: [Int64] = []
        for _ in 0..<120 {
            let shown = try #require(try store.answer(.judge, "a"))
            let chosen = try store.reading {
                try Row.fetchOne($0, sql: "SELECT * FROM selection WHERE presentation_id = ?", arguments: [shown.id])
            }
            #expect((chosen?["rate"] as Double?) == 0.5)
            if (chosen?["chosen_by"] as String?) == "uniform" { uniform.append(shown.pair) }
        }
        #expect((40...80).contains(uniform.count))
        // Half of an even sample lies in the upper half; the order itself would not have got there.
        let upper = uniform.count { $0 > 200 }
        #expect(Double(upper) > 0.3 * Double(uniform.count) && Double(upper) < 0.7 * Double(uniform.count))
        #expect(Set(uniform).count == uniform.count)
    }

    @Test("readers get their own fields and cases of no field first, or only those, as the policy says")
    func specialties() throws {
        func order(_ match: QueuePolicy.SpecialtyMatch, _ reader: String) throws -> [Int64] {
            let scratch = try Scratch()
            let store = try scratch.reviewStore(readers: ["anyone"])
            try store.register(Reviewer(key: "neuro", credential: .attending, subspecialties: ["Neuro", "chest"]))
            var policy = plain()
            policy.specialtyMatch = match
            try store.setQueuePolicy(policy)
            _ = try store.createJudgingPairs(
                [
                    pair(1, specialty: "msk"), pair(2, specialty: "neuro"), pair(3), pair(4, specialty: "MSK"),
                    pair(5, specialty: "chest"),
                ])
            #expect(try store.waitingCount(.judge, for: reader) == (match == .required && reader == "neuro" ? 3 : 5))
            return try drain(store, reader)
        }
        #expect(try order(.preferred, "neuro") == [2, 3, 5, 1, 4])
        #expect(try order(.required, "neuro") == [2, 3, 5])
        #expect(try order(.ignored, "neuro") == [1, 2, 3, 4, 5])
        #expect(try order(.required, "anyone") == [1, 2, 3, 4, 5])
    }

    @Test(
        "known answers and swapped repeats are mixed in at their rates; a repeat is the reader's own, older and swapped"
    )
    func mixing() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        var policy = plain()
        (policy.goldRate, policy.repeatRate, policy.repeatGap) = (0.1, 0.2, 10)
        try store.setQueuePolicy(policy)
        _ = try store.createJudgingPairs(
            (0..<300).map { pair($0) } + (300..<340).map { pair($0, readers: 3, purpose: .gold) })
        var shown: [Presentation] = []
        for _ in 0..<200 { shown.append(try #require(try store.answer(.judge, "a"))) }
        let by = try store.reading {
            try String.fetchAll($0, sql: "SELECT chosen_by FROM selection ORDER BY presentation_id")
        }
        let counts = Dictionary(by.map { ($0, 1) }, uniquingKeysWith: +)
        #expect((10...32).contains(counts["gold"] ?? 0) && (22...56).contains(counts["repeat"] ?? 0))
        let repeats = shown.filter { $0.repeats != nil }
        #expect(repeats.count == counts["repeat"])
        for again in repeats {
            let original = try #require(shown.first { $0.id == again.repeats })
            #expect(original.pair == again.pair && original.left == again.right && original.right == again.left)
            let distance = try #require(shown.firstIndex(of: again)) - #require(shown.firstIndex(of: original))
            #expect(distance >= 10)
        }
        #expect(Set(repeats.compactMap(\.repeats)).count == repeats.count)
        // Other readers' cases are not repeated.
        #expect(try store.answer(.judge, "b")?.repeats == nil)
        try store.check()
    }

    @Test("practice comes before everything else")
    func calibration() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        let ids = try store.createJudgingPairs([
            pair(1), pair(2, purpose: .calibration), pair(3, purpose: .calibration),
        ])
        #expect(try drain(store, "a") == [ids[1], ids[2], ids[0]])
    }

    @Test("a policy that makes no sense is refused, the newest one counts, and all that were in force stay on record")
    func policies() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        for change: (inout QueuePolicy) -> Void in [
            { $0.goldRate = -0.1 }, { $0.repeatRate = 0.95 }, { $0.overlap = 0 }, { $0.uniformShare = .nan },
            { $0.repeatGap = 0 },
        ] {
            var policy = QueuePolicy()
            change(&policy)
            #expect(#expect(throws: Refusal.self) { try store.setQueuePolicy(policy) }?.code == "queue.bad-policy")
        }
        let policy = plain(.random(seed: .max))
        try store.setQueuePolicy(plain(.informative))
        try store.setQueuePolicy(policy)
        try store.setQueuePolicy(policy)
        #expect(try store.queuePolicy() == policy)
        #expect(try store.reading { try Int.fetchOne($0, sql: "SELECT count(*) FROM queue_policy") } == 2)
    }

    @Test("margins are kept by what the pairs say; files that fit no pair, or are no scores, change nothing")
    func margins() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        _ = try store.createJudgingPairs((0..<3).map { pair($0) })
        let other = try scratch.file("other.jsonl", #"{"id": "x", "chosen_logp": -1, "rejected_logp": -2}"#)
        #expect(
            #expect(throws: Refusal.self) { try store.recordMargins(base: other, aligned: other) }?.code
                == "margins.no-pair")
        for bad in ["{}", #"{"id": "x", "chosen_logp": -1}"#, #"{"id": 3, "chosen_logp": -1, "rejected_logp": -2}"#] {
            let file = try scratch.file("bad.jsonl", bad)
            let refusal = #expect(throws: Refusal.self) { try store.recordMargins(base: file, aligned: other) }
            #expect(refusal?.code == "margins.bad-record" && refusal?.location.hasSuffix("bad.jsonl:1") == true)
        }
        #expect(try store.reading { try Int.fetchOne($0, sql: "SELECT count(*) FROM reward_margin") } == 0)
    }
}
