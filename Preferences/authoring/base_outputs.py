"""Writes base_outputs.json: what the untrained base model answers to the prompts that make_pairs.py --prompts prints.

Run only by the authors of the data:
    python3 make_pairs.py --prompts | python3 base_outputs.py SmolLM2-135M-Instruct.Q4_1.gguf
Needs the packages torch, transformers and gguf. Greedy decoding, at most 60 new tokens, one prompt at a time.
"""
import hashlib
import json
import pathlib
import sys

import tokenizers
import torch
import transformers

MAX_NEW_TOKENS = 60


def main():
    torch.set_num_threads(2)
    path = pathlib.Path(sys.argv[1])
    tokenizer = transformers.AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    # The GGUF loader of transformers forgets that this model's pre-tokenizer splits digits one by one.
    pre = tokenizers.pre_tokenizers
    tokenizer.backend_tokenizer.pre_tokenizer = pre.Sequence(
        [pre.Digits(individual_digits=True), pre.ByteLevel(add_prefix_space=False, use_regex=True)])
    model = transformers.AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
    model.eval()
    outputs = []
    for line in sys.stdin:
        case = json.loads(line)
        ids = tokenizer.apply_chat_template(
            [{"role": "user", "content": case["prompt"]}], add_generation_prompt=True, return_tensors="pt",
            return_dict=True)
        with torch.no_grad():
            new = model.generate(**ids, max_new_tokens=MAX_NEW_TOKENS, do_sample=False)[0, ids["input_ids"].shape[1]:]
        text = tokenizer.decode(new, skip_special_tokens=True).strip()
        outputs.append({"id": case["id"], "prompt_sha256": hashlib.sha256(case["prompt"].encode()).hexdigest(),
                        "output": text})
        print(case["id"], len(new), file=sys.stderr, flush=True)
    made = {
        "model": path.name, "model_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "with": "transformers %s, torch %s, float32" % (transformers.__version__, torch.__version__),
        "decoding": "greedy, at most %d new tokens, the model's own chat template" % MAX_NEW_TOKENS,
    }
    target = pathlib.Path(__file__).resolve().parent / "base_outputs.json"
    target.write_text(json.dumps({"made": made, "outputs": outputs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
