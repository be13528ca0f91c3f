"""LoRA adapters for the fixtures: all seven projections, every value from its PEFT key by the integer fill."""
import pathlib

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict

from golden_common import FIXTURES, PROJECTIONS, adapter_values

TINY_RANK, TINY_ALPHA, TINY_B = 4, 6, 0.05


def lora_config(r, alpha):
    return LoraConfig(r=r, lora_alpha=alpha, lora_dropout=0.0, target_modules=PROJECTIONS, bias="none", task_type="CAUSAL_LM")


def filled(model, r, alpha, b_scale):
    """The model with an adapter whose values come from the fill; b_scale 0 is a fresh one."""
    policy = get_peft_model(model, lora_config(r, alpha))
    set_filled(policy, b_scale)
    return policy


def set_filled(policy, b_scale):
    state = {k: adapter_values(k, tuple(v.shape), b_scale) for k, v in get_peft_model_state_dict(policy).items()}
    set_peft_model_state_dict(policy, state)
    for key, value in get_peft_model_state_dict(policy).items():
        assert torch.equal(value, state[key]), key


def adapter_folder(name):
    """The shipped adapter of a tiny model; None for the real one, whose adapter is only defined."""
    return FIXTURES / "adapters" / "tiny-trained" if name.startswith("tiny-") else None


def parameters_by_key(policy):
    """The adapter's parameters under PEFT's keys on disk, sorted."""
    named = {k.replace(".default.", "."): p for k, p in policy.named_parameters() if ".lora_" in k}
    return dict(sorted(named.items()))


def save(policy, folder):
    folder = pathlib.Path(folder)
    policy.save_pretrained(folder)
    (folder / "README.md").unlink(missing_ok=True)
    (folder / "adapter_model.safetensors").chmod(0o644)
