"""Times TRL's DPOTrainer on the benchmark's pairs.  trl_dpo.py MODEL.gguf PAIRS.jsonl BATCH STEPS HELD_OUT [--precompute] [--bf16]

Prints one JSON object. The adapter starts as overread-bench's does: A from the integer fill, B zero. TRL's best setting on
a processor: all cores, SDPA attention, no gradient checkpointing, batch as asked.
"""
import json
import os
import pathlib
import resource
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "Tests" / "GoldenGenerators"))
import torch
from datasets import Dataset
from transformers import TrainerCallback
from trl import DPOConfig, DPOTrainer

from golden_adapters import lora_config, set_filled
from golden_common import load_model, load_tokenizer, read_jsonl


class Clock(TrainerCallback):
    def __init__(self):
        self.times, self.start = [], None

    def on_step_begin(self, *_, **__):
        self.start = time.perf_counter()

    def on_step_end(self, *_, **__):
        self.times.append(time.perf_counter() - self.start)


def main(path, pairs, batch, steps, held_out, *flags):
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    torch.use_deterministic_algorithms(False)
    rows = read_jsonl(pairs)
    rows, others = rows[:len(rows) - held_out], rows[len(rows) - held_out:]
    rows = [rows[i % len(rows)] for i in range(batch * steps)]
    bf16 = "--bf16" in flags
    model = load_model(path)
    model.config._attn_implementation = "sdpa"
    clock = Clock()
    with tempfile.TemporaryDirectory() as folder:
        trainer = DPOTrainer(
            model=model, processing_class=load_tokenizer(path), peft_config=lora_config(16, 32),
            train_dataset=Dataset.from_list(rows),
            eval_dataset=Dataset.from_list(others) if others else None, callbacks=[clock],
            args=DPOConfig(
                output_dir=folder, per_device_train_batch_size=batch, per_device_eval_batch_size=batch, gradient_accumulation_steps=1, max_steps=steps,
                learning_rate=1e-4, lr_scheduler_type="constant", warmup_steps=0, weight_decay=0.0, max_grad_norm=1.0, beta=0.1,
                loss_type=["sigmoid"], max_length=None, precompute_ref_log_probs="--precompute" in flags, logging_steps=1,
                report_to="none", save_strategy="no", use_cpu=True, bf16=bf16, fp16=False, gradient_checkpointing=False,
                train_sampling_strategy="sequential", disable_tqdm=True, seed=1, dataloader_pin_memory=False))
        set_filled(trainer.model, 0.0)
        first = trainer.train_dataset[:batch]
        tokens = sum(2 * len(p) + len(c) + len(r) for p, c, r in zip(
            first["prompt_ids"], first["chosen_ids"], first["rejected_ids"]))
        trainer.train()
        found = trainer.evaluate() if others else {}
    counted = sorted(clock.times[1:] or clock.times)
    middle = counted[len(counted) // 2] if len(counted) % 2 else sum(counted[len(counted) // 2 - 1:][:2]) / 2
    print(json.dumps({
        "batch": batch, "tokens": tokens, "step_seconds": clock.times[1:] or clock.times, "median_step_seconds": middle,
        "tokens_per_second": tokens / middle, "pairs_per_second": batch / middle,
        "held_out_accuracy": found.get("eval_rewards/accuracies"), "held_out_margin": found.get("eval_rewards/margins"),
        "losses": [e["loss"] for e in trainer.state.log_history if "loss" in e],
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024, "torch": torch.__version__}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]), *sys.argv[6:])
