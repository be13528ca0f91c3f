import Diagnostics
import Foundation
import StrictJSON
import Testing

@testable import Workflow

@Suite("Training that was stopped and resumed", .serialized)
struct ResumeTests {
    /// All that a run leaves and must be the same, by name: adapter, metrics, and each file of its checkpoints.
    private func products(_ run: TinyRun, _ folder: String, checkpoints steps: [Int]) throws -> [String: Data] {
        var products: [String: Data] = [:]
        let names =
            ["adapter_model.safetensors", "adapter_config.json", "metrics.jsonl"]
            + steps.flatMap { step in
                ["adapter_model.safetensors", "adapter_config.json", "optimizer.safetensors", "trainer_state.json"]
                    .map { "checkpoint-\(step)/\($0)" }
            }
        for name in names { products[name] = try run.bytes("\(folder)/\(name)") }
        return products
    }

    private func train(_ run: TinyRun, _ folder: String, stopAfterStep step: Int? = nil) throws -> (Bool, Listener) {
        let listener = Listener(stopAfterStep: step)
        let recipe = try run.recipe(folder, dataset: run.path("pairs.jsonl"))
        return (try TrainStage.run(recipe, events: listener.events) != nil, listener)
    }

    @Test("after any step, also in the middle of an epoch or a logging window, the same bytes come out")
    func everyStep() throws {
        let run = try TinyRun()
        _ = try run.pairs(count: 7)
        #expect(try train(run, "straight").0)
        let expected = try products(run, "straight", checkpoints: [2, 4, 6])
        for step in 1...7 {
            let (isDone, listener) = try train(run, "stopped-\(step)", stopAfterStep: step)
            #expect(!isDone)
            #expect(
                listener.notes.last == "Saved after step \(step) of 8; resume with the same command.")
            #expect(!run.listing("stopped-\(step)").contains("run.json"))
            let (isDoneNow, second) = try train(run, "stopped-\(step)")
            #expect(isDoneNow)
            #expect(second.notes.contains("Went on from the checkpoint of step \(step)."))
            let found = try products(run, "stopped-\(step)", checkpoints: [2, 4, 6])
            for (name, bytes) in expected { #expect(found[name] == bytes, "step \(step), \(name)") }
        }
    }

    @Test("stopped while the reference is computed, it keeps what was computed")
    func referenceStop() throws {
        let run = try TinyRun()
        // More pairs than go through the model at once.
        let many = (1...6).flatMap { number in
            InventedCases.plain.map { $0.replacing("{\"prompt\":\"", with: "{\"prompt\":\"Study \(number). ") }
        }
        let pairs = try run.file("many.jsonl", many.joined())
        let listener = Listener()
        var events = listener.events
        events.shouldStop = { true }
        #expect(try TrainStage.run(run.recipe(dataset: pairs, "max_steps=1"), events: events) == nil)
        #expect(listener.notes.last?.hasPrefix("Stopped; the reference values computed so far are kept.") == true)
        #expect(run.listing("adapter").isEmpty)
        let second = Listener()
        #expect(try TrainStage.run(run.recipe(dataset: pairs, "max_steps=1"), events: second.events) != nil)
        let counts = try #require(
            second.notes.compactMap {
                $0.wholeMatch(of: /Reference log-probabilities: ([0-9]+) computed, ([0-9]+) from the cache\./)
            }.first)
        #expect((Int(counts.1) ?? 0) + (Int(counts.2) ?? 0) == 60)
        #expect(Int(counts.1) != 0 && Int(counts.2) != 0)
    }

    @Test("stopped while the reference is computed, it ends with the same bytes as a run that was not")
    func referenceStopBytes() throws {
        // The first pairs begin in different ways; all after them share a long beginning.
        let many = (0..<40).flatMap { number in
            InventedCases.plain.enumerated().map { index, line in
                let opening = number == 0 ? "\(index). " : "A study like the others, number \(number). "
                return line.replacing("{\"prompt\":\"", with: "{\"prompt\":\"" + opening)
            }
        }
        func adapter(stops: Bool) throws -> Data {
            let run = try TinyRun()
            let recipe = try run.recipe(dataset: run.file("many.jsonl", many.joined()), "max_steps=6")
            if stops {
                var (events, notes) = (StageEvents(), [String]())
                events.shouldStop = { true }
                events.say = { notes.append($0) }
                #expect(try TrainStage.run(recipe, events: events) == nil)
                #expect(notes.contains { $0.hasPrefix("Stopped; the reference values") })
            }
            #expect(try TrainStage.run(recipe, events: StageEvents()) != nil)
            return try run.bytes("adapter/adapter_model.safetensors")
        }
        #expect(try adapter(stops: true) == adapter(stops: false))
    }

    @Test("a run that was stopped after every single step gives the same bytes")
    func resumeOfResume() throws {
        let run = try TinyRun()
        _ = try run.pairs(count: 7)
        #expect(try train(run, "straight").0)
        for step in 1...7 { #expect(try !train(run, "stepwise", stopAfterStep: step).0) }
        #expect(try train(run, "stepwise").0)
        #expect(
            try products(run, "stepwise", checkpoints: [2, 4, 6])
                == products(run, "straight", checkpoints: [2, 4, 6]))
    }

    @Test("a damaged newest checkpoint is passed over and named, and the same bytes come out")
    func damagedCheckpoint() throws {
        let run = try TinyRun()
        _ = try run.pairs(count: 7)
        #expect(try train(run, "straight").0)
        #expect(try !train(run, "stopped", stopAfterStep: 5).0)
        _ = try run.file("stopped/checkpoint-5/optimizer.safetensors", "cut short")
        let (isDone, listener) = try train(run, "stopped")
        #expect(isDone)
        #expect(listener.notes.contains("Went on from the checkpoint of step 4."))
        #expect(listener.notes.contains { $0.contains("checkpoint-5: optimizer.safetensors is not the file") })
        let kept = [2, 4, 6]
        #expect(try products(run, "stopped", checkpoints: kept) == products(run, "straight", checkpoints: kept))
    }

    @Test("a run goes on with the settings and the data that it began with, or is refused by the one that differs")
    func otherSettings() throws {
        let run = try TinyRun()
        let pairs = try run.pairs(count: 7)
        #expect(try !train(run, "adapter", stopAfterStep: 3).0)
        let before = run.listing("adapter")
        for (override, name) in [
            ("beta=0.2", "beta was 0.1 and is now 0.2"), ("seed=7", "seed was 42 and is now 7"),
            ("num_train_epochs=5", "num_train_epochs was 4 and is now 5"),
        ] {
            let refusal = try #require(throws: Refusal.self) {
                _ = try TrainStage.run(run.recipe(dataset: pairs, override), events: StageEvents())
            }
            #expect(refusal.code == "checkpoint.other-run" && refusal.kind == .badInput)
            #expect(refusal.problem.hasPrefix(name), "\(refusal)")
        }
        _ = try run.pairs(count: 6)
        let refusal = try #require(throws: Refusal.self) { _ = try train(run, "adapter") }
        #expect(refusal.problem.hasPrefix("dataset_sha256 was "))
        #expect(run.listing("adapter") == before)
    }
}
