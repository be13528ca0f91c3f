"""Makes Fixtures/adapters: two PEFT folders for the tiny model, and examples of the integer fill.  make_adapters.py [MODEL.gguf]"""
import sys

import torch
from peft import get_peft_model_state_dict

from golden_adapters import TINY_ALPHA, TINY_B, TINY_RANK, filled, save
from golden_common import FIXTURES, MODELS, adapter_values, fnv1a64, load_model, write_json


def examples(policy, b_scale):
    rows = []
    for key, value in sorted(get_peft_model_state_dict(policy).items()):
        values = value.flatten().double()
        rows.append({"key": key, "shape": list(value.shape), "fnv1a64": str(fnv1a64(key)), "first": value.flatten()[:5].tolist(),
                     "sum": values.sum().item(), "norm": values.norm().item()})
    return rows


def main(real):
    for folder, b_scale in (("tiny-trained", TINY_B), ("tiny-fresh", 0.0)):
        policy = filled(load_model(MODELS / "tiny-f32.gguf"), TINY_RANK, TINY_ALPHA, b_scale)
        policy.peft_config["default"].base_model_name_or_path = "tiny-f32"
        save(policy, FIXTURES / "adapters" / folder)
        if b_scale:
            write_json(FIXTURES / "adapters" / "tiny-fill.json", {
                "r": TINY_RANK, "lora_alpha": TINY_ALPHA, "b_scale": b_scale, "tensors": examples(policy, b_scale)})
    if real:
        policy = filled(load_model(real), 2, 4, 0.01)
        rows = examples(policy, 0.01)
        write_json(FIXTURES / "adapters" / "smollm2-135m-fill.json", {
            "r": 2, "lora_alpha": 4, "b_scale": 0.01, "tensors": [r for r in rows if ".layers.0." in r["key"] or ".layers.29." in r["key"]]})


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
