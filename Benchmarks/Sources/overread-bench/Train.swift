import Alignment
import ArgumentParser
import Diagnostics
import Kernels
import StrictJSON
import Transformer

extension ComputeType: @retroactive ExpressibleByArgument {}

/// Times DPO steps as a run makes them.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Time DPO steps: LoRA r 16 on all seven projections.")

    @OptionGroup var options: ModelOptions
    @Option(help: "Pairs, JSONL.") var pairs: String
    @Option(help: "Pairs in a batch.") var batch = 8
    @Option(help: "Steps; the first is a warm-up and is not counted when there are more.") var steps = 4
    @Option(help: "Pairs of the file's end that are not trained on but looked at after the last step.") var heldOut = 0
    @Option(help: "Threads; 0 is one for each processor.") var threads = 0
    @Option(help: "float32, float32_high or bfloat16.") var computeType = ComputeType.float32
    @Option(help: "MiB for activations; as a recipe's auto when left out.") var activationMemory: Int?

    func run() throws {
        let watch = Watch()
        let profile = ExecutionProfile()
        let workers = Workers(threads > 0 ? threads : nil, profile: profile)
        let model = try DecoderModel(path: options.model, workers: workers)
        let known = try encodedPairs(pairs, model)
        let (all, others) = (Array(known.dropLast(heldOut)), known.suffix(heldOut))
        let pairs = (0..<batch * steps).map { all[$0 % all.count] }
        let reference = Watch()
        let scores = PairScorer(model: model, computeType: computeType).score(pairs)
        let referenceSeconds = reference.seconds
        var settings = TrainingOptions(loss: PreferenceLoss(beta: 0.1))
        settings.learningRate = 1e-4
        settings.schedulerKind = .constant
        settings.perDeviceTrainBatchSize = batch
        settings.maxSteps = steps
        settings.computeType = computeType
        settings.samplingStrategy = .sequential
        settings.activations = ActivationPlan(
            model: model, pairs: pairs, budgetBytes: (activationMemory ?? (computeType == .bfloat16 ? 512 : 640)) << 20)
        let adapter = filledAdapter(model, rank: 16, alpha: 32)
        let trainer = try PreferenceTrainer(
            model: model, adapter: adapter, pairs: pairs, reference: scores, options: settings)
        var (losses, times): ([Double], [Double]) = ([], [])
        var step = Watch()
        var timeToFirstStep = 0.0
        _ = try trainer.train(
            checkpoints: nil,
            onMetrics: { (metrics) throws(Refusal) in losses.append(metrics["loss"] ?? .nan) },
            progress: {
                if $0.step == 1 { timeToFirstStep = watch.seconds }
                if $0.step > 0 { times.append(step.seconds) }
                step = Watch()
            })
        let found = heldOutMargins(Array(others), model, adapter)
        let counted = times.count > 1 ? Array(times.dropFirst()) : times
        let tokens = Double(pairs.prefix(batch).reduce(0) { $0 + $1.tokenCount })
        let rows = Double(pairs.prefix(batch).reduce(0) { $0 + $1.packedCount })
        let operations = profile.entries.reduce(0) { $0 + $1.operations }
        var kinds = JSONObject()
        var rates = JSONObject()
        for entry in profile.entries {
            kinds[entry.kind.name] = number(entry.seconds / profile.seconds)
            if entry.operations > 0 { rates[entry.kind.name] = number(entry.operations / entry.seconds * 1e-9) }
        }
        let result: JSONValue = [
            "batch": number(Double(batch)), "tokens": number(tokens), "rows": number(rows),
            "step_seconds": .array(counted.map(number)), "median_step_seconds": number(median(counted)),
            "tokens_per_second": number(tokens / median(counted)),
            "pairs_per_second": number(Double(batch) / median(counted)),
            "reference_seconds_per_pair": number(referenceSeconds / Double(pairs.count)),
            "seconds_to_first_step": number(timeToFirstStep), "losses": .array(losses.map(number)),
            "peak_memory_bytes": number(peakMemoryBytes), "gflops": number(operations / profile.seconds * 1e-9),
            "idle_share": number(profile.idleShare(threads: workers.count)), "shares": .object(kinds),
            "rates": .object(rates),
            "held_out_accuracy": number(Double(found.count { $0 > 0 }) / Double(found.count)),
            "held_out_margin": number(found.reduce(0, +) / Double(found.count)),
            "compute_dtype": .string(computeType.rawValue),
            "products": .string(
                computeType == .bfloat16
                    ? NumericEnvironment.current().bfloat16Products : NumericEnvironment.current().float32Products),
            "activations": .string("\(settings.activations.policy)"),
        ]
        print(result.serialized())
    }
}

extension Train {
    /// TRL's reward margins: beta times how much more the chosen answer's log-ratio is than the rejected one's.
    private func heldOutMargins(_ pairs: [EncodedPair], _ model: DecoderModel, _ adapter: LoRAAdapter) -> [Double] {
        guard !pairs.isEmpty else { return [] }
        let base = PairScorer(model: model, computeType: computeType).score(pairs)
        let policy = PairScorer(model: model, adapter: adapter, computeType: computeType).score(pairs)
        return zip(policy, base).map {
            0.1 * (($0.chosenLogp - $1.chosenLogp) - ($0.rejectedLogp - $1.rejectedLogp))
        }
    }
}

/// The adapter from which all programs start: A filled from its PEFT name by a rule in integers, B zero.
///
/// `Tests/GoldenGenerators/README.md` describes the rule, with which the peers' script fills its own.
private func filledAdapter(_ model: DecoderModel, rank: Int, alpha: Double) -> LoRAAdapter {
    LoRAAdapter(
        configuration: model.configuration, rank: rank, alpha: alpha, usesRankStabilization: false,
        targets: [.q_proj, .k_proj, .v_proj, .o_proj, .gate_proj, .up_proj, .down_proj]
    ) { (name, isA, shape) throws(Never) in
        guard isA else { return Matrix(rows: shape.rows, columns: shape.columns) }
        var state = name.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        let scale = 1 / Double(shape.columns).squareRoot()
        return Matrix(
            rows: shape.rows, columns: shape.columns,
            values: (0..<shape.rows * shape.columns).map { _ in
                state &+= 0x9E37_79B9_7F4A_7C15
                var z = state
                z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
                z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
                z ^= z >> 31
                return Float((Double(z >> 40) / 16_777_216 * 2 - 1) * scale)
            })
    }
}
