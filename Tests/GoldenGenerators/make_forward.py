"""Makes Fixtures/forward: logits, log-sum-exp, perplexity.  make_forward.py MODEL.gguf NAME (full|top)"""
import math
import sys

import torch
from safetensors.torch import save_file

from golden_common import FIXTURES, load_model, load_tokenizer, write_json
from golden_texts import FORWARD_TEXTS, PERPLEXITY_TEXT


@torch.no_grad()
def main(path, name, how):
    model, tokenizer = load_model(path), load_tokenizer(path)
    tensors, sequences = {}, []
    for index, text in enumerate(FORWARD_TEXTS):
        ids = tokenizer(text)["input_ids"]
        logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0]
        if how == "full":
            ids = ids[:32]
            tensors[f"logits.{index}"] = logits[:32].contiguous()
            tensors[f"ids.{index}"] = torch.tensor(ids, dtype=torch.int32)
            sequences.append({"ids": ids, "logits": f"logits.{index}"})
            continue
        positions = sorted({0, 1, len(ids) // 2, len(ids) - 2, len(ids) - 1})
        rows = []
        for position in positions:
            row = logits[position]
            top = row.topk(12)
            rows.append({
                "position": position, "log_sum_exp": row.logsumexp(-1).item(), "mean": row.double().mean().item(),
                "minimum": row.min().item(), "top_ids": top.indices.tolist(), "top_logits": top.values.tolist(),
                "every_4096th": row[::4096].tolist()})
        sequences.append({"text": text, "ids": ids, "positions": rows})
    if how == "full":
        save_file(tensors, FIXTURES / "forward" / f"{name}.logits.safetensors")
    else:
        write_json(FIXTURES / "forward" / f"{name}.logits.json", sequences)
    ids = tokenizer(PERPLEXITY_TEXT)["input_ids"][:1024]
    logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, :-1]
    nll = -logits.log_softmax(-1).gather(-1, torch.tensor(ids)[1:, None])[:, 0]
    mean = nll.double().mean().item()
    write_json(FIXTURES / "forward" / f"{name}.perplexity.json", {
        "text": PERPLEXITY_TEXT, "ids": ids, "scored_tokens": len(ids) - 1, "mean_nll": mean, "perplexity": math.exp(mean),
        "token_nll": nll.tolist()})
    print(name, "tokens", len(ids), "mean nll", mean, "perplexity", math.exp(mean), "logit std", logits.std().item())


if __name__ == "__main__":
    main(*sys.argv[1:4])
