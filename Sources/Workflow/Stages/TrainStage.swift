import Alignment
public import Diagnostics
import FoundationEssentials
import Kernels
import ModelFiles
import Preferences
import StrictJSON
import Tokenization
import Transformer

/// Trains an adapter as a recipe says.
public enum TrainStage {
    static let manifestName = "run.json"
    static let metricsName = "metrics.jsonl"

    /// Trains, or goes on with a run that was stopped, or says that the adapter is there already.
    ///
    /// The output folder becomes a PEFT adapter with `metrics.jsonl`, `run.json` and the checkpoints. The reference is
    /// the model that the run starts from: the base with the adapter off or, with `adapter_init`, with that adapter.
    ///
    /// - Parameters:
    ///   - recipe: what to do.
    ///   - profiled: whether to say at the end where the time of the steps went.
    ///   - events: how to speak.
    /// - Returns: nil when it was asked to stop; what was done is then in a checkpoint.
    public static func run(_ recipe: Recipe, profiled: Bool = false, events: StageEvents) throws(Refusal)
        -> StageResult?
    {
        let watch = Stopwatch()
        try recipe.requireComputeType(BFloat16Support.current)
        let source = try PairSource(path: recipe.dataset)
        let loaded = try LoadedModel(
            path: recipe.modelPath, adapter: recipe.adapterInit,
            workers: Workers(profile: profiled ? ExecutionProfile() : nil))
        let inputs: JSONObject = [
            "model_sha256": .string(loaded.digest), "dataset_sha256": .string(source.digest),
            "adapter_init_sha256": loaded.adapterDigest.map { .string($0) } ?? .null,
            "recipe": .string(recipe.settingsText),
        ]
        let folder = recipe.outputDirectory.withoutTrailingSlash
        let manifestPath = folder.appendingPath(manifestName)
        if let done = ArtifactManifest(at: manifestPath) {
            guard let difference = done.firstDifference(from: inputs) else {
                if done.stands(for: "train", inputs, in: folder) {
                    events.say("Skipped: \(folder) holds the adapter of this recipe, model and data.")
                    return result(folder, done.facts, skipped: true)
                }
                throw taken(folder, "its files are not those that the run wrote")
            }
            throw taken(
                folder, "it holds an adapter made with another \(words(for: difference, done.inputs, inputs))")
        }
        if TextFile.exists(folder.appendingPath(AdapterDirectory.configurationName)) {
            throw taken(folder, "it holds an adapter that Overread did not train here")
        }
        try TextFile.requirePlace(for: manifestPath)
        guard let pairs = try encode(source.pairs, recipe, loaded, events: events) else { return nil }
        let adapter = loaded.adapter ?? freshAdapter(recipe, loaded.model)
        guard let reference = try referenceScores(pairs, recipe, loaded, adapter, events: events) else { return nil }
        var options = recipe.options
        options.activations = ActivationPlan(
            model: loaded.model, pairs: pairs, budgetBytes: recipe.activationBytes(ProcessFacts.machineMemoryBytes))
        let trainer = try PreferenceTrainer(
            model: loaded.model, adapter: adapter, pairs: pairs, reference: reference, options: options)
        let checkpoints = CheckpointFolder(
            folder: folder, baseModel: recipe.modelPath, fingerprint: fingerprint(inputs, recipe, options.activations),
            limit: recipe.saveTotalLimit, notice: events.say)
        try TextFile.makeFolder(folder)
        let log = GrowingFile(path: folder.appendingPath(metricsName))
        var loss = ""
        let summary: TrainingSummary
        do throws(Refusal) {
            summary = try trainer.train(
                checkpoints: checkpoints,
                onMetrics: { (metrics) throws(Refusal) in
                    loss = metrics["loss"].map { "loss \(ProgressMeter.short($0))" } ?? ""
                    try log.append(metrics.json.serialized())
                },
                progress: {
                    events.progress(
                        StageProgress(
                            "Training", done: $0.pairs, total: $0.totalPairs, unit: "pairs",
                            detail: "step \($0.step) of \($0.totalSteps)\(loss.isEmpty ? "" : ", \(loss)")"))
                },
                shouldStop: events.shouldStop)
        } catch {
            // A run that stopped itself before its first step leaves no folder that looks like a run.
            TextFile.removeEmptyFolder(folder)
            throw error
        }
        if summary.resumedFrom > 0 { events.say("Went on from the checkpoint of step \(summary.resumedFrom).") }
        if let profile = loaded.model.workers.profile {
            let table = ProfileTable(profile, threads: loaded.model.workers.count, tokens: trainer.tokensTaken)
            try TextFile.write(table.json.serialized(pretty: true) + "\n", to: folder.appendingPath("profile.json"))
            events.say(table.text)
        }
        guard !summary.wasStopped else {
            events.say("Saved after step \(summary.steps) of \(summary.totalSteps); resume with the same command.")
            return nil
        }
        try adapter.install(into: folder, baseModel: recipe.modelPath)
        var manifest = ArtifactManifest(stage: "train", inputs: inputs)
        manifest.facts = facts(summary, recipe, adapter, pairs)
        manifest.addMachine(seconds: watch.seconds)
        for name in [AdapterDirectory.weightsName, AdapterDirectory.configurationName, metricsName] {
            try manifest.addOutput(name, in: folder)
        }
        try manifest.write(to: manifestPath)
        return result(folder, manifest.facts, skipped: false)
    }

    /// An input's name for a message; of two recipes, the first setting that differs.
    private static func words(for input: String, _ old: JSONObject, _ new: JSONObject) -> String {
        guard input == "recipe", let before = old[input]?.string, let now = new[input]?.string else { return input }
        let lines = zip(before.split(separator: "\n"), now.split(separator: "\n"))
        return lines.first { $0 != $1 }.map { "recipe: \"\($0)\" then, \"\($1)\" now" } ?? input
    }

    private static func taken(_ folder: String, _ problem: String) -> Refusal {
        Refusal(
            code: "train.output-taken", at: folder, problem,
            mend: "choose another output_dir, or remove the folder if it is no longer needed")
    }

    private static func encode(
        _ pairs: [PreferencePair], _ recipe: Recipe, _ loaded: LoadedModel, events: StageEvents
    ) throws(Refusal) -> [EncodedPair]? {
        let encoder = PairEncoder(
            tokenizer: loaded.model.tokenizer, template: loaded.model.chatTemplate, maxLength: recipe.maximumLength,
            contextLength: loaded.model.configuration.maxPositionEmbeddings)
        let encoded = try PairSource.encode(pairs, with: encoder, named: recipe.dataset)
        let cut = encoded.count { $0.chosenWasCut || $0.rejectedWasCut }
        if cut > 0 {
            events.say("\(counted(cut, "pair")) of \(encoded.count) cut to max_length \(recipe.maximumLength).")
        }
        let moved = encoded.count(where: \.boundaryMoved)
        if moved > 0 {
            events.say("\(counted(moved, "prompt")) lost their last tokens, which merge with the answer's first.")
        }
        return encoded
    }

    private static func freshAdapter(_ recipe: Recipe, _ model: DecoderModel) -> LoRAAdapter {
        LoRAAdapter(
            fresh: model.configuration, rank: recipe.loraRank, alpha: recipe.loraAlpha,
            targets: recipe.loraTargets.compactMap(Projection.init), seed: UInt64(recipe.seed))
    }

    private static func referenceScores(
        _ pairs: [EncodedPair], _ recipe: Recipe, _ loaded: LoadedModel, _ adapter: LoRAAdapter, events: StageEvents
    ) throws(Refusal) -> [PairScore]? {
        let cache = ReferenceCache(
            folder: recipe.outputDirectory.withoutTrailingSlash.parentFolder.appendingPath(".reference-cache"))
        let key = ReferenceCache.Key(
            base: loaded.digest, startingAdapter: Alignment.Digests.adapter(loaded.adapter),
            template: loaded.model.chatTemplate.rawValue, maxLength: recipe.maximumLength,
            computeType: recipe.options.computeType)
        events.progress(StageProgress("Reference", done: 0, total: pairs.count, unit: "pairs"))
        guard
            let found = try cache.scores(
                for: pairs, model: loaded.model, adapter: adapter, key: key,
                progress: { done, total in
                    events.progress(StageProgress("Reference", done: done, total: total, unit: "pairs"))
                    return done == total || !events.shouldStop()
                })
        else {
            events.say("Stopped; the reference values computed so far are kept. Resume with the same command.")
            return nil
        }
        events.say(
            "Reference log-probabilities: \(found.computed) computed, \(pairs.count - found.computed) from the cache.")
        return found.scores
    }

    /// All that the bits of a run depend on.
    private static func fingerprint(
        _ inputs: JSONObject, _ recipe: Recipe, _ activations: ActivationPlan
    ) -> [(name: String, value: String)] {
        let environment = NumericEnvironment.current()
        var result: [(name: String, value: String)] = inputs.members.filter { $0.key != "recipe" }.map {
            ($0.key, $0.value.string ?? "none")
        }
        for line in recipe.settingsText.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            result.append((String(line[..<colon]), line[line.index(after: colon)...].drop { $0 == " " }.description))
        }
        result += [
            ("blas", environment.blas), ("blas_core", environment.blasCore),
            ("float32_products", environment.float32Products), ("bfloat16_products", environment.bfloat16Products),
            ("loops", environment.loops), ("threads", String(environment.processors)),
            ("tokens_in_a_pass", String(activations.packedRows)),
        ]
        return result
    }

    private static func facts(
        _ summary: TrainingSummary, _ recipe: Recipe, _ adapter: LoRAAdapter, _ pairs: [EncodedPair]
    ) -> JSONObject {
        var facts: JSONObject = [
            "steps": .number(JSONNumber(summary.steps)), "pairs": .number(JSONNumber(pairs.count)),
            "trainable_parameters": .number(JSONNumber(adapter.parameterCount)),
            "resumed_from_step": .number(JSONNumber(summary.resumedFrom)),
            "model_name_or_path": .string(recipe.modelPath), "beta": .number(JSONNumber(recipe.beta)),
            "seed": .number(JSONNumber(recipe.seed)), "max_length": .number(JSONNumber(recipe.maximumLength)),
        ]
        if let last = summary.log.last { facts["final_metrics"] = last.json }
        return facts
    }

    private static func result(_ folder: String, _ facts: JSONObject, skipped: Bool) -> StageResult {
        let last = facts["final_metrics"]
        func figure(_ name: String) -> String { last?[name]?.double.map(ProgressMeter.short) ?? "–" }
        var text = "\(folder): an adapter after \(facts["steps"]?.int ?? 0) steps; last loss \(figure("loss"))"
        if last?["rewards/margins"] != nil { text += ", rewards/margins \(figure("rewards/margins"))" }
        var object: JSONObject = ["output_dir": .string(folder), "skipped": .bool(skipped)]
        object.members += facts.members
        return StageResult(object, text: text + ".")
    }
}

extension Recipe {
    /// The recipe without the paths, which say where things are and not what is done.
    var settingsText: String {
        let paths = ["model_name_or_path:", "dataset:", "output_dir:", "adapter_init:"]
        return canonicalText.split(separator: "\n").filter { line in !paths.contains { line.hasPrefix($0) } }
            .joined(separator: "\n")
    }

    /// The bytes for a pass's activations; the same on one machine whatever else runs there, so that a resumed run
    /// packs as it did before.
    func activationBytes(_ machineMemory: Int?) -> Int {
        let mebibyte = 1 << 20
        if let activationMebibytes { return activationMebibytes * mebibyte }
        let usual = computeType == ComputeType.bfloat16.rawValue ? 512 : 640
        return min(usual * mebibyte, (machineMemory ?? 8 << 30) / 8)
    }

    /// Refuses `compute_dtype: bfloat16` where it could only be computed slowly.
    func requireComputeType(_ support: BFloat16Support) throws(Refusal) {
        guard computeType == ComputeType.bfloat16.rawValue, let problem = support.problem else { return }
        throw Refusal(
            .environment, code: "train.no-bfloat16", at: "compute_dtype", problem.words,
            mend: "\(problem.mend), or train with compute_dtype: float32, which works everywhere")
    }

    /// The recipe as the trainer takes it.
    var options: TrainingOptions {
        let terms = zip(lossTypes, effectiveLossWeights).compactMap { name, weight in
            LossTerm(rawValue: name).map { PreferenceLoss.WeightedTerm($0, weight: weight) }
        }
        var options = TrainingOptions(loss: PreferenceLoss(beta: beta, terms: terms, labelSmoothing: labelSmoothing))
        options.learningRate = learningRate
        options.schedulerKind = LearningRateScheduleKind(rawValue: scheduler) ?? .linear
        options.warmupRatio = warmupRatio
        options.warmupSteps = warmupSteps
        options.optimizer = AdamWOptions(
            beta1: adamBeta1, beta2: adamBeta2, epsilon: adamEpsilon, weightDecay: weightDecay)
        options.maxGradNorm = maximumGradientNorm
        options.computeType = ComputeType(rawValue: computeType) ?? .float32
        if options.computeType == .float32, float32Precision == "high" { options.computeType = .float32High }
        options.perDeviceTrainBatchSize = batchSize
        options.gradientAccumulationSteps = accumulationSteps
        options.numTrainEpochs = epochs
        options.maxSteps = max(0, maximumSteps)
        options.samplingStrategy = TrainingOptions.SamplingStrategy(rawValue: samplingStrategy) ?? .random
        options.seed = UInt64(seed)
        options.loggingSteps = loggingSteps
        options.saveSteps = saveSteps
        options.saveTotalLimit = saveTotalLimit
        return options
    }
}
