import Alignment
import Diagnostics
import Foundation
import Kernels
import ModelFiles
import StrictJSON
import Testing
import Transformer

/// Whole runs of TRL's `DPOTrainer`, step by step.
@Suite("TRL's own runs", .serialized)
struct PeerRunTests {
    /// The runs of TRL that use losses we have.
    static var runs: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(PeerFixtures.folder)/runs")) ?? []
        return names.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted().filter { name in
            guard let run = try? PeerFixtures.json("runs/\(name).json"), run["log"]?.array != nil,
                let types = run["settings"]?["loss_type"]?.array?.compactMap(\.string),
                types.allSatisfy({ LossTerm(rawValue: $0) != nil })
            else { return false }
            if run["evaluations"] != nil { return false }  // the same run as tiny-sigmoid, stopped early to evaluate
            return run["model"]?.string != "smollm2-135m" || PeerFixtures.hasRealModel
        }
    }

    @Test("loss, rewards, log-probabilities and grad_norm agree at each step", arguments: runs)
    func trajectory(name: String) throws {
        let run = try PeerFixtures.json("runs/\(name).json")
        let metrics = try trained(run)
        let log = try #require(run["log"]?.array).filter { $0["loss"] != nil }
        #expect(log.count >= 6 && metrics.count >= log.count)
        for (ours, theirs) in zip(metrics, log) {
            let compared = [
                "loss", "grad_norm", "learning_rate", "epoch", "num_tokens", "entropy", "mean_token_accuracy",
                "logits/chosen", "logits/rejected", "logps/chosen", "logps/rejected", "rewards/chosen",
                "rewards/rejected", "rewards/margins", "rewards/accuracies",
            ]
            for key in compared {
                guard let expected = theirs[key]?.double else { continue }
                let value = try #require(ours[key], "step \(ours.step): no \(key)")
                // Rewards are differences of sums: what rounding leaves of a sum of 300 is the floor.
                let floor = key.hasPrefix("rewards/") ? 0.1 : key == "learning_rate" ? 1e-9 : 0.05
                #expect(
                    relativeError(value, expected, floor: floor) < 1e-3,
                    "step \(ours.step), \(key): \(value) for \(expected)")
            }
        }
    }

    @Test("with bf16 factors a run goes where TRL's fp32 run goes", arguments: runs.filter { $0.hasPrefix("tiny") })
    func bfloat16(name: String) throws {
        let run = try PeerFixtures.json("runs/\(name).json")
        let metrics = try trained(run, computeType: .bfloat16)
        let log = try #require(run["log"]?.array).filter { $0["loss"] != nil }
        #expect(log.count >= 6 && metrics.count >= log.count)
        for (ours, theirs) in zip(metrics, log) {
            // bf16 has 8 bits: what a step sees of a sum of log-probabilities is known to a few hundredths of its size.
            for (key, tolerance) in [("loss", 0.02), ("logps/chosen", 0.01), ("entropy", 0.02), ("num_tokens", 0)] {
                guard let expected = theirs[key]?.double else { continue }
                let value = try #require(ours[key], "step \(ours.step): no \(key)")
                #expect(
                    relativeError(value, expected, floor: 0.05) <= tolerance,
                    "step \(ours.step), \(key): \(value) for \(expected)")
            }
        }
    }

    private func trained(_ run: JSONValue, computeType: ComputeType = .float32) throws -> [TrainingMetrics] {
        let modelName = try #require(run["model"]?.string)
        let model = try DecoderModel(path: PeerFixtures.modelPath(modelName))
        let settings = try #require(run["settings"])
        let rank = try #require(run["r"]?.int)
        let adapter = PeerFixtures.filledAdapter(
            model, rank: rank, alpha: try #require(run["lora_alpha"]?.double), bScale: 0)
        let encoder = PeerFixtures.encoder(model)
        let examples = try PeerFixtures.examples("pairs")
        let kept = (run["kept_indices"]?.array ?? []).compactMap(\.int)
        // TRL keeps a pair whose answers are the same after the cut, which our encoder refuses: so the cut is made here.
        let pairs = try kept.map { index in
            var pair = try encoder.encode(examples[index])
            let room = (settings["max_length"]?.int ?? .max) - pair.prompt.count
            pair.chosen = Array(pair.chosen.prefix(room))
            pair.rejected = Array(pair.rejected.prefix(room))
            return pair
        }
        var options = options(settings)
        options.computeType = computeType
        let trainer = try PreferenceTrainer(
            model: model, adapter: adapter, pairs: pairs,
            reference: PairScorer(model: model, computeType: computeType).score(pairs), options: options)
        var metrics: [TrainingMetrics] = []
        _ = try trainer.train(checkpoints: nil, onMetrics: { line throws(Refusal) in metrics.append(line) })
        return metrics
    }

    private func options(_ settings: JSONValue) -> TrainingOptions {
        let types = (settings["loss_type"]?.array ?? []).compactMap { $0.string.flatMap(LossTerm.init) }
        let weights = settings["loss_weights"]?.array?.compactMap(\.double) ?? types.map { _ in 1 }
        var options = TrainingOptions(
            loss: PreferenceLoss(
                beta: settings["beta"]?.double ?? 0.1,
                terms: zip(types, weights).map { PreferenceLoss.WeightedTerm($0, weight: $1) }))
        options.learningRate = settings["learning_rate"]?.double ?? 0
        options.schedulerKind =
            LearningRateScheduleKind(rawValue: settings["lr_scheduler_type"]?.string ?? "") ?? .linear
        let warmup = settings["warmup_steps"]?.double ?? 0
        if warmup >= 1 { options.warmupSteps = Int(warmup) } else { options.warmupRatio = warmup }
        options.optimizer.weightDecay = settings["weight_decay"]?.double ?? 0
        options.maxGradNorm = settings["max_grad_norm"]?.double ?? 1
        options.perDeviceTrainBatchSize = settings["per_device_train_batch_size"]?.int ?? 8
        options.gradientAccumulationSteps = settings["gradient_accumulation_steps"]?.int ?? 1
        options.maxSteps = settings["max_steps"]?.int ?? 0
        if options.maxSteps <= 0 { options.numTrainEpochs = settings["num_train_epochs"]?.double ?? 1 }
        options.samplingStrategy = .sequential
        return options
    }
}
