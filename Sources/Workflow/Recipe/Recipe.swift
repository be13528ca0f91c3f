public import Diagnostics
import FoundationEssentials

/// One training job as its YAML file says it, checked: every value is present and within its range.
///
/// Keys, defaults and ranges come from one table, `RecipeKey.all`, that also makes `Recipes/README.md`. Keys are TRL's
/// and PEFT's where those have them.
public struct Recipe: Sendable, Equatable {
    /// `model_name_or_path`: the base model, a GGUF file.
    public internal(set) var modelPath = ""
    /// `dataset`: a snapshot folder, or a JSONL file in TRL's preference format.
    public internal(set) var dataset = ""
    /// `output_dir`: the folder that becomes the adapter.
    public internal(set) var outputDirectory = ""
    /// `adapter_init`: a PEFT folder to start from, or nil for a fresh adapter.
    public internal(set) var adapterInit: String?

    /// `loss_type`: the terms of the loss, `sigmoid` and `sft`, each at most once.
    public internal(set) var lossTypes = ["sigmoid"]
    /// `loss_weights`: one weight for each term; empty stands for 1 each.
    public internal(set) var lossWeights: [Double] = []
    /// `beta`: the strength of the pull to the reference model, dimensionless.
    public internal(set) var beta = 0.1
    /// `label_smoothing`: the share of pairs taken as labelled the wrong way round, below one half.
    public internal(set) var labelSmoothing = 0.0
    /// `precompute_ref_log_probs`: always true here; kept so that TRL's recipes read.
    public internal(set) var precomputesReference = true

    /// `learning_rate`: the peak of the schedule.
    public internal(set) var learningRate = 5e-5
    /// `lr_scheduler_type`: `linear`, `cosine`, `constant` or `constant_with_warmup`.
    public internal(set) var scheduler = "linear"
    /// `warmup_ratio`: the share of the steps over which the rate rises from 0.
    public internal(set) var warmupRatio = 0.0
    /// `warmup_steps`: the same as a number of steps; 0 leaves it to the ratio.
    public internal(set) var warmupSteps = 0
    /// `weight_decay`: AdamW's decoupled decay.
    public internal(set) var weightDecay = 0.0
    /// `adam_beta1`: the decay of the first moment.
    public internal(set) var adamBeta1 = 0.9
    /// `adam_beta2`: the decay of the second moment.
    public internal(set) var adamBeta2 = 0.999
    /// `adam_epsilon`: what is added to the root of the second moment.
    public internal(set) var adamEpsilon = 1e-8
    /// `max_grad_norm`: the gradient's norm is cut to this; 0 leaves it alone.
    public internal(set) var maximumGradientNorm = 1.0

    /// `per_device_train_batch_size`: pairs that go through the model before the gradient is kept.
    public internal(set) var batchSize = 8
    /// `gradient_accumulation_steps`: such batches for one optimiser step.
    public internal(set) var accumulationSteps = 1
    /// `num_train_epochs`: passes over the pairs; a fraction is allowed.
    public internal(set) var epochs = 3.0
    /// `max_steps`: optimiser steps, which then win over the epochs; -1 leaves it to them.
    public internal(set) var maximumSteps = -1
    /// `max_length`: tokens of prompt and completion together, at most.
    public internal(set) var maximumLength = 1024
    /// `compute_dtype`: `float32` or `bfloat16`, the type of the factors of products with frozen weights.
    public internal(set) var computeType = "float32"
    /// `float32_matmul_precision`: `highest`, or `high` for 16 bits of each factor where that is faster.
    public internal(set) var float32Precision = "highest"
    /// `activation_memory`: MiB for a pass's activations; nil is `auto`.
    public internal(set) var activationMebibytes: Int?
    /// `train_sampling_strategy`: `random`, or `sequential` for the file's own order.
    public internal(set) var samplingStrategy = "random"
    /// `seed`: where all randomness of the run comes from.
    public internal(set) var seed = 42

    /// `lora_r`: the adapter's rank.
    public internal(set) var loraRank = 16
    /// `lora_alpha`: the adapter's scale is this over the rank.
    public internal(set) var loraAlpha = 32.0
    /// `lora_target_modules`: the projections that get an adapter.
    public internal(set) var loraTargets = Recipe.allTargets

    /// `logging_steps`: a line of metrics every so many steps.
    public internal(set) var loggingSteps = 10
    /// `save_steps`: a checkpoint every so many steps.
    public internal(set) var saveSteps = 500
    /// `save_total_limit`: how many checkpoints are kept.
    public internal(set) var saveTotalLimit = 2
    /// `report_to`: always `none`; nothing is sent anywhere.
    public internal(set) var reportTo = "none"

    /// The keys that the file or an override gave, sorted; all others stand at their defaults.
    public internal(set) var givenKeys: [String] = []

    /// The seven linear projections of a Llama layer, under PEFT's names.
    static let allTargets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]

    /// Reads a recipe's file and lays overrides over it.
    ///
    /// - Parameters:
    ///   - path: a YAML file of at most 256 KiB.
    ///   - overrides: `key=value` each, checked by the same rules; a later one wins over an earlier one.
    public init(path: String, overrides: [String] = []) throws(Refusal) {
        let bytes = try TextFile.read(path, code: "recipe", limit: 256 * 1024)
        try self.init(text: bytes, named: path, overrides: overrides)
    }

    /// Reads a recipe from its text.
    ///
    /// - Parameters:
    ///   - text: YAML: one mapping of keys to words, numbers or lists of them. Anchors, aliases, tags and a second
    ///     document are refused.
    ///   - name: what messages call the file.
    ///   - overrides: `key=value` each.
    public init(text: String, named name: String, overrides: [String] = []) throws(Refusal) {
        var entries = try RecipeDocument.entries(of: text, named: name)
        for override in overrides {
            let entry = try RecipeDocument.override(override)
            entries.removeAll { $0.key == entry.key }
            entries.append(entry)
        }
        for entry in entries {
            guard let key = RecipeKey.named(entry.key) else { throw RecipeKey.unknown(entry) }
            try key.apply(entry.value, to: &self)
        }
        givenKeys = entries.map(\.key).sorted()
        for key in RecipeKey.all where key.isRequired && !givenKeys.contains(key.name) {
            throw Refusal(
                code: "recipe.missing-key", at: name, "\"\(key.name)\" is missing; it has no default",
                mend: "add a line \"\(key.name): …\": \(key.meaning.lowercasedFirst)")
        }
        try checkTogether(named: name)
    }

    /// Whether the run trains by preference at all, not by imitation of the chosen texts alone.
    public var usesPreferences: Bool { lossTypes.contains("sigmoid") }

    /// The weight of each term of the loss, in `lossTypes`' order.
    public var effectiveLossWeights: [Double] {
        lossWeights.isEmpty ? lossTypes.map { _ in 1 } : lossWeights
    }

    /// Every key with its value as YAML, one a line in the table's order; equal for equal recipes.
    public var canonicalText: String {
        RecipeKey.all.map { "\($0.name): \($0.valueText(of: self))\n" }.joined()
    }

    /// Checks what no key can be checked for alone.
    private func checkTogether(named name: String) throws(Refusal) {
        func conflict(_ problem: String, _ remedy: String) -> Refusal {
            Refusal(code: "recipe.conflict", at: name, problem, mend: remedy)
        }
        if !lossWeights.isEmpty, lossWeights.count != lossTypes.count {
            throw conflict(
                "loss_weights has \(counted(lossWeights.count, "number")) for \(counted(lossTypes.count, "loss_type"))",
                "give one weight for each loss_type, or leave loss_weights out for 1 each")
        }
        if warmupRatio > 0, warmupSteps > 0 {
            throw conflict("warmup_ratio and warmup_steps are both given", "keep one of them")
        }
        if maximumSteps > 0, warmupSteps > maximumSteps {
            throw conflict(
                "warmup_steps is \(warmupSteps), more than max_steps, which is \(maximumSteps)",
                "make the warm-up shorter than the run")
        }
        if labelSmoothing > 0, !usesPreferences {
            throw conflict(
                "label_smoothing is given, and loss_type has no preference term that it could smooth",
                "add sigmoid to loss_type, or leave label_smoothing out")
        }
        if adapterInit != nil,
            let key = ["lora_alpha", "lora_r", "lora_target_modules"].first(where: givenKeys.contains)
        {
            throw conflict(
                "\(key) is given beside adapter_init, whose folder already says it",
                "leave \(key) out; it is read from the adapter's adapter_config.json")
        }
    }
}

/// "1 number", "2 numbers".
func counted(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }

extension String {
    /// The text with its first letter in lower case, for use inside a sentence.
    var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }

    /// The text as a message may show it: control characters escaped, cut after 60 scalars.
    var shown: String {
        var result = ""
        for scalar in unicodeScalars.prefix(60) {
            let isPlain = scalar.value >= 32 && scalar.value != 127 && !(0x80...0x9F).contains(scalar.value)
            result += isPlain ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
        }
        return unicodeScalars.count > 60 ? result + "…" : result
    }
}
