import Diagnostics

/// One key of a recipe: its name, its kind of value with what is allowed, and one sentence on what it does.
///
/// The table `all` is the only place where a key is known: reading, messages, the canonical text and the reference in
/// `Recipes/README.md` all come from it.
struct RecipeKey: Sendable {
    /// Which property of `Recipe` a value goes to, and what values are allowed.
    enum Kind: Sendable {
        /// A property of `Recipe`.
        typealias Place<Value> = any WritableKeyPath<Recipe, Value> & Sendable
        case text(Place<String>)
        case optionalText(Place<String?>)
        case number(Place<Double>, NumberRange)
        case integer(Place<Int>, ClosedRange<Int>, or: Int? = nil)
        case choice(Place<String>, [String])
        case choices(Place<[String]>, [String], all: String? = nil)
        case numbers(Place<[Double]>, NumberRange)
        case alwaysTrue(Place<Bool>, why: String)
        /// A number of MiB, or `auto`, which is nil.
        case mebibytes(Place<Int?>, ClosedRange<Int>)
    }

    /// The key as it stands in the file.
    let name: String
    /// Where its value goes and what is allowed.
    let kind: Kind
    /// What it does: one sentence without a final stop.
    let meaning: String
    /// Whether a recipe without it is refused.
    var isRequired = false

    /// Every key, in the order in which a recipe is best read.
    static let all: [RecipeKey] = model + loss + optimiser + batches + adapter + records

    /// The key of that name, if there is one.
    static func named(_ name: String) -> RecipeKey? { all.first { $0.name == name } }

    /// The refusal of a key that is not in the table, with what stands in its place or the nearest one that is.
    static func unknown(_ entry: RecipeEntry) -> Refusal {
        if let instead = ofPeers[entry.key] {
            return Refusal(
                code: "recipe.unknown-key", at: entry.place, "\"\(entry.key.shown)\" is not a key here",
                mend: instead)
        }
        let nearest = NearestName.suggestion(for: entry.key, among: all.map(\.name))
        return Refusal(
            code: "recipe.unknown-key", at: entry.place, "unknown key \"\(entry.key.shown)\"",
            mend: nearest.map { "write \"\($0)\", the nearest key, or see Recipes/README.md for all of them" }
                ?? "see Recipes/README.md for the keys that are read")
    }

    private static let model: [RecipeKey] = [
        RecipeKey(
            name: "model_name_or_path", kind: .text(\.modelPath),
            meaning: "The base model, a GGUF file; its weights are never changed", isRequired: true),
        RecipeKey(
            name: "dataset", kind: .text(\.dataset),
            meaning: "The pairs: a snapshot's folder (its training split is used) or a JSONL file in TRL's format",
            isRequired: true),
        RecipeKey(
            name: "output_dir", kind: .text(\.outputDirectory),
            meaning: "The folder that becomes the adapter, with metrics.jsonl, run.json and the checkpoints",
            isRequired: true),
    ]

    private static let loss: [RecipeKey] = [
        RecipeKey(
            name: "loss_type", kind: .choices(\.lossTypes, ["sigmoid", "sft"]),
            meaning: "The terms of the loss: sigmoid is DPO, sft imitates the chosen text"),
        RecipeKey(
            name: "loss_weights", kind: .numbers(\.lossWeights, .above(0, through: 100)),
            meaning: "One weight for each loss_type; 1 each where it is left out"),
        RecipeKey(
            name: "beta", kind: .number(\.beta, .above(0, through: 10)),
            meaning: "How strongly the policy is held to the reference model; smaller lets it move further"),
        RecipeKey(
            name: "label_smoothing", kind: .number(\.labelSmoothing, .from(0, below: 0.5)),
            meaning: "The share of pairs that are taken to be labelled the wrong way round"),
        RecipeKey(
            name: "precompute_ref_log_probs",
            kind: .alwaysTrue(
                \.precomputesReference,
                why: "reference log-probabilities are always computed once, before training, and cached"),
            meaning: "Always true here; the key is read so that TRL's recipes can be used as they are"),
    ]

    private static let optimiser: [RecipeKey] = [
        RecipeKey(
            name: "learning_rate", kind: .number(\.learningRate, .above(0, through: 1)),
            meaning: "The peak of the schedule; an adapter on a small model bears 1e-4 to 1e-3"),
        RecipeKey(
            name: "lr_scheduler_type",
            kind: .choice(\.scheduler, ["linear", "cosine", "constant", "constant_with_warmup"]),
            meaning: "How the learning rate falls after the warm-up"),
        RecipeKey(
            name: "warmup_ratio", kind: .number(\.warmupRatio, .from(0, below: 1)),
            meaning: "The share of the steps over which the learning rate rises from 0"),
        RecipeKey(
            name: "warmup_steps", kind: .integer(\.warmupSteps, 0...1_000_000),
            meaning: "The same as a number of steps; give this or warmup_ratio"),
        RecipeKey(
            name: "weight_decay", kind: .number(\.weightDecay, .from(0, through: 1)),
            meaning: "AdamW's decay of the adapter's weights, in units of the learning rate"),
        RecipeKey(
            name: "adam_beta1", kind: .number(\.adamBeta1, .from(0, below: 1)),
            meaning: "AdamW's memory of the gradient"),
        RecipeKey(
            name: "adam_beta2", kind: .number(\.adamBeta2, .from(0, below: 1)),
            meaning: "AdamW's memory of the gradient's square"),
        RecipeKey(
            name: "adam_epsilon", kind: .number(\.adamEpsilon, .above(0, through: 0.1)),
            meaning: "What AdamW adds to the divisor so that it is never 0"),
        RecipeKey(
            name: "max_grad_norm", kind: .number(\.maximumGradientNorm, .from(0, through: 1000)),
            meaning: "A longer gradient is shortened to this norm; 0 turns that off"),
    ]

    private static let batches: [RecipeKey] = [
        RecipeKey(
            name: "per_device_train_batch_size", kind: .integer(\.batchSize, 1...4096),
            meaning: "Pairs in one batch"),
        RecipeKey(
            name: "gradient_accumulation_steps", kind: .integer(\.accumulationSteps, 1...4096),
            meaning: "Batches in one optimiser step"),
        RecipeKey(
            name: "num_train_epochs", kind: .number(\.epochs, .above(0, through: 1000)),
            meaning: "Passes over the pairs"),
        RecipeKey(
            name: "max_steps", kind: .integer(\.maximumSteps, 1...1_000_000, or: -1),
            meaning: "Optimiser steps; when given, it decides instead of num_train_epochs"),
        RecipeKey(
            name: "max_length", kind: .integer(\.maximumLength, 8...1_048_576),
            meaning:
                "Tokens of a prompt and its answer together; a longer answer is cut there, as TRL cuts it, and counted"),
        RecipeKey(
            name: "compute_dtype", kind: .choice(\.computeType, ["float32", "bfloat16"]),
            meaning:
                "What products with frozen weights take their factors in; bfloat16 needs a processor with AVX512_BF16 or AMX"
        ),
        RecipeKey(
            name: "float32_matmul_precision", kind: .choice(\.float32Precision, ["highest", "high"]),
            meaning:
                "With compute_dtype float32, as in PyTorch: high keeps 16 bits of each factor where the processor has AMX, and is highest elsewhere"
        ),
        RecipeKey(
            name: "activation_memory", kind: .mebibytes(\.activationMebibytes, 16...1_048_576),
            meaning:
                "MiB for what a pass keeps of the layers; auto is 640 (512 with bfloat16), or an eighth of the memory if less"
        ),
        RecipeKey(
            name: "train_sampling_strategy", kind: .choice(\.samplingStrategy, ["random", "sequential"]),
            meaning: "The order of the pairs: shuffled anew in every epoch, or as they stand in the file"),
        RecipeKey(
            name: "seed", kind: .integer(\.seed, 0...Int(Int32.max)),
            meaning: "Where all randomness of the run comes from"),
    ]

    private static let adapter: [RecipeKey] = [
        RecipeKey(name: "lora_r", kind: .integer(\.loraRank, 1...1024), meaning: "The adapter's rank"),
        RecipeKey(
            name: "lora_alpha", kind: .number(\.loraAlpha, .above(0, through: 4096)),
            meaning: "The adapter's effect is scaled by lora_alpha / lora_r"),
        RecipeKey(
            name: "lora_target_modules", kind: .choices(\.loraTargets, Recipe.allTargets, all: "all-linear"),
            meaning: "The projections that get an adapter; all-linear stands for all seven"),
        RecipeKey(
            name: "adapter_init", kind: .optionalText(\.adapterInit),
            meaning: "A PEFT adapter's folder to start from instead of a fresh adapter"),
    ]

    private static let records: [RecipeKey] = [
        RecipeKey(
            name: "logging_steps", kind: .integer(\.loggingSteps, 1...1_000_000),
            meaning: "A line of metrics.jsonl is written every so many steps"),
        RecipeKey(
            name: "save_steps", kind: .integer(\.saveSteps, 1...1_000_000),
            meaning: "A checkpoint is saved every so many steps, and at the end"),
        RecipeKey(
            name: "save_total_limit", kind: .integer(\.saveTotalLimit, 1...1000),
            meaning: "How many checkpoints are kept; the oldest go first"),
        RecipeKey(
            name: "report_to", kind: .choice(\.reportTo, ["none"]),
            meaning: "Always none: nothing leaves the machine"),
    ]
}

/// The numbers that a key allows; everything else, NaN too, is refused.
struct NumberRange: Sendable {
    let lower: Double
    let includesLower: Bool
    let upper: Double
    let includesUpper: Bool

    /// `lower < x <= upper`.
    static func above(_ lower: Double, through upper: Double) -> NumberRange {
        NumberRange(lower: lower, includesLower: false, upper: upper, includesUpper: true)
    }

    /// `lower <= x <= upper`.
    static func from(_ lower: Double, through upper: Double) -> NumberRange {
        NumberRange(lower: lower, includesLower: true, upper: upper, includesUpper: true)
    }

    /// `lower <= x < upper`.
    static func from(_ lower: Double, below upper: Double) -> NumberRange {
        NumberRange(lower: lower, includesLower: true, upper: upper, includesUpper: false)
    }

    func contains(_ x: Double) -> Bool {
        (includesLower ? lower <= x : lower < x) && (includesUpper ? x <= upper : x < upper)
    }

    /// The range around a name, such as `0 < beta <= 10`.
    func text(around name: String) -> String {
        "\(plainNumber(lower)) \(includesLower ? "<=" : "<") \(name) \(includesUpper ? "<=" : "<") \(plainNumber(upper))"
    }
}

/// A number as a recipe would write it: whole numbers without a fraction.
func plainNumber(_ x: Double) -> String {
    x == x.rounded() && abs(x) < 1e15 ? String(Int(x)) : String(x)
}
