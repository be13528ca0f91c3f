"""Loads a PEFT adapter folder on a GGUF model with peft itself and prints each pair's summed log-probabilities as JSON lines.

check_adapter.py MODEL.gguf ADAPTER_FOLDER PAIRS.jsonl [EXPECTED.json [TOLERANCE]]

Each line: index, counts, reference_* (adapter off) and policy_* (adapter on), fp32, one sequence at a time. EXPECTED.json is
a list with policy_chosen_logps and policy_rejected_logps by pair; the exit code is 1 if a value is further than TOLERANCE (0.01).
"""
import json
import sys

import torch
from peft import PeftModel
from safetensors import safe_open

from golden_common import load_model, load_tokenizer, read_jsonl, sequence_logps
from make_pairs import tokenised


@torch.no_grad()
def main(model_path, folder, pairs_path, expected_path=None, tolerance="0.01"):
    tokenizer = load_tokenizer(model_path)
    policy = PeftModel.from_pretrained(load_model(model_path), folder)
    policy.eval()
    loaded = {k.replace(".default.", "."): v for k, v in policy.named_parameters() if ".lora_" in k}
    with safe_open(f"{folder}/adapter_model.safetensors", "pt") as file:
        keys = set(file.keys())
        assert keys == set(loaded), f"keys on disk and in the model differ: {sorted(keys ^ set(loaded))[:8]}"
        for key in keys:
            assert torch.equal(file.get_tensor(key).float(), loaded[key]), f"{key} was not loaded as written"
    expected = json.load(open(expected_path)) if expected_path else None
    worst = 0.0
    keep = ("chosen_ids", "rejected_ids", "prompt_ids")
    rows = [{k: v for k, v in row.items() if k in ("prompt", "chosen", "rejected")} for row in read_jsonl(pairs_path)]
    for row in tokenised(rows, policy, tokenizer):
        out = {"index": row["index"], "counts": {k[:-4]: len(row[k]) for k in keep}}
        for side in ("chosen", "rejected"):
            with policy.disable_adapter():
                out[f"reference_{side}_logps"] = sequence_logps(policy, row["prompt_ids"], row[side + "_ids"]).sum().item()
            out[f"policy_{side}_logps"] = sequence_logps(policy, row["prompt_ids"], row[side + "_ids"]).sum().item()
            if expected:
                key = f"policy_{side}_logps"
                worst = max(worst, abs(out[key] - expected[row["index"]][key]))
        print(json.dumps(out))
    if expected:
        print(json.dumps({"largest_difference": worst, "tolerance": float(tolerance)}))
        return int(worst > float(tolerance))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
