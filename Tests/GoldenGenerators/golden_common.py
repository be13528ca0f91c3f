"""What the generators share: places, the integer fill, loading a GGUF file as fp32 torch weights, scoring one sequence."""
import copy
import json
import os
import pathlib

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import gguf
import numpy as np
import torch
from tokenizers import decoders, pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

torch.set_num_threads(1)
torch.use_deterministic_algorithms(True)

TESTS = pathlib.Path(__file__).resolve().parent.parent
FIXTURES = TESTS / "Fixtures"
MODELS = FIXTURES / "models"
PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
BETA = 0.1


def write_json(path, value):
    """Writes JSON with one member of the outermost list or object on a line, floats as shortest round-trip."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)

    def line(x):
        return json.dumps(x, ensure_ascii=True)

    if isinstance(value, list):
        text = "[\n" + ",\n".join(line(x) for x in value) + "\n]\n"
    else:
        parts = []
        for key, x in value.items():
            if isinstance(x, list) and x and isinstance(x[0], dict):
                parts.append(line(key) + ": [\n  " + ",\n  ".join(line(y) for y in x) + "\n ]")
            else:
                parts.append(line(key) + ": " + line(x))
        text = "{\n " + ",\n ".join(parts) + "\n}\n"
    path.write_text(text)
    print("wrote", path.relative_to(TESTS.parent) if path.is_relative_to(TESTS.parent) else path, len(text))


def read_jsonl(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines() if line]


def fnv1a64(text):
    """FNV-1a, 64 bits, of the UTF-8 bytes."""
    value = 0xCBF29CE484222325
    for byte in text.encode():
        value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def fill(key, shape, scale):
    """Row-major values in [-scale, scale): splitmix64 from the key's hash, 24 bits a value, scaled in fp64, rounded to fp32."""
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a64(key)) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    u = (z >> np.uint64(40)).astype(np.float64) / 2.0**24
    return ((u * 2 - 1) * scale).astype(np.float32).reshape(shape)


def adapter_values(key, shape, b_scale):
    """The value of one PEFT tensor: A in +-1/sqrt(in_features), B in +-b_scale (0: a fresh adapter)."""
    if ".lora_A." in key:
        return torch.from_numpy(fill(key, shape, 1.0 / np.sqrt(shape[1])))
    return torch.from_numpy(fill(key, shape, b_scale)) if b_scale else torch.zeros(shape)


def unpermute(rows, heads):
    """Undoes llama.cpp's order of q and k rows: interleaved pairs back to two halves per head."""
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, half, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def permute(rows, heads):
    """llama.cpp's order of q and k rows: the two halves of a head interleaved."""
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, 2, half, -1).swapaxes(1, 2).reshape(rows.shape)


HF_NAMES = {
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj", "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
}


def hf_name(name):
    if name == "token_embd.weight":
        return "model.embed_tokens.weight"
    if name == "output_norm.weight":
        return "model.norm.weight"
    _, block, part, _ = name.split(".")
    return f"model.layers.{block}.{HF_NAMES[part]}.weight"


def dequantised(path):
    """Every tensor by gguf-py, with Hugging Face's names and row order."""
    reader = gguf.GGUFReader(str(path))
    heads = reader.fields["llama.attention.head_count"].contents()
    kv_heads = reader.fields["llama.attention.head_count_kv"].contents()
    result = {}
    for tensor in reader.tensors:
        values = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
        values = values.reshape([int(n) for n in reversed(tensor.shape)])
        if ".attn_q." in tensor.name:
            values = unpermute(values, heads)
        if ".attn_k." in tensor.name:
            values = unpermute(values, kv_heads)
        result[hf_name(tensor.name)] = np.ascontiguousarray(values)
    return result


def load_model(path):
    """The model with fp32 weights as transformers reads them, checked against gguf-py and the file's metadata."""
    path = pathlib.Path(path)
    loaded = AutoModelForCausalLM.from_pretrained(str(path.parent), gguf_file=path.name, dtype=torch.float32)
    config = copy.deepcopy(loaded.config)
    for name in ("quantization_config", "_pre_quantization_dtype"):
        if hasattr(config, name):
            delattr(config, name)
    config._name_or_path = path.stem
    config._attn_implementation = "eager"
    model = LlamaForCausalLM(config)
    state = loaded.state_dict()
    expected = dequantised(path)
    for name, values in expected.items():
        assert state[name].dtype == torch.float32 and np.array_equal(state[name].numpy(), values), name
    assert set(state) - {"lm_head.weight"} == set(expected), set(state) ^ set(expected)
    model.load_state_dict(state)
    model.tie_weights()
    model.eval()

    field = {k: v.contents() for k, v in gguf.GGUFReader(str(path)).fields.items() if not k.startswith("GGUF")}
    assert config.tie_word_embeddings and model.lm_head.weight is model.model.embed_tokens.weight
    assert config.rope_parameters["rope_theta"] == field["llama.rope.freq_base"]
    assert config.rms_norm_eps == field["llama.attention.layer_norm_rms_epsilon"]
    assert config.num_attention_heads == field["llama.attention.head_count"]
    assert config.num_key_value_heads == field["llama.attention.head_count_kv"]
    assert config.hidden_size == field["llama.embedding_length"]
    assert config.intermediate_size == field["llama.feed_forward_length"]
    assert config.num_hidden_layers == field["llama.block_count"]
    assert config.vocab_size == field["llama.vocab_size"]
    assert config.head_dim == field["llama.rope.dimension_count"]
    return model


def load_tokenizer(path):
    """The file's tokenizer, with single digits before the byte-level split: transformers' GGUF loader leaves them out."""
    path = pathlib.Path(path)
    tokenizer = AutoTokenizer.from_pretrained(str(path.parent), gguf_file=path.name)
    tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    tokenizer.backend_tokenizer.decoder = decoders.ByteLevel()
    field = gguf.GGUFReader(str(path)).fields
    tokens = field["tokenizer.ggml.tokens"].contents()
    tokenizer.chat_template = field["tokenizer.chat_template"].contents()
    tokenizer.eos_token = tokens[field["tokenizer.ggml.eos_token_id"].contents()]
    tokenizer.pad_token = tokens[field["tokenizer.ggml.padding_token_id"].contents()]
    assert not field["tokenizer.ggml.add_bos_token"].contents()
    assert tokenizer("a")["input_ids"] == tokenizer.convert_tokens_to_ids(["a"])
    return tokenizer


def sequence_logps(model, prompt_ids, completion_ids):
    """Log-probabilities of the completion's tokens, of one sequence without padding; keeps the gradient."""
    ids = torch.tensor([prompt_ids + completion_ids])
    logits = model(input_ids=ids, use_cache=False).logits[0, len(prompt_ids) - 1:-1].float()
    return logits.log_softmax(-1).gather(-1, ids[0, len(prompt_ids):, None])[:, 0]
