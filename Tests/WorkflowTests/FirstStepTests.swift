import Diagnostics
import Foundation
import StrictJSON
import Testing

@testable import Workflow

@Suite("Training that checks itself", .serialized)
struct FirstStepTests {
    @Test("a fresh adapter starts at ln 2 with every margin 0")
    func freshAdapter() throws {
        let run = try TinyRun()
        let recipe = try run.recipe(dataset: run.pairs(), "logging_steps=1", "max_steps=2")
        _ = try #require(try TrainStage.run(recipe, events: StageEvents()))
        let lines = try run.lines("adapter/metrics.jsonl")
        let first = try #require(lines.first)
        #expect(abs((first["loss"]?.double ?? 0) - 0.693147180559945) < 1e-6)
        // What rounding leaves of differences of sums of about a hundred.
        for name in ["rewards/margins", "rewards/chosen", "rewards/rejected"] {
            #expect(abs(first[name]?.double ?? 1) < 1e-5, "\(name)")
        }
        #expect(first["rewards/accuracies"]?.double == 0)
        #expect(abs(lines[1]["rewards/margins"]?.double ?? 0) > 1e-3)
    }

    @Test("a run whose reference is not its own start stops before the first step, with an explanation")
    func tamperedReference() throws {
        let run = try TinyRun()
        let pairs = try run.pairs()
        _ = try #require(try TrainStage.run(run.recipe("first", dataset: pairs, "max_steps=1"), events: StageEvents()))
        let name = try #require(run.listing(".reference-cache").first)
        let cache = try run.json(".reference-cache/\(name)")
        let rows = try #require(cache["scores"]?.object).members.map { row -> JSONObject.Member in
            var items = row.value.array ?? []
            items[0] = .number(JSONNumber((items[0].double ?? 0) + 0.5))
            return JSONObject.Member(row.key, .array(items))
        }
        let changed: JSONValue = ["key": cache["key"] ?? .null, "scores": .object(JSONObject(rows))]
        _ = try run.file(".reference-cache/\(name)", changed.serialized())
        let refusal = try #require(throws: Refusal.self) {
            _ = try TrainStage.run(run.recipe("second", dataset: pairs, "max_steps=1"), events: StageEvents())
        }
        #expect(refusal.kind == .trainingStopped && refusal.code == "train.first-step")
        #expect(refusal.problem.contains("ln 2") && refusal.remedy.contains("reference cache"))
        #expect(!FileManager.default.fileExists(atPath: run.path("second")))
    }

    @Test("a loss that is not finite stops the run, keeps the state before it, and leaves no adapter")
    func nonFinite() throws {
        let run = try TinyRun()
        let pairs = try run.pairs()
        // A fresh adapter with a scale so large that the first change of any size runs over; the warm-up makes that the
        // third step's update.
        let start = TinyRun.root.appending(path: "Tests/Fixtures/adapters/tiny-fresh").path
        try FileManager.default.copyItem(atPath: start, toPath: run.path("start"))
        let configuration = try run.text("start/adapter_config.json")
        _ = try run.file(
            "start/adapter_config.json", configuration.replacing("\"lora_alpha\": 6,", with: "\"lora_alpha\": 1e30,"))
        let text = """
            model_name_or_path: \(TinyRun.model)
            dataset: \(pairs)
            output_dir: \(run.path("adapter"))
            adapter_init: \(run.path("start"))
            max_steps: 10
            learning_rate: 1e-9
            warmup_steps: 5
            save_steps: 100
            """
        let recipe = try Recipe(text: text, named: "recipe.yaml")
        let refusal = try #require(throws: Refusal.self) { _ = try TrainStage.run(recipe, events: StageEvents()) }
        #expect(refusal.kind == .trainingStopped && refusal.code == "train.not-finite", "\(refusal)")
        let failed = try #require(Int(refusal.location.dropFirst("step ".count)))
        #expect(failed > 1)
        let kept = run.listing("adapter").filter { !$0.contains("/") && $0.hasPrefix("checkpoint-") }
        #expect(kept == ["checkpoint-\(failed - 1)"])
        #expect(!run.listing("adapter").contains("adapter_model.safetensors"))
        // The same command finds the same trouble again, and does not lose what was kept.
        let again = try #require(throws: Refusal.self) { _ = try TrainStage.run(recipe, events: StageEvents()) }
        #expect(again == refusal)
        #expect(run.listing("adapter").contains("checkpoint-\(failed - 1)/adapter_model.safetensors"))
    }
}
