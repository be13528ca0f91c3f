import Diagnostics
import Foundation
import Preferences
import StrictJSON
import Testing

@testable import Workflow

@Suite("The arena, from outputs to the report")
struct ArenaStageTests {
    /// A trained adapter, its snapshot, and what base and aligned model write for the held-out cases.
    private func prepare(_ run: TinyRun) throws -> (snapshot: String, prompts: String) {
        let snapshot = run.path("snapshot")
        let store = run.path("store.sqlite")
        _ = try ImportStage.run(
            files: [run.pairs()], store: store, options: ImportStage.Options(), events: StageEvents())
        _ = try SnapshotStage.run(
            store: store, output: snapshot, heldOutFraction: 0.2, seed: 17, events: StageEvents())
        _ = try #require(try TrainStage.run(run.recipe(dataset: snapshot), events: StageEvents()))
        var decoding = GenerateStage.Decoding()
        decoding.maxNewTokens = 12
        let prompts = run.path("snapshot/held_out.jsonl")
        for (name, adapter) in [("base", nil), ("aligned", run.path("adapter"))] {
            _ = try #require(
                try GenerateStage.run(
                    model: TinyRun.model, adapter: adapter, prompts: prompts, output: run.path("\(name).jsonl"),
                    decoding: decoding, events: StageEvents()))
        }
        return (snapshot, prompts)
    }

    private func compare(_ run: TinyRun, _ snapshot: String, _ verdicts: String, _ folder: String) throws {
        _ = try #require(
            try CompareStage.run(
                CompareStage.Request(
                    model: TinyRun.model, adapter: run.path("adapter"), snapshot: snapshot,
                    conventions: TinyRun.conventions, reviewerVerdicts: verdicts, runDirectory: run.path(folder),
                    maxNewTokens: 12), events: StageEvents()))
    }

    @Test("what reviewers choose is the report's second judge, counted again from the file; other outputs are refused")
    func wholeWay() throws {
        let run = try TinyRun()
        let (snapshot, prompts) = try prepare(run)
        let path = run.path("store.sqlite")
        let added = try ArenaStage.add(
            store: path, name: "arena", prompts: prompts, base: run.path("base.jsonl"),
            aligned: run.path("aligned.jsonl"), readers: 2, events: StageEvents())
        let created = try JSONValue(parsing: Array(added.json.utf8), named: "result")
        #expect((created["pairs"]?.int ?? 0) + (created["identical"]?.int ?? 0) == 3)
        #expect((created["pairs"]?.int ?? 0) > 0)
        let aligned = Set(try run.lines("aligned.jsonl").compactMap { $0["text"]?.string })
        do {
            let store = try PreferenceStore(at: path)
            for reader in ["a", "b"] {
                try store.register(Reviewer(key: reader, credential: .attending))
                while let shown = try store.nextCase(.arena, for: reader) {
                    let isLeft = aligned.contains(shown.left.plainText)
                    _ = try store.record(Judgement(isLeft ? .left : .right), on: shown.id, by: reader)
                }
            }
        }
        let verdicts = run.path("reviewed.jsonl")
        _ = try ArenaStage.verdicts(store: path, name: nil, output: verdicts, replace: false, events: StageEvents())
        let lines = try run.lines("reviewed.jsonl")
        #expect(lines.count == 3 && lines.allSatisfy { $0["judge"]?.string == "reviewers" })
        #expect(Set(lines.compactMap { $0["id"]?.string }) == ["case-8", "case-9", "case-10"])
        let wins = lines.count { $0["verdict"]?.string == "win" }
        #expect(wins == created["pairs"]?.int)
        // No line holds what a system wrote.
        for line in try run.lines("base.jsonl") {
            let text = try #require(line["text"]?.string)
            #expect(
                lines.allSatisfy {
                    !$0.serialized().contains(JSONValue.string(text).serialized().dropFirst().dropLast())
                })
        }
        try compare(run, snapshot, verdicts, "report")
        let judge = try #require(try run.json("report/report.json")["reviewers"])
        #expect(judge["over_base"]?["n_wins"]?.int == wins && judge["over_base"]?["n_total"]?.int == 3)
        #expect(judge["n_reviewers"]?.int == 2 && judge["left_share"]?.double != nil)
        #expect(try run.text("report/report.html").contains("Judged by reviewers"))
        #expect(try run.text("report/model-card.md").contains("Judged by reviewers, blinded"))
        func refusal(_ text: String) throws -> String? {
            let changed = try run.file("changed.jsonl", text)
            return #expect(throws: Refusal.self) { try compare(run, snapshot, changed, "other") }?.code
        }
        let text = try run.text("reviewed.jsonl")
        let digest = try #require(lines[0]["system_sha256"]?.string)
        #expect(try refusal(text.replacing(digest, with: String(repeating: "0", count: 64))) == "compare.other-outputs")
        #expect(try refusal(text.replacing("\"case-8\"", with: "\"case-1\"")) == "compare.other-cases")
        #expect(
            try refusal(text.replacing(#""verdict":"win","basis""#, with: #""verdict":"loss","basis""#))
                == "reviewer-verdicts.bad-record")
        #expect(try refusal(text + text) == "reviewer-verdicts.bad-record")
        #expect(run.listing("other").isEmpty)
    }

    @Test("scores of the waiting pairs become margins, and the queue follows them")
    func margins() throws {
        let run = try TinyRun()
        let path = run.path("store.sqlite")
        do { _ = try PreferenceStore(at: path) }
        let prompts = try run.file(
            "prompts.jsonl",
            (1...4).map { #"{"id": "c\#($0)", "prompt": "Findings of invented case \#($0)."}"# + "\n" }.joined())
        func outputs(_ word: String) throws -> String {
            try run.file(
                "\(word).jsonl", (1...4).map { #"{"id": "c\#($0)", "text": "\#(word) \#($0)"}"# + "\n" }.joined())
        }
        let (first, second) = (try outputs("first"), try outputs("second"))
        for expected in [4, 0] {
            let added = try QueueStage.add(
                store: path, prompts: prompts, first: first, second: second, purpose: "train", readers: 1,
                events: StageEvents())
            #expect(try JSONValue(parsing: Array(added.json.utf8), named: "r")["added"]?.int == expected)
        }
        _ = try QueueStage.addDrafts(store: path, prompts: prompts, drafts: first, events: StageEvents())
        _ = try QueueStage.pairs(store: path, output: run.path("waiting.jsonl"), replace: false, events: StageEvents())
        for name in ["base", "aligned"] {
            _ = try #require(
                try ScoreStage.run(
                    model: TinyRun.model, adapter: nil, pairs: run.path("waiting.jsonl"),
                    output: run.path("\(name).scores.jsonl"), events: StageEvents()))
        }
        var changes = QueueStage.Changes()
        (changes.order, changes.goldRate, changes.overlap) = ("informative", 0, 3)
        _ = try QueueStage.show(store: path, changes: changes, events: StageEvents())
        let result = try QueueStage.margins(
            store: path, base: run.path("base.scores.jsonl"), aligned: run.path("aligned.scores.jsonl"), beta: 0.1,
            events: StageEvents())
        #expect(try JSONValue(parsing: Array(result.json.utf8), named: "r")["pairs"]?.int == 4)
        let shown = try QueueStage.show(store: path, events: StageEvents())
        let json = try JSONValue(parsing: Array(shown.json.utf8), named: "r")
        #expect(json["policy"]?["order"]?.string == "informative" && json["policy"]?["overlap"]?.int == 3)
        #expect(json["progress"]?.array?[0]["waiting"]?.int == 4 && shown.text.contains("drafts: 4 wait"))
        changes.order = "cleverly"
        let refusal = #expect(throws: Refusal.self) {
            try QueueStage.show(store: path, changes: changes, events: StageEvents())
        }
        #expect(refusal?.code == "queue.unknown-word")
    }
}
