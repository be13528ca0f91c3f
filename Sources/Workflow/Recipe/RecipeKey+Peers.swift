extension RecipeKey {
    /// What to do about a key of TRL's `DPOConfig`, transformers' `TrainingArguments` or PEFT's `LoraConfig` that is not
    /// read here: who copies a recipe of theirs is told what stands in its place.
    static let ofPeers: [String: String] = [
        "bf16": "write compute_dtype: bfloat16, or leave it out for float32",
        "tf32": "write float32_matmul_precision: high, or leave it out for highest",
        "fp16": "leave it out for float32, or write compute_dtype: bfloat16",
        "dtype": "write compute_dtype: float32 or bfloat16; the base stays as it is quantised in its file",
        "torch_dtype": "write compute_dtype: float32 or bfloat16; the base stays as it is quantised in its file",
        "gradient_checkpointing":
            "leave it out; activation_memory says how much is kept, and what is not kept is computed again",
        "padding_free": "leave it out; no pass holds padding",
        "packing": "leave it out; sequences always stand side by side in a pass without seeing each other",
        "use_liger_kernel": "leave it out; the head and the loss are always computed together, a few tokens at a time",
        "max_prompt_length": "leave it out; max_length is for prompt and answer together, as in TRL 1.x",
        "max_completion_length": "leave it out; max_length is for prompt and answer together, as in TRL 1.x",
        "ref_model": "leave it out; the reference is the base without the adapter",
        "optim": "leave it out; the optimiser is AdamW",
        "r": "write lora_r",
        "target_modules": "write lora_target_modules",
        "lora_dropout": "leave it out; adapters are trained without dropout",
        "data_seed": "write seed; all randomness comes from it",
        "resume_from_checkpoint": "leave it out; the same command again goes on from the newest checkpoint",
        "eval_strategy": "leave it out; overread compare measures on held-out pairs after training",
        "eval_steps": "leave it out; overread compare measures on held-out pairs after training",
    ]
}
