import Diagnostics
import Foundation
import GRDB
import Testing

@testable import Preferences

@Suite("The arena")
struct ArenaTests {
    let base = ArenaSystem(model: Candidate.Model(base: "m"))
    let aligned = ArenaSystem(model: Candidate.Model(base: "m", adapter: "a"))

    func entry(_ number: Int, same: Bool = false) -> ArenaEntry {
        ArenaEntry(
            item: "i\(number)", prompt: .text("findings \(number)"), base: .text("base text \(number)"),
            aligned: .text(same ? "base text \(number)\n" : "aligned text \(number)"),
            exam: Exam(patient: "P\(number / 2)"))
    }

    func create(_ store: PreferenceStore, _ entries: [ArenaEntry], readers: Int? = nil) throws -> ArenaCreated {
        try store.createArena(
            "first", entries: entries, base: base, aligned: aligned, sources: ("p", "b", "a"), readersWanted: readers)
    }

    @Test(
        "outputs become pairs for the arena alone, as many readers each as the policy says; equal texts are ties unasked"
    )
    func creation() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore()
        let created = try create(store, [entry(1), entry(2), entry(3, same: true)])
        #expect(created == ArenaCreated(pairs: 2, identical: 1, readers: 2))
        #expect(try create(store, [entry(1), entry(2), entry(3, same: true)]) == created)
        #expect(try store.judgingPairCount() == 2 && store.arenas() == ["first"])
        #expect(try store.nextCase(.judge, for: "a") == nil)
        #expect(try store.nextCase(.arena, for: "a")?.kind == .arena)
        let taken = #expect(throws: Refusal.self) {
            try store.createArena(
                "first", entries: [entry(4)], base: base, aligned: aligned, sources: ("p", "b", "other"))
        }
        #expect(taken?.code == "arena.exists")
        let twice = #expect(throws: Refusal.self) {
            try store.createArena(
                "x", entries: [entry(4), entry(4)], base: base, aligned: aligned, sources: ("", "", ""))
        }
        #expect(twice?.code == "arena.twice")
        #expect(throws: Refusal.self) { try store.arenaOutcomes(of: "nothing") }
        let snapshot = #expect(throws: Refusal.self) { try store.makeSnapshot(SnapshotOptions()) }
        #expect(snapshot != nil)
        try store.check()
    }

    @Test(
        "what readers chose comes out in terms of the systems, whatever side they stood on, with repeats and decisions")
    func outcomes() throws {
        let scratch = try Scratch()
        let store = try scratch.reviewStore(seed: 3, readers: ["a", "b", "c"])
        var policy = QueuePolicy()
        (policy.repeatRate, policy.repeatGap) = (0.3, 2)
        try store.setQueuePolicy(policy)
        _ = try create(store, (0..<12).map { entry($0, same: $0 == 11) })
        // a always prefers the aligned text; b prefers the base's in item 3, and finds both bad in item 4.
        while try store.answer(.arena, "a", prefers: "aligned", active: 4000) != nil {}
        while let shown = try store.nextCase(.arena, for: "b") {
            let prompt = shown.prompt.plainText
            let wanted = prompt == "findings 3" ? "base" : "aligned"
            let choice: Judgement.Choice = shown.left.plainText.hasPrefix(wanted) ? .left : .right
            _ = try store.record(Judgement(prompt == "findings 4" ? .bothBad : choice), on: shown.id, by: "b")
        }
        let outcomes = try store.arenaOutcomes(of: "first")
        #expect(outcomes.map(\.item) == outcomes.map(\.item).sorted() && outcomes.count == 12)
        let byItem = Dictionary(uniqueKeysWithValues: outcomes.map { ($0.item, $0) })
        #expect(byItem["i11"]?.isIdentical == true && byItem["i11"]?.readings.isEmpty == true)
        #expect(byItem["i5"]?.cluster == "P2" && byItem["i4"]?.cluster == "P2")
        let firsts = outcomes.flatMap(\.readings).filter { !$0.isRepeat }
        #expect(firsts.count == 22 && firsts.contains { $0.alignedIsLeft } && firsts.contains { !$0.alignedIsLeft })
        for outcome in outcomes where !outcome.isIdentical {
            let wanted: [Double] = outcome.item == "i3" ? [0, 1] : outcome.item == "i4" ? [0.5, 1] : [1, 1]
            #expect(outcome.readings.filter { !$0.isRepeat }.map(\.alignedScore).sorted() == wanted)
        }
        let repeats = outcomes.flatMap { outcome in outcome.readings.filter(\.isRepeat).map { (outcome, $0) } }
        #expect(!repeats.isEmpty)
        for (outcome, again) in repeats {
            let original = outcome.readings.first { !$0.isRepeat && $0.reviewer == again.reviewer }
            #expect(original?.alignedIsLeft == !again.alignedIsLeft)
        }
        #expect(byItem["i0"]?.baseSHA256 == ContentDigest.sha256(Array("base text 0".utf8)))
        let conflict = try #require(try store.conflicts().first)
        let shown = try store.disagreement(pair: conflict, for: "c")
        let outcome: Adjudication.Outcome = shown.left.plainText.hasPrefix("base") == shown.leftIsX ? .x : .y
        try store.adjudicate(Adjudication(outcome, basis: .thirdReader), pair: conflict, by: "c")
        let decided = try store.arenaOutcomes(of: "first").filter { $0.decidedScore != nil }
        #expect(decided.count == 1 && decided[0].decidedScore == 0)
        try store.check()
    }

    @Test(
        "prompts and outputs are joined by id, in any order, and the first thing that does not fit is named by its line"
    )
    func files() throws {
        let scratch = try Scratch()
        let prompts = try scratch.file(
            "prompts.jsonl",
            #"{"id": "x", "prompt": "findings", "patient": "P1", "modality": "CT", "chosen": "c", "rejected": "r"}"#
                + "\n"
                + #"{"id": 7, "prompt": [{"role": "user", "content": "hello"}]}"# + "\n\n" + #"{"prompt": "third"}"#
                + "\n")
        let outputs = try scratch.file(
            "outputs.jsonl",
            #"{"id": "prompt-4", "text": "three"}"# + "\n" + #"{"id": "x", "text": "one", "tokens": [1]}"# + "\n"
                + #"{"id": "7", "text": "two"}"# + "\n")
        let read = try OutputFiles(prompts: prompts)
        #expect(read.prompts.map(\.id) == ["x", "7", "prompt-4"] && read.prompts[0].exam.patient == "P1")
        let texts = try read.outputs(at: outputs).texts
        #expect(
            texts == [.text("one"), .messages([.init(role: "assistant", content: "two")]), .text("three")])
        for (lines, code, place) in [
            (#"{"id": "x"}"#, "outputs.no-text", "bad.jsonl:1"),
            (#"{"id": "x", "text": "1"}"# + "\n" + #"{"id": "x", "text": "1"}"#, "outputs.duplicate-id", "bad.jsonl:2"),
            (#"{"id": "y", "text": "1"}"#, "outputs.unknown", "bad.jsonl:1"),
            (#"{"id": "x", "text": "1"}"#, "outputs.missing", "bad.jsonl"),
        ] {
            let file = try scratch.file("bad.jsonl", lines)
            let refusal = #expect(throws: Refusal.self) { try read.outputs(at: file) }
            #expect(refusal?.code == code && refusal?.location.hasSuffix(place) == true)
        }
        for (lines, code) in [(#"{"id": "x"}"#, "outputs.no-prompt"), ("", "file.empty"), ("{", "json.")] {
            let file = try scratch.file("bad.jsonl", lines)
            let refusal = #expect(throws: Refusal.self) { try OutputFiles(prompts: file) }
            #expect(refusal?.code.hasPrefix(code) == true)
        }
    }
}
