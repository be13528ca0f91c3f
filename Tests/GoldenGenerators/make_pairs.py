"""Makes Fixtures/pairs: TRL's own token ids of each pair and the summed log-probabilities.  make_pairs.py MODEL.gguf NAME

The ids come from DPOTrainer's dataset preparation itself. Log-probabilities: fp32, one sequence at a time, no padding;
"reference" without an adapter, and "policy" with the adapter of ADAPTERS, or the integer fill with r = 2, alpha = 4.
"""
import sys
import tempfile

import torch
from datasets import Dataset
from peft import PeftModel
from trl import DPOConfig, DPOTrainer

from golden_adapters import adapter_folder, filled
from golden_common import FIXTURES, load_model, load_tokenizer, read_jsonl, sequence_logps, write_json


def tokenised(rows, model, tokenizer, max_length=None):
    """The rows as DPOTrainer prepares them: prompt_ids, chosen_ids, rejected_ids."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = DPOConfig(
            output_dir=folder, max_length=max_length, use_cpu=True, bf16=False, report_to="none", disable_tqdm=True,
            gradient_checkpointing=False)
        trainer = DPOTrainer.__new__(DPOTrainer)
        trainer._tokenizer = tokenizer
        dataset = Dataset.from_list([dict(row, index=i) for i, row in enumerate(rows)])
        dataset = trainer._prepare_dataset(dataset, tokenizer, arguments, "train")
        return [{k: row[k] for k in ("index", "prompt_ids", "chosen_ids", "rejected_ids")} for row in dataset]


def main(path, name):
    tokenizer = load_tokenizer(path)
    base = load_model(path)
    folder = adapter_folder(name)
    policy = PeftModel.from_pretrained(base, folder) if folder else filled(base, r=2, alpha=4, b_scale=0.01)
    policy.eval()
    for file in ("pairs", "pairs-plain"):
        rows = tokenised(read_jsonl(FIXTURES / "pairs" / f"{file}.jsonl"), policy, tokenizer)
        result = []
        with torch.no_grad():
            for row in rows:
                out = {"index": row["index"], "prompt_ids": row["prompt_ids"], "chosen_ids": row["chosen_ids"],
                       "rejected_ids": row["rejected_ids"],
                       "counts": {k: len(row[k + "_ids"]) for k in ("prompt", "chosen", "rejected")}}
                for side in ("chosen", "rejected"):
                    with policy.disable_adapter():
                        out[f"reference_{side}_logps"] = sequence_logps(
                            policy, row["prompt_ids"], row[side + "_ids"]).sum().item()
                    out[f"policy_{side}_logps"] = sequence_logps(
                        policy, row["prompt_ids"], row[side + "_ids"]).sum().item()
                result.append(out)
        write_json(FIXTURES / "pairs" / f"{name}.{file}.json", result)
        first = result[0]
        print({k: v for k, v in first.items() if not k.endswith("_ids")}, [r["counts"] for r in result])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
