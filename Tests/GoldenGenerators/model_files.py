"""Makes Tests/ModelFilesTests/Golden: small files written by the peers, to be read and written back byte for byte.

Run from the package's root:  python Tests/GoldenGenerators/model_files.py
Made with gguf 0.19.0, safetensors 0.8.0, torch 2.13.0, transformers 5.24.0, peft 0.21.2.
"""
import json
import pathlib

import gguf
import numpy as np
import torch
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType
from peft import LoraConfig, get_peft_model
from safetensors.torch import save
from transformers import LlamaConfig, LlamaForCausalLM

golden = pathlib.Path("Tests/ModelFilesTests/Golden")
golden.mkdir(parents=True, exist_ok=True)


def adapter():
    """A PEFT adapter with B matrices that are not zero, and its values as JSON."""
    torch.manual_seed(7)
    model = LlamaForCausalLM(LlamaConfig(
        vocab_size=32, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, tie_word_embeddings=True))
    model = get_peft_model(model, LoraConfig(
        r=2, lora_alpha=4, lora_dropout=0.05, target_modules=["q_proj", "v_proj", "down_proj"], use_rslora=True,
        task_type="CAUSAL_LM"))
    for name, parameter in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(parameter)
    model.save_pretrained(golden / "peft-adapter")
    (golden / "peft-adapter" / "README.md").unlink(missing_ok=True)


def safetensors():
    """Tensors of several types, in an order that is not the writer's, with awkward names and values."""
    tensors = {
        "zeta": torch.tensor([[1.0, -2.5, float("inf")], [0.0, 3.14159, 1e-40]], dtype=torch.float32),
        "alpha": torch.tensor([1.0, -65504.0, 6e-8, 0.333], dtype=torch.float16),
        "brain": torch.tensor([1.0, -3.0e38, 0.333], dtype=torch.bfloat16),
        "count": torch.tensor([[-1], [2**40]], dtype=torch.int64),
        "empty": torch.zeros((0, 4), dtype=torch.float32),
        "scalar": torch.tensor(7.5, dtype=torch.float32),
        "flag": torch.tensor([True, False, True]),
        "höhe \"q\"": torch.tensor([5, 250], dtype=torch.uint8),
    }
    (golden / "mixed.safetensors").write_bytes(save(tensors, metadata={"format": "pt"}))
    floats = {k: tensors[k].float().flatten().numpy().view(np.uint32).tolist() for k in ("zeta", "alpha", "brain", "scalar")}
    (golden / "mixed.bits.json").write_text(json.dumps(floats, indent=1))


def every_value():
    """A GGUF file with every metadata type and several tensor types, by the peer's writer."""
    writer = gguf.GGUFWriter(golden / "types.gguf", "llama")
    writer.add_uint8("t.u8", 200)
    writer.add_int8("t.i8", -100)
    writer.add_uint16("t.u16", 60000)
    writer.add_int16("t.i16", -30000)
    writer.add_uint32("t.u32", 4000000000)
    writer.add_int32("t.i32", -2000000000)
    writer.add_uint64("t.u64", 2**40)
    writer.add_int64("t.i64", -(2**40))
    writer.add_float32("t.f32", 0.1)
    writer.add_float64("t.f64", 0.1)
    writer.add_bool("t.bool", True)
    writer.add_string("t.string", "Größe")
    writer.add_array("t.strings", ["a", "", "ü€"])
    writer.add_array("t.ints", [1, -2, 3])
    writer.add_array("t.floats", [0.5, -0.25])
    rng = np.random.default_rng(1)
    full = rng.standard_normal((3, 64)).astype(np.float32)
    writer.add_tensor("full.weight", full)
    writer.add_tensor("half.weight", full.astype(np.float16))
    for name in ("Q4_0", "Q4_1", "Q8_0"):
        kind = GGMLQuantizationType[name]
        writer.add_tensor(f"{name.lower()}.weight", gguf.quants.quantize(full, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    reader = gguf.GGUFReader(golden / "types.gguf")
    places = [[t.name, int(t.tensor_type), t.shape.tolist(), int(t.data_offset), int(t.n_bytes)] for t in reader.tensors]
    (golden / "types.tensors.json").write_text(json.dumps(places, indent=1))
    sizes = {t.name: [t.value, *GGML_QUANT_SIZES[t]] for t in GGMLQuantizationType}
    (golden / "ggml-types.json").write_text(json.dumps(sizes, indent=1))


adapter()
safetensors()
every_value()
