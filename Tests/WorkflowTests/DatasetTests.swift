import Diagnostics
import Foundation
import StrictJSON
import Testing

@testable import Workflow

@Suite("What a recipe can train on and start from", .serialized)
struct DatasetTests {
    private func train(_ recipe: Recipe) throws {
        _ = try #require(try TrainStage.run(recipe, events: StageEvents()))
    }

    @Test("a snapshot's training side, and the same pairs as a JSONL file, train the same adapter")
    func snapshotOrFile() throws {
        let run = try TinyRun()
        _ = try ImportStage.run(
            files: [run.pairs()], store: run.path("store.sqlite"), options: .init(), events: StageEvents())
        _ = try SnapshotStage.run(
            store: run.path("store.sqlite"), output: run.path("snapshot"), heldOutFraction: 0.2, seed: 17,
            events: StageEvents())
        try train(run.recipe("a", dataset: run.path("snapshot")))
        try train(run.recipe("b", dataset: run.path("snapshot/train.jsonl")))
        #expect(try run.bytes("a/adapter_model.safetensors") == run.bytes("b/adapter_model.safetensors"))
        #expect(try run.bytes("a/metrics.jsonl") == run.bytes("b/metrics.jsonl"))
    }

    @Test("conversational and plain JSONL files are both read, without any field of ours")
    func formats() throws {
        let run = try TinyRun()
        let plain = try run.file("plain.jsonl", InventedCases.plain.joined())
        try train(run.recipe("plain", dataset: plain, "max_steps=2"))
        let bare = InventedCases.conversational.map { line -> String in
            let members = (try? JSONValue(parsing: Array(line.utf8), named: "line"))?.object?.members ?? []
            let texts = members.filter { ["prompt", "chosen", "rejected"].contains($0.key) }
            return JSONValue.object(JSONObject(texts)).serialized() + "\n"
        }
        try train(run.recipe("bare", dataset: run.file("bare.jsonl", bare.joined()), "max_steps=2"))
        try train(run.recipe("full", dataset: run.pairs(), "max_steps=2"))
        #expect(try run.bytes("bare/adapter_model.safetensors") == run.bytes("full/adapter_model.safetensors"))
        #expect(try run.bytes("plain/adapter_model.safetensors") != run.bytes("full/adapter_model.safetensors"))
    }

    @Test("sequential order takes the pairs as they stand; random order does not, and depends on the seed")
    func order() throws {
        let run = try TinyRun()
        let pairs = try run.pairs()
        _ = try ScoreStage.run(
            model: TinyRun.model, adapter: nil, pairs: pairs, output: run.path("scores.jsonl"), events: StageEvents())
        let chosen = try run.lines("scores.jsonl").compactMap { $0["chosen_logp"]?.double }
        func firstStep(_ name: String, _ override: String) throws -> Double? {
            try train(
                run.recipe(
                    name, dataset: pairs, override, "logging_steps=1", "max_steps=1", "gradient_accumulation_steps=1"))
            return try run.lines("\(name)/metrics.jsonl").first?["logps/chosen"]?.double
        }
        let sequential = try #require(try firstStep("sequential", "train_sampling_strategy=sequential"))
        #expect(abs(sequential - (chosen[0] + chosen[1]) / 2) < 1e-3)
        let random = try firstStep("random", "seed=1")
        #expect(try random != sequential && random == firstStep("again", "seed=1"))
        #expect(try random != firstStep("other", "seed=2"))
    }

    @Test("adapter_init goes on from a PEFT folder, whose model is then the reference")
    func adapterInit() throws {
        let run = try TinyRun()
        let pairs = try run.pairs()
        let start = TinyRun.root.appending(path: "Tests/Fixtures/adapters/tiny-trained").path
        let text = """
            model_name_or_path: \(TinyRun.model)
            dataset: \(pairs)
            output_dir: \(run.path("adapter"))
            adapter_init: \(start)
            logging_steps: 1
            max_steps: 1
            """
        try train(try Recipe(text: text, named: "recipe.yaml"))
        let first = try #require(try run.lines("adapter/metrics.jsonl").first)
        #expect(abs((first["loss"]?.double ?? 0) - 0.693147180559945) < 1e-5)
        let configuration = try run.json("adapter/adapter_config.json")
        let original = try JSONValue(
            parsing: [UInt8](Data(contentsOf: URL(filePath: start + "/adapter_config.json"))), named: "config")
        #expect(configuration["r"] == original["r"] && configuration["lora_alpha"] == original["lora_alpha"])
        let weights = try Data(contentsOf: URL(filePath: start + "/adapter_model.safetensors"))
        #expect(try run.bytes("adapter/adapter_model.safetensors") != weights)
    }
}
