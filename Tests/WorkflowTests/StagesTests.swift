import Diagnostics
import Foundation
import StrictJSON
import Testing

@testable import Workflow

@Suite("The stages, one after another on a tiny model", .serialized)
struct StagesTests {
    /// Import, snapshot and training; gives the snapshot's path.
    private func train(in run: TinyRun) throws -> String {
        let imported = try ImportStage.run(
            files: [run.pairs()], store: run.path("store.sqlite"), options: .init(), events: StageEvents())
        #expect(imported.text.hasSuffix("holds 10 pairs."))
        let snapshot = run.path("snapshot")
        _ = try SnapshotStage.run(
            store: run.path("store.sqlite"), output: snapshot, heldOutFraction: 0.2, seed: 17, events: StageEvents())
        let result = try #require(try TrainStage.run(run.recipe(dataset: snapshot), events: StageEvents()))
        let facts = try JSONValue(parsing: Array(result.json.utf8), named: "result")
        #expect(facts["steps"]?.int == 8 && facts["pairs"]?.int == 7)
        return snapshot
    }

    private func comparison(_ run: TinyRun, _ snapshot: String) throws -> CompareStage.Request {
        let turns = """
            {"examples": [{"messages": [{"role": "user", "content": "Write it."},
            {"role": "assistant", "content": "IMPRESSION:\\n1. Written."}]}]}
            """
        return CompareStage.Request(
            model: TinyRun.model, adapter: run.path("adapter"), sftAdapter: run.path("adapter"),
            fewShot: try run.file("few-shot.json", turns), snapshot: snapshot, conventions: TinyRun.conventions,
            runDirectory: run.path("report"), maxNewTokens: 12)
    }

    @Test("import, snapshot, train, score, generate and compare give their files; a second time each is skipped")
    func wholeChain() throws {
        let run = try TinyRun()
        let snapshot = try train(in: run)
        func everything(_ listener: Listener) throws -> [String] {
            var skips: [String] = []
            func note(_ stage: String) {
                if listener.wasSkipped { skips.append(stage) }
            }
            _ = try SnapshotStage.run(
                store: run.path("store.sqlite"), output: snapshot, heldOutFraction: 0.2, seed: 17,
                events: listener.events)
            note("snapshot")
            let before = listener.notes.count
            _ = try #require(try TrainStage.run(run.recipe(dataset: snapshot), events: listener.events))
            if listener.notes.dropFirst(before).contains(where: { $0.hasPrefix("Skipped: ") }) { skips.append("train") }
            return skips
        }
        #expect(try everything(Listener()) == ["snapshot", "train"])
        #expect(
            Set(run.listing("adapter")).isSuperset(of: [
                "adapter_config.json", "adapter_model.safetensors", "metrics.jsonl", "run.json", "checkpoint-2",
            ]))
        #expect(try run.lines("adapter/metrics.jsonl").compactMap { $0["step"]?.int } == [3, 6, 8])

        for expectsSkip in [false, true] {
            let score = Listener()
            _ = try #require(
                try ScoreStage.run(
                    model: TinyRun.model, adapter: run.path("adapter"), pairs: run.path("pairs.jsonl"),
                    output: run.path("scores.jsonl"), events: score.events))
            #expect(score.wasSkipped == expectsSkip)
            let generate = Listener()
            var decoding = GenerateStage.Decoding()
            decoding.maxNewTokens = 5
            _ = try #require(
                try GenerateStage.run(
                    model: TinyRun.model, adapter: run.path("adapter"), prompts: run.path("snapshot/held_out.jsonl"),
                    output: run.path("answers.jsonl"), decoding: decoding, events: generate.events))
            #expect(generate.wasSkipped == expectsSkip)
            let compare = Listener()
            _ = try #require(try CompareStage.run(comparison(run, snapshot), events: compare.events))
            #expect(compare.wasSkipped == expectsSkip)
        }
        #expect(try run.lines("scores.jsonl").count == 10)
        let answered = try run.lines("answers.jsonl").compactMap { $0["id"]?.string }
        #expect(try answered == run.lines("snapshot/held_out.jsonl").compactMap { $0["id"]?.string })
        #expect(Set(answered) == ["case-8", "case-9", "case-10"])
        #expect(
            run.listing("report") == [
                "generations.jsonl", "model-card.md", "report.html", "report.json", "run.json", "verdicts.jsonl",
            ])
    }

    @Test("a result that was changed by hand, or has other inputs, is made anew")
    func remade() throws {
        let run = try TinyRun()
        let pairs = try run.pairs(count: 3)
        func score(_ maxLength: Int? = nil) throws -> (listener: Listener, bytes: Data) {
            let listener = Listener()
            _ = try ScoreStage.run(
                model: TinyRun.model, adapter: nil, pairs: pairs, output: run.path("scores.jsonl"),
                maxLength: maxLength, events: listener.events)
            return (listener, try run.bytes("scores.jsonl"))
        }
        let first = try score()
        _ = try run.file("scores.jsonl", "changed\n")
        let second = try score()
        #expect(!second.listener.wasSkipped && second.bytes == first.bytes)
        #expect(try score().listener.wasSkipped)
        #expect(try !score(600).listener.wasSkipped)
        let refusal = try #require(throws: Refusal.self) {
            _ = try ScoreStage.run(
                model: TinyRun.model, adapter: nil, pairs: pairs, output: pairs, events: StageEvents())
        }
        #expect(refusal.code == "output.exists" && refusal.location == pairs)
    }

    @Test("every win rate of report.json is counted again from verdicts.jsonl, and the manifest lists the file")
    func recount() throws {
        let run = try TinyRun()
        let snapshot = try train(in: run)
        _ = try #require(try CompareStage.run(comparison(run, snapshot), events: StageEvents()))
        let lines = try run.lines("report/verdicts.jsonl")
        let systems = try #require(try run.json("report/report.json")["systems"]?.array)
        #expect(systems.compactMap { $0["role"]?.string } == ["base", "few_shot", "sft", "aligned"])
        var counted = 0
        for system in systems {
            for opponent in ["base", "few_shot", "sft"] {
                let chosen = lines.filter {
                    $0["system"]?.string == system["role"]?.string && $0["against"]?.string == opponent
                }
                guard let rate = system["over_\(opponent)"]?.object else {
                    #expect(chosen.isEmpty)
                    continue
                }
                counted += chosen.count
                func verdicts(_ word: String) -> Int { chosen.count { $0["verdict"]?.string == word } }
                #expect(rate["n_wins"]?.int == verdicts("win"))
                #expect(rate["n_draws"]?.int == verdicts("tie"))
                #expect(rate["n_wins_base"]?.int == verdicts("loss"))
                #expect(rate["n_total"]?.int == chosen.count)
                #expect(rate["n_patients"]?.int == Set(chosen.compactMap { $0["cluster"]?.string }).count)
                let score = Double(verdicts("win")) + Double(verdicts("tie")) / 2
                #expect(abs((rate["win_rate"]?.double ?? -1) - score / Double(chosen.count)) < 1e-12)
            }
        }
        #expect(counted == lines.count && lines.count == 9 * 3)
        for line in lines {
            let met = ["system_output", "against_output"].map { line[$0]?["rules_met"]?.int ?? -1 }
            #expect(line["verdict"]?.string == (met[0] > met[1] ? "win" : met[0] < met[1] ? "loss" : "tie"))
            for key in ["system_output", "against_output"] {
                let output = try #require(line[key])
                let broken = try #require(output["rules_broken"]?.array)
                #expect((output["rules_met"]?.int ?? 0) + broken.count == line["rules"]?.int)
            }
        }
        // The content columns of the page, too.
        for system in systems {
            let role = try #require(system["role"]?.string)
            let key = role == "base" ? "against_output" : "system_output"
            let outputs = lines.filter {
                role == "base"
                    ? $0["system"]?.string == "aligned" && $0["against"]?.string == "base"
                    : $0["system"]?.string == role && $0["against"]?.string == "base"
            }.compactMap { $0[key]?["content"] }
            #expect(outputs.count == 3)
            for figure in ["findings", "findings_stated", "findings_dropped", "findings_invented", "side_errors"] {
                #expect(
                    system["content"]?[figure]?.int == outputs.reduce(0) { $0 + ($1[figure]?.int ?? 0) }, "\(figure)")
            }
        }
        let manifest = try run.json("report/run.json")
        #expect(
            manifest["outputs"]?["verdicts.jsonl"]?.string == (try Digests.file(run.path("report/verdicts.jsonl"))))
        #expect(try !run.text("report/verdicts.jsonl").contains("radius"))
    }
}
