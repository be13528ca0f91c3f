"""Replays the tiny runs from TRL-NOTES.md alone (no trl, no Trainer, no torch.optim) and compares every logged value.

check_notes.py [RUN...]     prints, for each run, the largest difference of each metric; exits 1 if one is too large.
"""
import json
import math
import sys

import torch
from peft import PeftModel

from golden_common import FIXTURES, MODELS, load_model, read_jsonl, sequence_logps
from golden_adapters import parameters_by_key

TOLERANCE = {"rewards": 2e-5, "logps": 2e-4, "logits": 1e-6, "grad_norm": 5e-5, "final": 2e-6}


def logsigmoid(x):
    return torch.nn.functional.logsigmoid(x)


def pair_loss(kind, s, beta, dw, dl, nw, nl):
    if kind == "sigmoid":
        return -logsigmoid(beta * (dw - dl))
    if kind == "hinge":
        return torch.relu(1 - beta * (dw - dl))
    if kind == "ipo":
        return (dw / nw - dl / nl - 1 / (2 * beta)) ** 2
    if kind == "robust":
        e = s["label_smoothing"]
        return (-(1 - e) * logsigmoid(beta * (dw - dl)) + e * logsigmoid(-beta * (dw - dl))) / (1 - 2 * e)
    raise ValueError(kind)


def side(policy, prompt, completion):
    """Log-probabilities with gradient, entropies, mean logits, top-1 hits of one completion."""
    ids = torch.tensor([prompt + completion])
    logits = policy(input_ids=ids, use_cache=False).logits[0, len(prompt) - 1:-1]
    logp = logits.log_softmax(-1)
    target = ids[0, len(prompt):]
    with torch.no_grad():
        entropy = -(logp.exp() * logp).sum(-1)
        return_values = entropy, logits.mean(-1), logits.argmax(-1) == target
    return logp.gather(-1, target[:, None])[:, 0], *return_values


def micro_batch(policy, rows, s, scale):
    beta, metrics = s["beta"], {}
    sides = {"chosen": [], "rejected": []}
    reference = {"chosen": [], "rejected": []}
    tokens = 0
    for row in rows:
        for name in sides:
            completion = row[name + "_ids"]
            if s["max_length"] is not None:
                completion = completion[:s["max_length"] - len(row["prompt_ids"])]
            tokens += len(row["prompt_ids"]) + len(completion)
            sides[name].append(side(policy, row["prompt_ids"], completion))
            with torch.no_grad(), policy.disable_adapter():
                reference[name].append(sequence_logps(policy, row["prompt_ids"], completion).sum())
    sums = {n: torch.stack([x[0].sum() for x in v]) for n, v in sides.items()}
    ratios = {n: sums[n] - torch.stack(reference[n]) for n in sides}
    lengths = {n: torch.tensor([len(x[0]) for x in v]) for n, v in sides.items()}
    loss = 0.0
    for kind, weight in zip(s["loss_type"], s.get("loss_weights") or [1.0] * len(s["loss_type"])):
        if kind == "sft":
            loss = loss - weight * sums["chosen"].sum() / lengths["chosen"].sum()
        else:
            loss = loss + weight * pair_loss(
                kind, s, beta, ratios["chosen"], ratios["rejected"], lengths["chosen"], lengths["rejected"]).mean()
    if scale:
        (loss / scale).backward()
    with torch.no_grad():
        every = sides["chosen"] + sides["rejected"]
        metrics["entropy"] = torch.cat([x[1] for x in every]).mean().item()
        for n in sides:
            metrics[f"logits/{n}"] = torch.cat([x[2] for x in sides[n]]).mean().item()
            metrics[f"rewards/{n}"] = beta * ratios[n].mean().item()
            metrics[f"logps/{n}"] = sums[n].mean().item()
        metrics["mean_token_accuracy"] = torch.cat([x[3] for x in sides["chosen"]]).float().mean().item()
        metrics["rewards/accuracies"] = (ratios["chosen"] > ratios["rejected"]).float().mean().item()
        metrics["rewards/margins"] = beta * (ratios["chosen"] - ratios["rejected"]).mean().item()
    return loss.item(), metrics, tokens


def factor(kind, done, warm_up, steps):
    if done < warm_up:
        return done / max(1, warm_up)
    if kind == "cosine":
        return max(0.0, 0.5 * (1 + math.cos(math.pi * (done - warm_up) / max(1, steps - warm_up))))
    if kind == "linear":
        return max(0.0, (steps - done) / max(1, steps - warm_up))
    return 1.0


def evaluate(policy, rows, s):
    size = s["per_device_eval_batch_size"]
    losses, metrics = [], []
    with torch.no_grad():
        for i in range(0, len(rows), size):
            loss, m, _ = micro_batch(policy, rows[i:i + size], s, None)
            losses += [loss] * len(rows[i:i + size])
            metrics.append(m)
    return {"loss": sum(losses) / len(losses)} | {k: sum(m[k] for m in metrics) / len(metrics) for k in metrics[0]}


def replay(name):
    expected = json.loads((FIXTURES / "runs" / f"{name}.json").read_text())
    s, worst = expected["settings"], {}

    def compare(key, got, want):
        worst[key] = max(worst.get(key, 0.0), abs(got - want))

    policy = PeftModel.from_pretrained(
        load_model(MODELS / f"{expected['model']}.gguf"), FIXTURES / "adapters" / "tiny-fresh", is_trainable=True).eval()
    every_row = json.loads((FIXTURES / "pairs" / "tiny-f32.pairs.json").read_text())
    rows = every_row[:expected["pair_count"]]
    if s["max_length"] is not None:
        rows = [r for r in rows if len(r["prompt_ids"]) < s["max_length"]]
    assert [r["index"] for r in rows] == expected["kept_indices"]
    size, accumulation, steps = s["per_device_train_batch_size"], s["gradient_accumulation_steps"], s["max_steps"]
    warm_up = int(s["warmup_steps"]) if s["warmup_steps"] >= 1 else math.ceil(steps * s["warmup_steps"])
    batches = [rows[i:i + size] for i in range(0, len(rows), size)]
    parameters = list(parameters_by_key(policy).values())
    moments = [(torch.zeros_like(p), torch.zeros_like(p)) for p in parameters]
    evaluations = list(expected.get("evaluations", []))

    def check_evaluation():
        if evaluations and evaluations[0]["step"] == done:
            want = evaluations.pop(0)
            for key, value in evaluate(policy, [every_row[i] for i in expected["evaluation_indices"]], s).items():
                compare("eval_" + key, value, want["eval_" + key])

    done, tokens = 0, 0
    check_evaluation()
    while done < steps:
        for start in range(0, len(batches), accumulation):
            group = batches[start:start + accumulation]
            losses, metrics = [], []
            for batch in group:
                loss, m, count = micro_batch(policy, batch, s, len(group))
                losses.append(loss)
                metrics.append(m)
                tokens += count
            norm = torch.stack([p.grad.norm() for p in parameters]).norm()
            clip = min(1.0, s["max_grad_norm"] / (norm.item() + 1e-6))
            rate, t = s["learning_rate"] * factor(s["lr_scheduler_type"], done, warm_up, steps), done + 1
            with torch.no_grad():
                for p, (m, v) in zip(parameters, moments):
                    g = p.grad * clip
                    p *= 1 - rate * s["weight_decay"]
                    m.mul_(0.9).add_(g, alpha=0.1)
                    v.mul_(0.999).addcmul_(g, g, value=0.001)
                    p -= rate / (1 - 0.9**t) * m / (v.sqrt() / math.sqrt(1 - 0.999**t) + 1e-8)
                    p.grad = None
            want = expected["log"][done]
            got = {"loss": sum(losses) / len(losses), "grad_norm": norm.item(), "learning_rate": rate, "num_tokens": tokens,
                   "epoch": done // math.ceil(len(batches) / accumulation) + (start + len(group)) / len(batches), "step": t}
            got |= {k: sum(m[k] for m in metrics) / len(metrics) for k in metrics[0]}
            assert set(got) == set(want), set(got) ^ set(want)
            for key in want:
                compare(key, got[key], want[key])
            done += 1
            check_evaluation()
            if done == steps:
                break
    for row in expected["final_adapter"]:
        compare("final", parameters_by_key(policy)[row["key"]].double().norm().item(), row["norm"])
    failed = {k: v for k, v in worst.items() if v > TOLERANCE.get(k.removeprefix("eval_").split("/")[0], 1e-5)}
    print(name, {k: float(f"{v:.1e}") for k, v in worst.items() if v > 0}, "FAILED" if failed else "agrees")
    return bool(failed)


if __name__ == "__main__":
    names = sys.argv[1:] or sorted(p.stem for p in (FIXTURES / "runs").glob("tiny-*.json"))
    sys.exit(any([replay(name) for name in names]))
