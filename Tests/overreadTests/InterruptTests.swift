import Foundation
import Glibc
import StrictJSON
import Testing

@Suite("A training that is interrupted", .serialized)
struct InterruptTests {
    static let steps = 60

    private func workplace() throws -> Workplace {
        let work = try Workplace()
        try work.addModel()
        try work.addPairs()
        try work.addRecipe("max_steps: \(Self.steps)\ngradient_accumulation_steps: 2\nsave_steps: 10")
        return work
    }

    /// Starts the training, sends a signal once so many steps are logged, and gives how it ended.
    private func interrupt(_ work: Workplace, _ number: Int32, afterLines count: Int) throws -> Program.Outcome {
        let process = try Program.start(["train", "recipe.yaml"], in: work)
        while process.isRunning, (try? work.lines("runs/adapter/metrics.jsonl").count) ?? 0 < count { usleep(2_000) }
        kill(process.processIdentifier, number)
        process.waitUntilExit()
        return try Program.outcome(of: process, in: work)
    }

    private func products(_ work: Workplace) throws -> [[UInt8]] {
        try ["adapter_model.safetensors", "adapter_config.json", "metrics.jsonl"].map {
            try work.bytes("runs/adapter/\($0)")
        }
    }

    private func straight() throws -> [[UInt8]] {
        let work = try workplace()
        let outcome = try Program.run(["train", "recipe.yaml"], in: work)
        #expect(outcome.status == 0, "\(outcome.error)")
        return try products(work)
    }

    @Test("Ctrl-C saves a checkpoint and ends with 130; the same command goes on to the same bytes")
    func interrupted() throws {
        let work = try workplace()
        let stopped = try interrupt(work, SIGINT, afterLines: 3)
        #expect(stopped.status == 130, "\(stopped.error)")
        #expect(stopped.output.isEmpty)
        #expect(stopped.error.contains("Stopping after this step; press Ctrl-C again to end at once.\n"))
        let step = try #require(work.checkpoints("runs/adapter").last)
        #expect(step >= 3 && step < Self.steps)
        #expect(stopped.error.contains("Saved after step \(step) of \(Self.steps); resume with the same command.\n"))
        #expect(!work.exists("runs/adapter/adapter_model.safetensors"))
        let resumed = try Program.run(["train", "recipe.yaml"], in: work)
        #expect(resumed.status == 0, "\(resumed.error)")
        #expect(resumed.error.contains("Went on from the checkpoint of step \(step).\n"))
        #expect(try products(work) == straight())
    }

    @Test("killed outright several times, wherever it was, the same command goes on to the same bytes")
    func killed() throws {
        let work = try workplace()
        for lines in [2, 14, 23, 31] {
            #expect(try interrupt(work, SIGKILL, afterLines: lines).status == 128 + SIGKILL)
            #expect(!work.exists("runs/adapter/adapter_model.safetensors"))
        }
        let outcome = try Program.run(["train", "recipe.yaml"], in: work)
        #expect(outcome.status == 0, "\(outcome.error)")
        #expect(try products(work) == straight())
    }

    @Test("writing answers that is interrupted ends with 130 and leaves no file")
    func interruptedGeneration() throws {
        let work = try workplace()
        let process = try Program.start(
            [
                "generate", "--model", "tiny.gguf", "--prompts", "pairs.jsonl", "--output", "out.jsonl",
                "--max-new-tokens", "900",
            ], in: work)
        usleep(400_000)
        kill(process.processIdentifier, SIGINT)
        process.waitUntilExit()
        let outcome = try Program.outcome(of: process, in: work)
        if outcome.status == 130 {
            #expect(outcome.error.contains("Stopped; out.jsonl was not written.\n"))
            #expect(!work.exists("out.jsonl") && !work.exists("out.jsonl.manifest.json"))
        } else {
            #expect(outcome.status == 0, "done before the signal, or else: \(outcome.error)")
        }
    }
}
