"""Makes Fixtures/models: one random Llama with a byte-level vocabulary of 320 tokens, as GGUF in six types.

Also dequantised.safetensors: some tensors of each file as gguf-py dequantises them, in the file's own row order.
"""
import gguf
import numpy as np
from gguf.constants import GGMLQuantizationType as Type, LlamaFileType
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from golden_common import MODELS, permute
from golden_texts import TINY_CORPUS

VOCABULARY, HIDDEN, INTERMEDIATE, LAYERS, HEADS, KV_HEADS, HEAD_DIM = 320, 64, 128, 2, 4, 2, 16
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CHAT_TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are a "
    "helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}{% endif %}{{'<|im_start|>' + message['role'] "
    "+ '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' "
    "}}{% endif %}")
FILES = [
    ("tiny-f32", Type.F32, LlamaFileType.ALL_F32), ("tiny-f16", Type.F16, LlamaFileType.MOSTLY_F16),
    ("tiny-bf16", Type.BF16, LlamaFileType.MOSTLY_BF16), ("tiny-q8_0", Type.Q8_0, LlamaFileType.MOSTLY_Q8_0),
    ("tiny-q4_0", Type.Q4_0, LlamaFileType.MOSTLY_Q4_0), ("tiny-q4_1", Type.Q4_1, LlamaFileType.MOSTLY_Q4_1),
]


def vocabulary():
    """Three control tokens, 256 bytes, and merges learnt from the committed texts: 320 tokens."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.train_from_iterator([TINY_CORPUS], trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=SPECIAL, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False))
    import json
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    tokens = [tokenizer.id_to_token(i) for i in range(VOCABULARY)]
    assert len(set(tokens)) == VOCABULARY and len(merges) == VOCABULARY - 256 - len(SPECIAL)
    return tokens, [" ".join(pair) for pair in merges]


def weights():
    """Matrices with deviation 0.15, norms about 1; GGUF names, Hugging Face's row order."""
    random = np.random.Generator(np.random.PCG64(20261124))

    def matrix(rows, columns):
        return (random.standard_normal((rows, columns)) * 0.15).astype(np.float32)

    def norm():
        return (1 + random.standard_normal(HIDDEN) * 0.1).astype(np.float32)

    result = {"token_embd.weight": matrix(VOCABULARY, HIDDEN), "output_norm.weight": norm()}
    for i in range(LAYERS):
        for name, rows, columns in [
            ("attn_q", HEADS * HEAD_DIM, HIDDEN), ("attn_k", KV_HEADS * HEAD_DIM, HIDDEN),
            ("attn_v", KV_HEADS * HEAD_DIM, HIDDEN), ("attn_output", HIDDEN, HEADS * HEAD_DIM),
            ("ffn_gate", INTERMEDIATE, HIDDEN), ("ffn_up", INTERMEDIATE, HIDDEN), ("ffn_down", HIDDEN, INTERMEDIATE),
        ]:
            result[f"blk.{i}.{name}.weight"] = matrix(rows, columns)
        result[f"blk.{i}.attn_norm.weight"] = norm()
        result[f"blk.{i}.ffn_norm.weight"] = norm()
    return result


def write(name, kind, file_type, tensors, tokens, merges):
    writer = gguf.GGUFWriter(MODELS / f"{name}.gguf", "llama")
    writer.add_type("model")
    writer.add_name("Tiny random llama for tests")
    writer.add_block_count(LAYERS)
    writer.add_context_length(1024)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(INTERMEDIATE)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(KV_HEADS)
    writer.add_rope_freq_base(10000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(file_type)
    writer.add_vocab_size(VOCABULARY)
    writer.add_rope_dimension_count(HEAD_DIM)
    writer.add_add_space_prefix(False)
    writer.add_add_bos_token(False)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL if t in SPECIAL else gguf.TokenType.NORMAL for t in tokens])
    writer.add_token_merges(merges)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_pad_token_id(2)
    writer.add_chat_template(CHAT_TEMPLATE)
    if kind not in (Type.F32, Type.F16, Type.BF16):
        writer.add_quantization_version(2)
    for key, values in tensors.items():
        if ".attn_q." in key:
            values = permute(values, HEADS)
        if ".attn_k." in key:
            values = permute(values, KV_HEADS)
        type_here = Type.F32 if values.ndim == 1 else kind
        data = gguf.quantize(np.ascontiguousarray(values), type_here)
        writer.add_tensor(key, data, raw_dtype=type_here)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    MODELS.mkdir(parents=True, exist_ok=True)
    tokens, merges = vocabulary()
    tensors = weights()
    expected = {}
    for name, kind, file_type in FILES:
        write(name, kind, file_type, tensors, tokens, merges)
        for tensor in gguf.GGUFReader(str(MODELS / f"{name}.gguf")).tensors:
            if kind != Type.F32 and tensor.name in ("blk.0.attn_k.weight", "blk.1.attn_v.weight"):
                values = gguf.dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
                expected[f"{name}/{tensor.name}"] = np.ascontiguousarray(values)
    save_file(expected, MODELS / "dequantised.safetensors")


if __name__ == "__main__":
    main()
