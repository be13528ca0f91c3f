import Alignment
import Diagnostics
import Kernels
import Testing

@testable import Workflow

@Suite("Recipes")
struct RecipeTests {
    static let least = "model_name_or_path: m.gguf\ndataset: d\noutput_dir: o\n"

    private func read(_ extra: String, _ overrides: [String] = []) throws -> Recipe {
        try Recipe(text: Self.least + extra, named: "r.yaml", overrides: overrides)
    }

    private func refusal(_ extra: String, _ overrides: [String] = []) throws -> Refusal {
        try #require(throws: Refusal.self) {
            try Recipe(text: Self.least + extra, named: "r.yaml", overrides: overrides)
        }
    }

    @Test("a recipe of the three required keys stands at TRL's kind of defaults")
    func defaults() throws {
        let recipe = try read("")
        #expect(recipe.modelPath == "m.gguf")
        #expect(recipe.beta == 0.1)
        #expect(recipe.lossTypes == ["sigmoid"])
        #expect(recipe.effectiveLossWeights == [1])
        #expect(recipe.loraTargets.count == 7)
        #expect(recipe.maximumSteps == -1)
        #expect(recipe.givenKeys == ["dataset", "model_name_or_path", "output_dir"])
    }

    @Test("every key is read into its own property")
    func everyKey() throws {
        let recipe = try read(
            """
            adapter_init: start
            loss_type: [sft, sigmoid]
            loss_weights: [0.5, 2]
            beta: 0.25
            label_smoothing: 0.1
            precompute_ref_log_probs: true
            learning_rate: 5e-4
            lr_scheduler_type: constant_with_warmup
            warmup_steps: 7
            weight_decay: 0.01
            adam_beta1: 0.8
            adam_beta2: 0.95
            adam_epsilon: 1e-6
            max_grad_norm: 0.5
            per_device_train_batch_size: 4
            gradient_accumulation_steps: 2
            num_train_epochs: 1.5
            max_steps: 30
            max_length: 512
            compute_dtype: bfloat16
            train_sampling_strategy: sequential
            seed: 7
            logging_steps: 3
            save_steps: 9
            save_total_limit: 4
            report_to: none
            """)
        #expect(recipe.adapterInit == "start")
        #expect(recipe.lossTypes == ["sft", "sigmoid"])
        #expect(recipe.lossWeights == [0.5, 2])
        #expect(recipe.beta == 0.25)
        #expect(recipe.labelSmoothing == 0.1)
        #expect(recipe.learningRate == 5e-4)
        #expect(recipe.scheduler == "constant_with_warmup")
        #expect(recipe.warmupSteps == 7)
        #expect(recipe.weightDecay == 0.01)
        #expect(recipe.adamBeta1 == 0.8)
        #expect(recipe.adamBeta2 == 0.95)
        #expect(recipe.adamEpsilon == 1e-6)
        #expect(recipe.maximumGradientNorm == 0.5)
        #expect(recipe.batchSize == 4)
        #expect(recipe.accumulationSteps == 2)
        #expect(recipe.epochs == 1.5)
        #expect(recipe.maximumSteps == 30)
        #expect(recipe.maximumLength == 512)
        #expect(recipe.computeType == "bfloat16" && recipe.options.computeType == .bfloat16)
        #expect(recipe.samplingStrategy == "sequential")
        #expect(recipe.seed == 7)
        #expect(recipe.loggingSteps == 3)
        #expect(recipe.saveSteps == 9)
        #expect(recipe.saveTotalLimit == 4)
        let adapter = try read("lora_r: 4\nlora_alpha: 8\nlora_target_modules: [q_proj, v_proj]\nwarmup_ratio: 0.1")
        #expect(adapter.loraRank == 4)
        #expect(adapter.loraAlpha == 8)
        #expect(adapter.loraTargets == ["q_proj", "v_proj"])
        #expect(adapter.warmupRatio == 0.1)
        #expect(adapter.options.computeType == .float32)
        let high = try read("float32_matmul_precision: high")
        #expect(high.float32Precision == "high" && high.options.computeType == .float32High)
        let both = try read("float32_matmul_precision: high\ncompute_dtype: bfloat16")
        #expect(both.options.computeType == .bfloat16)
    }

    @Test("an unknown key is named with its place and the nearest known one")
    func unknownKey() throws {
        #expect(
            try refusal("bata: 0.1").description
                == "recipe.unknown-key  r.yaml:4:1: unknown key \"bata\". "
                + "Mend: write \"beta\", the nearest key, or see Recipes/README.md for all of them.")
        #expect(
            try refusal("", ["bata=1"]).description
                == "recipe.unknown-key  --set bata: unknown key \"bata\". "
                + "Mend: write \"beta\", the nearest key, or see Recipes/README.md for all of them.")
        #expect(try refusal("completely_else: 1").remedy == "see Recipes/README.md for the keys that are read")
        #expect(try refusal("bata: 0.1").kind.exitCode == 2)
    }

    @Test("a key of TRL, transformers or PEFT that has another name here is answered with it")
    func peersKey() throws {
        #expect(
            try refusal("bf16: true").description
                == "recipe.unknown-key  r.yaml:4:1: \"bf16\" is not a key here. "
                + "Mend: write compute_dtype: bfloat16, or leave it out for float32.")
        #expect(try refusal("", ["target_modules=all-linear"]).remedy == "write lora_target_modules")
        #expect(RecipeKey.ofPeers.keys.allSatisfy { RecipeKey.named($0) == nil })
        let named = RecipeKey.ofPeers.values.flatMap { $0.matches(of: /(?:write |; )([a-z]+_[a-z_]+)/).map(\.1) }
        #expect(named.count >= 9 && named.allSatisfy { RecipeKey.named(String($0)) != nil })
    }

    @Test(
        "a beta that is not a number in its range is refused with what is allowed",
        arguments: ["-0.1", "0", "1e9", ".nan", ".inf", "nan", "012", "1_000", "0x1p3", ".5", "+1", "'0.1'", "", "1."])
    func beta(_ written: String) throws {
        let refusal = try refusal("beta: \(written)")
        #expect(refusal.location == (written.isEmpty ? "r.yaml:4:6" : "r.yaml:4:7"))
        #expect(refusal.problem.hasSuffix("allowed is 0 < beta <= 10"))
        #expect(["recipe.out-of-range", "recipe.not-a-number"].contains(refusal.code))
    }

    @Test("the words of a number out of range, of a number in quotes and of a wrong choice")
    func words() throws {
        #expect(
            try refusal("beta: -0.1").description
                == "recipe.out-of-range  r.yaml:4:7: beta is -0.1; allowed is 0 < beta <= 10. "
                + "Mend: write a number in that range.")
        #expect(
            try refusal("beta: \"0.1\"").description
                == "recipe.not-a-number  r.yaml:4:7: beta is \"0.1\" in quotes, which is not a number; "
                + "allowed is 0 < beta <= 10. "
                + "Mend: write it like 5, 0.1 or 5e-4: no quotes, no leading zeros, no underscores.")
        #expect(
            try refusal("lr_scheduler_type: cosin").description
                == "recipe.out-of-range  r.yaml:4:20: lr_scheduler_type is cosin; "
                + "allowed is linear, cosine, constant, constant_with_warmup. Mend: write cosine.")
        #expect(
            try refusal("max_steps: 0").problem == "max_steps is 0; allowed is -1, or 1 to 1000000")
        #expect(try refusal("seed: 1.5").problem == "seed is 1.5; allowed is 0 to 2147483647")
        #expect(try refusal("lora_target_modules: [q_proj, qproj]").location == "r.yaml:4:31")
        #expect(
            try refusal("precompute_ref_log_probs: false").problem
                == "precompute_ref_log_probs is false; allowed is true: "
                + "reference log-probabilities are always computed once, before training, and cached")
        #expect(try refusal("report_to: wandb").problem == "report_to is wandb; allowed is none")
        #expect(try refusal("adapter_init: no").remedy == "write \"no\" in quotes if that is the path")
    }

    @Test(
        "anchors, aliases, tags, further documents, block texts and tabs are refused before YAML is read",
        arguments: [
            ("beta: &a 0.1", "recipe.anchor", "r.yaml:4:7"),
            ("beta: *a", "recipe.anchor", "r.yaml:4:7"),
            ("loss_type: [*a, sft]", "recipe.anchor", "r.yaml:4:13"),
            ("*a : 1", "recipe.anchor", "r.yaml:4:1"),
            ("? *a", "recipe.syntax", "r.yaml:4:1"),
            ("loss_type:\n  - &x sft", "recipe.anchor", "r.yaml:5:5"),
            ("seed: !!python/object 1", "recipe.tag", "r.yaml:4:7"),
            ("--- \nbeta: 1", "recipe.documents", "r.yaml:4:1"),
            ("beta: 1\n...\nseed: 1", "recipe.documents", "r.yaml:5:1"),
            ("%TAG ! x", "recipe.tag", "r.yaml:4:1"),
            ("dataset2: |\n  a", "recipe.syntax", "r.yaml:4:11"),
            ("\tbeta: 1", "recipe.syntax", "r.yaml:4:1"),
            ("adapter_init: \"a\n  *b\"", "recipe.syntax", "r.yaml:4:15"),
            ("adapter_init: 'a\n  *b'", "recipe.syntax", "r.yaml:4:15"),
            ("loss_type: [[[sft]]]", "recipe.syntax", "r.yaml:4:14"),
            ("beta: 0.1\nbeta: 0.2", "recipe.duplicate-key", "r.yaml:5:1"),
            ("beta: [", "recipe.syntax", ""),
            ("beta: {a: 1}", "recipe.wrong-kind", "r.yaml:4:7"),
            ("beta: [0.1]", "recipe.wrong-kind", "r.yaml:4:7"),
            ("loss_type: []", "recipe.wrong-kind", "r.yaml:4:12"),
            ("loss_type: [sft, sft]", "recipe.duplicate", "r.yaml:4:18"),
            ("loss_weights: [1, 2]", "recipe.conflict", "r.yaml"),
            ("warmup_ratio: 0.1\nwarmup_steps: 3", "recipe.conflict", "r.yaml"),
            ("warmup_steps: 30\nmax_steps: 3", "recipe.conflict", "r.yaml"),
            ("loss_type: sft\nlabel_smoothing: 0.1", "recipe.conflict", "r.yaml"),
            ("adapter_init: a\nlora_r: 4", "recipe.conflict", "r.yaml"),
        ])
    func refusals(_ text: String, _ code: String, _ place: String) throws {
        let refusal = try refusal(text)
        #expect(refusal.code == code)
        if !place.isEmpty { #expect(refusal.location == place) }
    }

    @Test("a star, an ampersand or an exclamation mark inside a word, a quote or a comment is text")
    func innocentMarks() throws {
        #expect(try read("adapter_init: a&b*c!d  # *not an alias, &not an anchor").adapterInit == "a&b*c!d")
        #expect(try read("adapter_init: '*x'").adapterInit == "*x")
        #expect(try read("adapter_init: \"a \\\" &b\"").adapterInit == "a \" &b")
        #expect(try Recipe(text: "---\n" + Self.least, named: "r.yaml").dataset == "d")
    }

    @Test("what is missing is named with what it is for")
    func missing() throws {
        let refusal = try #require(throws: Refusal.self) {
            try Recipe(text: "dataset: d\noutput_dir: o", named: "r.yaml")
        }
        #expect(
            refusal.description
                == "recipe.missing-key  r.yaml: \"model_name_or_path\" is missing; it has no default. Mend: add a line "
                + "\"model_name_or_path: …\": the base model, a GGUF file; its weights are never changed.")
    }

    @Test("an override wins over the file, a later one over an earlier one, and both are checked")
    func overrides() throws {
        let recipe = try read("beta: 0.1", ["beta=0.2", "beta=0.3", "loss_type=[sigmoid, sft]", "max_steps=5"])
        #expect(recipe.beta == 0.3)
        #expect(recipe.lossTypes == ["sigmoid", "sft"])
        #expect(recipe.maximumSteps == 5)
        #expect(try refusal("", ["beta=nan"]).location == "--set beta")
        #expect(try refusal("", ["beta"]).code == "recipe.override")
        #expect(try refusal("", ["=3"]).code == "recipe.override")
        #expect(try refusal("", ["beta="]).code == "recipe.not-a-number")
        #expect(try refusal("", ["beta=0.1\nseed: 3"]).code == "recipe.override")
        #expect(try refusal("", ["beta: 1, seed=3"]).code == "recipe.unknown-key")
        #expect(try refusal("", ["adapter_init=&a x"]).code == "recipe.anchor")
    }

    @Test("the canonical text reads back to the same recipe")
    func canonical() throws {
        let recipe = try read("beta: 0.3\nloss_type: [sigmoid, sft]\nloss_weights: [1, 0.5]\nlearning_rate: 5e-4")
        let text = recipe.canonicalText.replacing("adapter_init: none\n", with: "")
        var again = try Recipe(text: text, named: "again")
        again.givenKeys = recipe.givenKeys
        #expect(again == recipe)
    }

    @Test("a file that is not there, a folder and a file that is not text are each said so")
    func files() throws {
        let missing = try #require(throws: Refusal.self) { try Recipe(path: "no/such.yaml") }
        #expect(missing.description == "recipe.no-file  no/such.yaml: there is no such file. Mend: check the path.")
        let folder = try #require(throws: Refusal.self) { try Recipe(path: "/") }
        #expect(folder.code == "recipe.folder")
    }
}
