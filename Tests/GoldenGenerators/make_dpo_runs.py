"""Makes Fixtures/runs: everything TRL's own DPOTrainer logs.  make_dpo_runs.py MODEL.gguf RUN...

The adapter starts from the integer fill with B = 0 (tiny: the shipped folder tiny-fresh, r = 4, alpha = 6; real: r = 2,
alpha = 4). Pairs are taken in order. The log is trainer.state.log_history, unrounded.
"""
import sys
import tempfile

import torch
from datasets import Dataset
from peft import get_peft_model_state_dict
from safetensors.torch import save_file
from trl import DPOConfig, DPOTrainer

from golden_adapters import TINY_ALPHA, TINY_RANK, lora_config, set_filled
from golden_common import FIXTURES, load_model, load_tokenizer, read_jsonl, write_json

COMMON = dict(
    per_device_train_batch_size=2, gradient_accumulation_steps=2, max_steps=8, learning_rate=1e-3, lr_scheduler_type="cosine",
    warmup_steps=2, weight_decay=0.01, max_grad_norm=1.0, beta=0.1, loss_type=["sigmoid"], max_length=None)
FILL = 16
RUNS = {
    # name: (model, first n pairs of pairs.jsonl, what differs from COMMON)
    "tiny-sigmoid": ("tiny-f32", FILL, {}),
    "tiny-sigmoid-precomputed": ("tiny-f32", FILL, dict(precompute_ref_log_probs=True)),
    "tiny-q4_1-sigmoid": ("tiny-q4_1", FILL, {}),
    "tiny-sigmoid-sft": ("tiny-f32", FILL, dict(loss_type=["sigmoid", "sft"], loss_weights=[1.0, 0.5])),
    "tiny-linear-truncated": ("tiny-f32", 17, dict(
        per_device_train_batch_size=4, gradient_accumulation_steps=1, lr_scheduler_type="linear", warmup_steps=0.3,
        max_length=138)),
    "tiny-constant-partial": ("tiny-f32", 18, dict(
        per_device_train_batch_size=2, gradient_accumulation_steps=4, lr_scheduler_type="constant_with_warmup", warmup_steps=3,
        max_grad_norm=0.05, weight_decay=0.1)),
    "tiny-evaluated": ("tiny-f32", 8, dict(
        eval_strategy="steps", eval_steps=2, per_device_eval_batch_size=4, eval_on_start=True, max_steps=4)),
    "tiny-ipo": ("tiny-f32", FILL, dict(loss_type=["ipo"], max_steps=4)),
    "tiny-hinge": ("tiny-f32", FILL, dict(loss_type=["hinge"], max_steps=4)),
    "tiny-robust": ("tiny-f32", FILL, dict(loss_type=["robust"], label_smoothing=0.1, max_steps=4)),
    "smollm2-sigmoid": ("smollm2-135m", FILL, {}),
    "smollm2-sigmoid-sft": ("smollm2-135m", FILL, dict(loss_type=["sigmoid", "sft"], loss_weights=[1.0, 1.0])),
}
TIMES = ("_runtime", "_per_second")


def run(path, name):
    model_name, count, differences = RUNS[name]
    tiny = model_name.startswith("tiny")
    r, alpha = (TINY_RANK, TINY_ALPHA) if tiny else (2, 4)
    settings = COMMON | differences
    every_row = read_jsonl(FIXTURES / "pairs" / "pairs.jsonl")
    rows, held_out = every_row[:count], every_row[10:16] if "eval_steps" in settings else None
    tokenizer = load_tokenizer(path)
    with tempfile.TemporaryDirectory() as folder:
        trainer = DPOTrainer(
            model=load_model(path), processing_class=tokenizer, peft_config=lora_config(r, alpha),
            train_dataset=Dataset.from_list([dict(row, index=i) for i, row in enumerate(rows)]),
            eval_dataset=Dataset.from_list(held_out) if held_out else None,
            args=DPOConfig(
                output_dir=folder, logging_steps=1, report_to="none", save_strategy="no", use_cpu=True, bf16=False, fp16=False,
                gradient_checkpointing=False, train_sampling_strategy="sequential", disable_tqdm=True, seed=1,
                dataloader_pin_memory=False, **settings))
        set_filled(trainer.model, 0.0)
        kept = [row["index"] for row in trainer.train_dataset]
        lengths = [[len(row[k]) for k in ("prompt_ids", "chosen_ids", "rejected_ids")] for row in trainer.train_dataset]
        trainer.train()
        groups = [{k: v for k, v in g.items() if k != "params"} | {"parameters": len(g["params"])}
                  for g in trainer.optimizer.param_groups]
        state = get_peft_model_state_dict(trainer.model)
    log = [entry for entry in trainer.state.log_history if "loss" in entry]
    evaluations = [{k: v for k, v in entry.items() if not k.endswith(TIMES)}
                   for entry in trainer.state.log_history if "eval_loss" in entry]
    tensors = [{"key": k, "norm": v.double().norm().item(), "sum": v.double().sum().item()} for k, v in sorted(state.items())]
    if not tiny:
        tensors = [t for t in tensors if any(f".layers.{i}." in t["key"] for i in (0, 14, 29))]
    result = {
        "model": model_name, "pairs": "pairs.jsonl", "pair_count": count, "r": r, "lora_alpha": alpha,
        "settings": settings, "kept_indices": kept, "lengths": lengths,
        "optimizer_class": type(trainer.optimizer.optimizer).__name__,
        "optimizer_groups": [{k: v for k, v in g.items() if isinstance(v, (int, float, list, tuple, bool))} for g in groups],
        "train_loss": trainer.state.log_history[-1]["train_loss"], "log": log, "final_adapter": tensors}
    if evaluations:
        result |= {"evaluation_indices": list(range(10, 16)), "evaluations": evaluations}
    if name == "tiny-sigmoid":
        save_file({k: v.contiguous() for k, v in state.items()}, FIXTURES / "runs" / f"{name}.adapter.safetensors")
    write_json(FIXTURES / "runs" / f"{name}.json", result)
    for entry in log:
        print({k: (round(v, 6) if isinstance(v, float) else v) for k, v in entry.items()})


if __name__ == "__main__":
    for each in sys.argv[2:]:
        torch.manual_seed(1)
        run(sys.argv[1], each)
