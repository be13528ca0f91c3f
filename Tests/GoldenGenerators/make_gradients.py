"""Makes Fixtures/gradients: the sigmoid DPO loss of four pairs and its gradient by autograd.  make_gradients.py MODEL.gguf NAME

Loss: mean over the pairs of -log sigmoid(beta * h), beta 0.1, reference = adapter off, one sequence at a time, fp32.
A tiny model gets whole tensors; the real one the norm, the sum and eight entries (flat row-major places) of each tensor.
"""
import sys

import torch
import torch.nn.functional as F
from peft import PeftModel
from safetensors.torch import save_file

from golden_adapters import adapter_folder, filled, parameters_by_key
from golden_common import BETA, FIXTURES, load_model, load_tokenizer, read_jsonl, sequence_logps, write_json
from make_pairs import tokenised

PAIRS = [0, 1, 5, 8]


def main(path, name):
    folder = adapter_folder(name)
    base = load_model(path)
    policy = (PeftModel.from_pretrained(base, folder, is_trainable=True) if folder else filled(base, 2, 4, 0.01))
    policy.eval()
    rows = tokenised(read_jsonl(FIXTURES / "pairs" / "pairs.jsonl"), policy, load_tokenizer(path))
    total, pairs = 0.0, []
    for index in PAIRS:
        row = rows[index]
        with torch.no_grad(), policy.disable_adapter():
            reference = [sequence_logps(policy, row["prompt_ids"], row[s + "_ids"]).sum() for s in ("chosen", "rejected")]
        logps = [sequence_logps(policy, row["prompt_ids"], row[s + "_ids"]).sum() for s in ("chosen", "rejected")]
        h = (logps[0] - reference[0]) - (logps[1] - reference[1])
        loss = -F.logsigmoid(BETA * h)
        (loss / len(PAIRS)).backward()
        total += loss.item() / len(PAIRS)
        pairs.append({"index": index, "h": h.item(), "loss": loss.item(),
                      "policy": [x.item() for x in logps], "reference": [x.item() for x in reference]})
    gradients = {key: p.grad for key, p in parameters_by_key(policy).items()}
    norm = torch.stack([g.double().norm() for g in gradients.values()]).norm().item()
    report = {"beta": BETA, "pair_indices": PAIRS, "loss": total, "gradient_norm": norm, "pairs": pairs}
    if folder:
        save_file({k: g.contiguous() for k, g in gradients.items()}, FIXTURES / "gradients" / f"{name}.gradients.safetensors")
    else:
        report |= {"r": 2, "lora_alpha": 4, "b_scale": 0.01}
        report["tensors"] = []
        for key, gradient in gradients.items():
            flat = gradient.flatten()
            places = [i * (flat.numel() - 1) // 7 for i in range(8)]
            report["tensors"].append({
                "key": key, "shape": list(gradient.shape), "norm": float(f"{flat.double().norm().item():.9g}"),
                "sum": float(f"{flat.double().sum().item():.9g}"), "places": places,
                "values": [float(f"{v:.9g}") for v in flat[places].tolist()]})
    write_json(FIXTURES / "gradients" / f"{name}.gradients.json", report)
    print({k: v for k, v in report.items() if k != "tensors"})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
