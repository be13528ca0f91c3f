"""Writes a random Llama of 1.7 billion parameters in Q4_0 with another model's tokenizer.  make_random_llama.py SMALL.gguf OUT.gguf

The shape is SmolLM2-1.7B's; the weights are noise. It measures memory and speed, nothing else.
"""
import sys

import gguf
import numpy as np

HIDDEN, INNER, LAYERS, HEADS, VOCABULARY, CONTEXT = 2048, 8192, 24, 32, 49152, 8192


def q4_0(random, rows, columns, deviation):
    """Blocks of 32 values: an fp16 scale and 16 bytes of two nibbles, uniform over -8 … 7."""
    blocks = random.integers(0, 256, (rows, columns // 32, 18), dtype=np.uint8)
    scale = np.float16(deviation / 4.6)
    blocks[:, :, :2] = np.frombuffer(scale.tobytes(), np.uint8)
    return blocks.reshape(rows, columns // 32 * 18)


def main(small, out):
    random = np.random.default_rng(7)
    reader = gguf.GGUFReader(small)
    writer = gguf.GGUFWriter(out, "llama")
    writer.add_name("random 1.7B")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(INNER)
    writer.add_block_count(LAYERS)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(HIDDEN // HEADS)
    writer.add_rope_freq_base(130000.0)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    for name, field in reader.fields.items():
        if not name.startswith("tokenizer."):
            continue
        value, kind = field.contents(), field.types[0]
        if kind == gguf.GGUFValueType.ARRAY:
            writer.add_array(name, value)
        else:
            writer.add_key_value(name, value, kind)

    def matrix(name, rows, columns, deviation=0.02):
        writer.add_tensor(name, q4_0(random, rows, columns, deviation), raw_dtype=gguf.GGMLQuantizationType.Q4_0)

    def ones(name):
        writer.add_tensor(name, np.ones(HIDDEN, np.float32))

    matrix("token_embd.weight", VOCABULARY, HIDDEN)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        ones(block + "attn_norm.weight")
        ones(block + "ffn_norm.weight")
        for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
            matrix(f"{block}{part}.weight", HIDDEN, HIDDEN)
        matrix(block + "ffn_gate.weight", INNER, HIDDEN)
        matrix(block + "ffn_up.weight", INNER, HIDDEN)
        matrix(block + "ffn_down.weight", HIDDEN, INNER)
    ones("output_norm.weight")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
